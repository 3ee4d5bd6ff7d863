#pragma once
// JSON for log lines behind a C interface: simdjson's on-demand parser for whole objects, and the
// few byte loops that must run at memory speed. Nothing here allocates but the parser's own buffers.
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// How many bytes past a text must be readable (of any value) for `dbk_json_fields`.
#define DBK_JSON_PADDING 64

// Owns simdjson's buffers, which grow with the largest text seen.
typedef struct dbk_json_parser dbk_json_parser;
dbk_json_parser *dbk_json_parser_create(void);
void dbk_json_parser_destroy(dbk_json_parser *parser);

typedef enum dbk_json_kind {
  DBK_JSON_STRING = 1,
  DBK_JSON_NUMBER,
  DBK_JSON_OBJECT,
  DBK_JSON_ARRAY,
  DBK_JSON_OTHER,
} dbk_json_kind;

// One field of an object, by offsets into the text. Keys and strings are without their quotes and
// still escaped; objects and arrays are with their brackets.
typedef struct dbk_json_field {
  uint32_t key_offset;
  uint32_t key_length;
  uint32_t value_offset;
  uint32_t value_length;
  uint32_t kind;
} dbk_json_field;

// Lists the fields of one JSON object. Invalid UTF-8 inside it is accepted: log lines hold such.
//
// Returns how many fields there are (those past `limit` are counted, not stored), or a negative
// number that `dbk_json_error` puts into words.
int32_t dbk_json_fields(dbk_json_parser *parser, const uint8_t *text, size_t length,
                        dbk_json_field *fields, int32_t limit);
// Says what a negative result of `dbk_json_fields` means; the text lives for ever.
const char *dbk_json_error(int32_t result);

// Where the parts of one line of `logcli -o jsonl` lie.
typedef struct dbk_logcli_line {
  uint32_t labels_offset;
  uint32_t labels_length;
  uint32_t line_offset;
  uint32_t line_length;
  uint32_t time_offset;
  uint32_t time_length;
} dbk_logcli_line;

// Reads a line of the exact shape logcli writes: {"labels":{..},"line":"..","timestamp":".."}.
// The label object is delimited, not checked. Returns 1, or 0 for any other shape.
int dbk_logcli_split(const uint8_t *text, size_t length, dbk_logcli_line *parts);

// Finds the quote that ends a JSON string; `text` starts behind the opening one.
// Returns its offset, or `length` when there is none.
size_t dbk_json_string_end(const uint8_t *text, size_t length);

// Undoes JSON's escapes. A lone surrogate becomes U+FFFD; bytes that are no UTF-8 stay.
// `out` has room for `length` + 16 bytes. Returns the length written, or -1 for a bad escape.
ptrdiff_t dbk_json_unescape(const uint8_t *text, size_t length, uint8_t *out);

// Where a scan of one JSON value stands, so that it can go on in the next block of a file.
typedef struct dbk_json_scan {
  int64_t depth;
  uint8_t in_string;
  uint8_t escaped;
} dbk_json_scan;

// Moves to the end of the array or object that `text` is inside of.
// Returns how many bytes belong to it; `scan->depth` is 0 when its end was found among them.
size_t dbk_json_skip(dbk_json_scan *scan, const uint8_t *text, size_t length);

// A 128-bit hash with fixed secrets; not for keys an adversary must not find collisions of.
typedef struct dbk_hash128_value {
  uint64_t high;
  uint64_t low;
} dbk_hash128_value;
dbk_hash128_value dbk_hash128(const void *data, size_t length, uint64_t seed);

#ifdef __cplusplus
}
#endif
