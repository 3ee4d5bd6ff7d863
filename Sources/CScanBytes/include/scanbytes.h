#pragma once
// What the bytes of a log line are, 64 at a time, as bit masks: bit i of a block stands for its byte i.
//
// The idea is simdjson's (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019): classify
// with vector instructions, then work on the masks with integer arithmetic.
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Bytes that one block describes.
#define DBK_SCAN_BLOCK 64

// How many bytes past a line must be readable (of any value).
#define DBK_SCAN_PADDING 80

// What a block of 64 bytes holds; bits behind the end of the line are 0.
typedef struct dbk_scan_block {
  // Bytes that a scanner must look at: see `dbk_scan_line`.
  uint64_t events;
  // Bytes behind which a new token starts.
  uint64_t resets;
  // Letters, digits and every byte of a non-ASCII scalar.
  uint64_t words;
  uint64_t digits;
  // Letters that are no hexadecimal digits, non-ASCII bytes too.
  uint64_t non_hex;
  uint64_t upper;
  uint64_t lower;
  uint64_t specials;
} dbk_scan_block;

// Describes a line in `length / 64 + 1` blocks and marks the events of each:
//
// - in every word that holds a digit, its first digit;
// - the last byte of a word that might be a value without a digit: three bytes or more of nothing but
//   hexadecimal letters or any such word in front of `:` or `-`, three bytes that start with a
//   capital, four that start with `tr`, `ro`, `nu` or `us`, five that start with `fa` or `ad`;
// - punctuation that may start or end a value: `=`, `@`, `~`, `\`, `"`, newline and 0xFF always;
//   `'` not inside a word; `/` at the start of a token; `.` there and in front of `/` or `.`, and
//   the first of those that join words without digits; `:` in front of `/`, `:` or `\`.
//
// It marks too many bytes rather than too few: who reads the events judges each.
//
// - text: `length` bytes with DBK_SCAN_PADDING readable ones behind them.
// - blocks: room for `length / 64 + 1`.
void dbk_scan_line(const uint8_t *text, size_t length, dbk_scan_block *blocks);

// How many bytes `dbk_scan_level_words` looks at, at most.
#define DBK_SCAN_LEVEL_BYTES 255

// Marks one byte in every word of letters that may name a level: words that start as `error`, `warning`,
// `fatal` and the like in any case, and words that end as `Exception` and `Error` do. It marks too many
// words rather than too few.
//
// - text: `length` bytes; at most DBK_SCAN_LEVEL_BYTES.
// - readable: how many bytes may be read from the first on, whatever they are; with some more than
//   `length` none is copied.
// - events: four masks of 64 bytes each.
// - returns: whether anything is marked.
int dbk_scan_level_words(const uint8_t *text, size_t length, size_t readable, uint64_t *events);

// Asks for a cache line that will be read soon; any address will do.
static inline void dbk_prefetch(const void *address) { __builtin_prefetch(address); }

// What 16 bytes of a header are: bit i of a mask stands for byte i.
typedef struct dbk_token_masks {
  // Blanks and control characters, `|`, `]` and `,`: what ends a token.
  uint32_t ends;
  // Colons with a blank or control character behind them; the last byte's neighbour is not looked at.
  uint32_t set_off_colons;
  uint32_t colons;
  uint32_t digits;
  uint32_t lower;
  uint32_t letters;
} dbk_token_masks;

// A mask of the 16 bytes at `text` that are true in a vector of comparisons.
#define DBK_MASK16(condition)                                                                   \
  ({                                                                                            \
    union {                                                                                     \
      _Bool bits __attribute__((ext_vector_type(16)));                                          \
      uint16_t mask;                                                                            \
    } dbk_result;                                                                               \
    dbk_result.bits =                                                                           \
        __builtin_convertvector((condition), _Bool __attribute__((ext_vector_type(16))));       \
    (uint32_t)dbk_result.mask;                                                                  \
  })
#define DBK_LOAD16(name, text)                         \
  uint8_t name __attribute__((vector_size(16)));       \
  __builtin_memcpy(&name, (text), sizeof name)

// Describes the 16 bytes at `text`, of which `length` belong to the line; those behind end a token.
static inline dbk_token_masks dbk_scan_token(const uint8_t *text, size_t length) {
  DBK_LOAD16(x, text);
  const uint32_t valid = length >= 16 ? 0xFFFF : ((uint32_t)1 << length) - 1;
  const uint32_t blanks = DBK_MASK16(x <= 0x20) | (0xFFFF & ~valid);
  dbk_token_masks masks;
  masks.ends = blanks | DBK_MASK16((x == '|') | (x == ']') | (x == ','));
  masks.colons = DBK_MASK16(x == ':') & valid;
  masks.set_off_colons = masks.colons & (blanks >> 1);
  masks.digits = DBK_MASK16((x - '0') < 10);
  masks.lower = DBK_MASK16((x - 'a') < 26);
  masks.letters = DBK_MASK16(((x | 0x20) - 'a') < 26);
  return masks;
}

// How many of the 16 bytes at `text` a key of logfmt starts with: letters, digits, `_`, `.`, `-`, `@`.
static inline uint32_t dbk_key_length(const uint8_t *text) {
  DBK_LOAD16(x, text);
  const uint32_t key =
      DBK_MASK16((((x | 0x20) - 'a') < 26) | ((x - '0') < 10) | (x == '_') | (x == '.') |
                 (x == '-') | (x == '@'));
  return (uint32_t)__builtin_ctz(~key);
}

// How many of the 16 bytes at `text` a label of a host name starts with: letters, digits, `-`, `_`.
static inline uint32_t dbk_label_length(const uint8_t *text) {
  DBK_LOAD16(x, text);
  const uint32_t label =
      DBK_MASK16((((x | 0x20) - 'a') < 26) | ((x - '0') < 10) | (x == '_') | (x == '-'));
  return (uint32_t)__builtin_ctz(~label);
}

// Tells whether the 32 bytes at `text` equal those of a pattern wherever its mask has bits.
static inline int dbk_matches32(const uint8_t *text, const uint8_t *pattern, const uint8_t *mask) {
  DBK_LOAD16(a, text);
  DBK_LOAD16(b, text + 16);
  DBK_LOAD16(c, pattern);
  DBK_LOAD16(d, pattern + 16);
  DBK_LOAD16(e, mask);
  DBK_LOAD16(f, mask + 16);
  return DBK_MASK16((((a ^ c) & e) | ((b ^ d) & f)) != 0) == 0;
}

// The name of the instructions chosen for this processor; lives for ever.
const char *dbk_scan_processor(void);

// Runs `dbk_scan_level_words` with the plainest instructions, for tests of the others.
int dbk_scan_level_words_plain(const uint8_t *text, size_t length, size_t readable,
                               uint64_t *events);

// Runs `dbk_scan_line` with the plainest instructions, for tests of the others.
void dbk_scan_line_plain(const uint8_t *text, size_t length, dbk_scan_block *blocks);

#ifdef __cplusplus
}
#endif
