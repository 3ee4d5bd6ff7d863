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

// Bytes that one block describes, and how many bytes past a line must be readable (of any value).
#define DBK_SCAN_BLOCK 64

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
//   capital, four that start with `t`, `ro`, `nu` or `us`, five that start with `f` or `ad`;
// - punctuation that may start or end a value: `=`, `@`, `~`, `\`, `"`, newline and 0xFF always;
//   `'` not inside a word; `/` at the start of a token; `.` there and in front of `/` or `.`, and
//   between two words;
//   `:` in front of `/`, `:` or `\`.
//
// It marks too many bytes rather than too few: who reads the events judges each.
//
// - text: `length` bytes with DBK_SCAN_BLOCK readable ones behind them.
// - blocks: room for `length / 64 + 1`.
void dbk_scan_line(const uint8_t *text, size_t length, dbk_scan_block *blocks);

// How many bytes `dbk_scan_level_words` looks at, at most.
#define DBK_SCAN_LEVEL_BYTES 255

// Marks one byte in every word of letters that may name a level: words whose first two letters are those
// of `error`, `warning`, `fatal` and the like in any case, and words that end as `Exception` and
// `Error` do. It marks too many words rather than too few.
//
// - text: `length` bytes, none is read behind them; at most DBK_SCAN_LEVEL_BYTES.
// - events: four masks of 64 bytes each.
void dbk_scan_level_words(const uint8_t *text, size_t length, uint64_t *events);

// Marks the newlines of `count` blocks of 64 bytes.
void dbk_scan_newlines(const uint8_t *text, size_t count, uint64_t *masks);

// Asks for a cache line that will be read soon; any address will do.
static inline void dbk_prefetch(const void *address) { __builtin_prefetch(address); }

// The name of the instructions chosen for this processor; lives for ever.
const char *dbk_scan_processor(void);

// Runs `dbk_scan_line` with the plainest instructions, for tests of the others.
void dbk_scan_line_plain(const uint8_t *text, size_t length, dbk_scan_block *blocks);

#ifdef __cplusplus
}
#endif
