// What simdjson says of itself.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// The version of the headers that the scanner was built with; lives for ever.
const char *_Nonnull dbk_json_version(void);

/// The name of the code chosen for this processor, as `haswell` or `fallback`; lives for ever.
const char *_Nonnull dbk_json_processor(void);

#ifdef __cplusplus
}
#endif
