// Mustache by kainjow's header (Boost licence) behind a C interface.
//
// Values are inserted and never parsed; partials are expected to be expanded before parsing.
#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A value a template can show: text, a truth value, a list, or an object.
typedef struct dbk_mustache_value dbk_mustache_value;

/// Makes text; the bytes are copied. NULL without memory, as for all makers below.
dbk_mustache_value *dbk_mustache_text(const char *bytes, size_t length);
dbk_mustache_value *dbk_mustache_bool(int truth);
dbk_mustache_value *dbk_mustache_list(void);
dbk_mustache_value *dbk_mustache_object(void);

/// Moves `item` to the end of `list`, or under `key` into `object`; `item` is freed in any case.
/// Returns 0, or -1 without memory.
int dbk_mustache_append(dbk_mustache_value *list, dbk_mustache_value *item);
int dbk_mustache_set(dbk_mustache_value *object, const char *key, dbk_mustache_value *item);

void dbk_mustache_free(dbk_mustache_value *value);

/// Parses a template and, where `root` is not NULL, renders it.
///
/// - `output`, `output_length`: the text, to be freed by the caller with `free`; set on success.
/// - `message`: what is wrong, to be freed by the caller with `free`; set on failure.
/// - `position`: the byte in the template where it is wrong; (size_t)-1 when not known.
/// Returns 0 on success, -1 on failure. A name for which `root` has no value is a failure.
int dbk_mustache_render(const char *source, size_t source_length, const dbk_mustache_value *root,
                        char **output, size_t *output_length, char **message, size_t *position);

#ifdef __cplusplus
}
#endif
