#include "scanbytes.h"

#include <string.h>

// Clang's vector types: the compiler makes SSE2, AVX2, AVX-512 or NEON of them.
typedef uint8_t bytes64 __attribute__((vector_size(64), aligned(1)));
typedef _Bool bits64 __attribute__((ext_vector_type(64)));

// No vector crosses a call: everything is inlined into functions of one set of instructions.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))

INLINE uint64_t mask_of(bytes64 flags) {
  union {
    bits64 bits;
    uint64_t mask;
  } result;
  result.bits = __builtin_convertvector(flags != 0, bits64);
  return result.mask;
}

#define EQUALS(c) mask_of((bytes64)(x == (uint8_t)(c)))
#define SPELLS(c) mask_of((bytes64)(folded == (uint8_t)(c)))
#define FROM_TO(y, first, last) \
  mask_of((bytes64)((bytes64)((y) - (uint8_t)(first)) <= (uint8_t)((last) - (first))))

// What goes over from one block to the next.
typedef struct carries {
  uint64_t words, starts, resets, slashable_dots, colons, capitals, t, f;
  uint64_t r, n, u, a, fours, fives, name_dots;
  unsigned digit_run, hex_run;
} carries;

// A mask moved up, with the bits that fall in from the block before.
#define BEHIND(mask, previous, count) ((mask) << (count) | (previous) >> (64 - (count)))

// Adds a carry and two masks.
INLINE uint64_t add(uint64_t a, uint64_t b, unsigned *carry) {
  uint64_t sum;
  const unsigned first = __builtin_add_overflow(a, b, &sum);
  const unsigned second = __builtin_add_overflow(sum, (uint64_t)*carry, &sum);
  *carry = first | second;
  return sum;
}

// Marks bytes at the place in front of `ends`; the first may lie in the block before.
INLINE void mark_before(dbk_scan_block *block, uint64_t ends, int has_previous) {
  block->events |= ends >> 1;
  if (has_previous) block[-1].events |= ends << 63;
}

INLINE void scan_block(const uint8_t *text, uint64_t valid, int is_first, dbk_scan_block *block,
                       carries *c) {
  bytes64 x;
  memcpy(&x, text, sizeof x);
  const bytes64 folded = x | (uint8_t)0x20;
  const uint64_t digits = FROM_TO(x, '0', '9') & valid;
  const uint64_t letters = FROM_TO(folded, 'a', 'z') & valid;
  const uint64_t hex_letters = FROM_TO(folded, 'a', 'f') & valid;
  const uint64_t high = FROM_TO(x, 0x80, 0xFE) & valid;
  const uint64_t capitals = FROM_TO(x, 'A', 'Z') & valid;
  const uint64_t words = digits | letters | high;
  const uint64_t non_hex = (letters & ~hex_letters) | high;

  const uint64_t quote = EQUALS('"') & valid, apostrophe = EQUALS('\'') & valid;
  const uint64_t equals = EQUALS('=') & valid, colon = EQUALS(':') & valid;
  const uint64_t slash = EQUALS('/') & valid, dot = EQUALS('.') & valid;
  const uint64_t backslash = EQUALS('\\') & valid;
  const uint64_t dash = EQUALS('-') & valid;
  const uint64_t always =
      (equals | quote | backslash | EQUALS('@') | EQUALS('~') | EQUALS('\n') | EQUALS(0xFF)) & valid;
  // ( ) are 28 and 29, [ { are 5B and 7B, ] } are 5D and 7D, < > are 3C and 3E, ; is 3B, ` is 60.
  const uint64_t boundaries =
      (FROM_TO(x, 0, 0x20) | EQUALS(0x7F) | FROM_TO(x, '(', ')') | FROM_TO(folded, '{', '}') |
       EQUALS('<') | EQUALS('>') | EQUALS(',') | EQUALS(';') | EQUALS('`') | quote | apostrophe) &
      ~backslash & valid;
  const uint64_t resets = boundaries | colon | equals;

  const uint64_t before_word = BEHIND(words, c->words, 1);
  const uint64_t before_reset = BEHIND(resets, c->resets, 1) | (is_first ? 1 : 0);
  const uint64_t starts = words & ~before_word;
  const uint64_t ends = ~words & before_word;

  // A carry runs from each word's start over its letters and stops at its first digit or its end.
  const uint64_t other = words & ~digits;
  const uint64_t stops = add(other, starts & other, &c->digit_run) | (starts & digits);
  // In the same way over hexadecimal letters: it stops behind words of nothing else.
  const uint64_t hex_stops = add(hex_letters, starts & hex_letters, &c->hex_run);
  const uint64_t hex_ends = hex_stops & ~hex_letters & ends;
  const uint64_t is_short = BEHIND(starts, c->starts, 1) | BEHIND(starts, c->starts, 2);

  const uint64_t t = (EQUALS('t') | EQUALS('T')) & starts, f = (EQUALS('f') | EQUALS('F')) & starts;
  const uint64_t names = capitals & starts;
  // `ro`, `nu`, `us` and `ad` at the start of a word: root, null, user, admin.
  const uint64_t r = SPELLS('r') & starts, n = SPELLS('n') & starts;
  const uint64_t u_any = SPELLS('u'), u = u_any & starts, a = SPELLS('a') & starts;
  const uint64_t fours = (SPELLS('o') & BEHIND(r, c->r, 1)) | (u_any & BEHIND(n, c->n, 1)) |
                         (SPELLS('s') & BEHIND(u, c->u, 1));
  const uint64_t fives = SPELLS('d') & BEHIND(a, c->a, 1);
  const uint64_t rare = ends & (BEHIND(names, c->capitals, 3) | BEHIND(t, c->t, 4) |
                                BEHIND(f, c->f, 5) | BEHIND(fours, c->fours, 3) |
                                BEHIND(fives, c->fives, 4));
  // A dot inside of a name.
  const uint64_t name_dots = dot & before_word;

  const uint64_t rooted_dots = dot & before_reset;
  const uint64_t second = ((slash | dot) & BEHIND(rooted_dots, c->slashable_dots, 1)) |
                          ((slash | colon | backslash) & BEHIND(colon, c->colons, 1)) |
                          (words & BEHIND(name_dots, c->name_dots, 1));

  block->events = (stops & digits) | always | (apostrophe & ~before_word) | (slash & before_reset);
  block->resets = resets;
  block->words = words;
  block->digits = digits;
  block->non_hex = non_hex;
  block->upper = capitals;
  block->lower = letters & ~capitals;
  block->specials = always | apostrophe | slash | dot | colon;
  mark_before(block, (hex_ends & ((colon | dash) | ~is_short)) | rare | second, !is_first);

  c->words = words;
  c->starts = starts;
  c->resets = resets;
  c->slashable_dots = rooted_dots;
  c->colons = colon;
  c->capitals = names;
  c->t = t;
  c->f = f;
  c->r = r;
  c->n = n;
  c->u = u;
  c->a = a;
  c->fours = fours;
  c->fives = fives;
  c->name_dots = name_dots;
}

INLINE void scan_line(const uint8_t *text, size_t length, dbk_scan_block *blocks) {
  carries c;
  memset(&c, 0, sizeof c);
  size_t offset = 0;
  for (; offset + DBK_SCAN_BLOCK <= length; offset += DBK_SCAN_BLOCK) {
    scan_block(text + offset, ~(uint64_t)0, offset == 0, blocks++, &c);
  }
  // Words that end with the line end here, so there is a last block even if it is empty.
  const uint64_t valid = ((uint64_t)1 << (length - offset)) - 1;
  scan_block(text + offset, valid, offset == 0, blocks, &c);
}

void dbk_scan_line_plain(const uint8_t *text, size_t length, dbk_scan_block *blocks) {
  scan_line(text, length, blocks);
}

INLINE void scan_newlines(const uint8_t *text, size_t count, uint64_t *masks) {
  for (size_t i = 0; i < count; i += 1) {
    bytes64 x;
    memcpy(&x, text + i * DBK_SCAN_BLOCK, sizeof x);
    masks[i] = EQUALS('\n');
  }
}

// The letters that the ends of words are told by, of the block before.
typedef struct level_carries {
  uint64_t inside, p, t, i, o, n, r, first_twcer, first_ds, first_fpw, a, d, f, ip, n_start, e;
} level_carries;

INLINE uint64_t scan_level_block(const uint8_t *text, uint64_t valid, level_carries *c,
                                 uint64_t *before) {
  bytes64 x;
  memcpy(&x, text, sizeof x);
  const bytes64 folded = x | (uint8_t)0x20;
#define LETTER(l) (mask_of((bytes64)(folded == (uint8_t)(l))) & valid)
  const uint64_t letters = FROM_TO(folded, 'a', 'z') & valid;
  const uint64_t inside = letters | ((FROM_TO(x, '0', '9') | EQUALS('_')) & valid);
  const uint64_t a = LETTER('a'), b = LETTER('b'), cc = LETTER('c'), d = LETTER('d'),
                 e = LETTER('e'), f = LETTER('f'), i = LETTER('i'), l = LETTER('l'),
                 m = LETTER('m'), n = LETTER('n'), o = LETTER('o'), p = LETTER('p'),
                 r = LETTER('r'), s = LETTER('s'), t = LETTER('t'), w = LETTER('w');
#undef LETTER
  const uint64_t starts = letters & ~BEHIND(inside, c->inside, 1);
  const uint64_t ends = ~inside & BEHIND(inside, c->inside, 1);
  const uint64_t first_twcer = (t | w | cc | e) & starts, first_ds = (d | s) & starts,
                 first_fpw = (f | p | w) & starts, first_a = a & starts, first_d = d & starts,
                 first_f = f & starts, first_ip = (i | p) & starts, first_n = n & starts,
                 first_e = e & starts;
  const uint64_t seconds =
      (r & BEHIND(first_twcer, c->first_twcer, 1)) | (e & BEHIND(first_ds, c->first_ds, 1)) |
      (a & BEHIND(first_fpw, c->first_fpw, 1)) | (l & BEHIND(first_a, c->a, 1)) |
      ((b | p) & BEHIND(first_d, c->d, 1)) | (t & BEHIND(first_f, c->f, 1)) |
      (n & BEHIND(first_ip, c->ip, 1)) | (o & BEHIND(first_n, c->n_start, 1)) |
      (m & BEHIND(first_e, c->e, 1));
  const uint64_t names =
      ends & ((BEHIND(n, c->n, 1) & BEHIND(o, c->o, 2) & BEHIND(i, c->i, 3) & BEHIND(t, c->t, 4) &
               BEHIND(p, c->p, 5)) |
              (BEHIND(r, c->r, 1) & BEHIND(o, c->o, 2) & BEHIND(r, c->r, 3) & BEHIND(r, c->r, 4)));
  *c = (level_carries){inside,    p,       t,       i,       o,        n,       r,
                       first_twcer, first_ds, first_fpw, first_a, first_d, first_f, first_ip,
                       first_n,   first_e};
  *before = names << 63;
  return seconds | names >> 1;
}

INLINE void scan_level_words(const uint8_t *text, size_t length, uint64_t *events) {
  level_carries c;
  memset(&c, 0, sizeof c);
  uint64_t before;
  for (size_t block = 0; block < 4; block += 1) {
    const size_t offset = block * DBK_SCAN_BLOCK;
    if (offset + DBK_SCAN_BLOCK <= length) {
      events[block] = scan_level_block(text + offset, ~(uint64_t)0, &c, &before);
    } else if (offset <= length) {
      uint8_t tail[DBK_SCAN_BLOCK] = {0};
      memcpy(tail, text + offset, length - offset);
      const uint64_t valid = ((uint64_t)1 << (length - offset)) - 1;
      events[block] = scan_level_block(tail, valid, &c, &before);
    } else {
      events[block] = 0;
      continue;
    }
    if (block > 0) events[block - 1] |= before;
  }
}

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,bmi2,lzcnt"))) static void scan_level_words_avx2(
    const uint8_t *text, size_t length, uint64_t *events) {
  scan_level_words(text, length, events);
}

__attribute__((target("avx512f,avx512bw,avx512vl,bmi,bmi2,lzcnt"))) static void
scan_level_words_avx512(const uint8_t *text, size_t length, uint64_t *events) {
  scan_level_words(text, length, events);
}

void dbk_scan_level_words(const uint8_t *text, size_t length, uint64_t *events) {
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    scan_level_words_avx512(text, length, events);
  } else if (__builtin_cpu_supports("avx2")) {
    scan_level_words_avx2(text, length, events);
  } else {
    scan_level_words(text, length, events);
  }
}
#else
void dbk_scan_level_words(const uint8_t *text, size_t length, uint64_t *events) {
  scan_level_words(text, length, events);
}
#endif

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,bmi2,lzcnt"))) static void scan_line_avx2(
    const uint8_t *text, size_t length, dbk_scan_block *blocks) {
  scan_line(text, length, blocks);
}

__attribute__((target("avx512f,avx512bw,avx512vl,bmi,bmi2,lzcnt"))) static void scan_line_avx512(
    const uint8_t *text, size_t length, dbk_scan_block *blocks) {
  scan_line(text, length, blocks);
}

__attribute__((target("avx2"))) static void scan_newlines_avx2(const uint8_t *text, size_t count,
                                                               uint64_t *masks) {
  scan_newlines(text, count, masks);
}

void dbk_scan_line(const uint8_t *text, size_t length, dbk_scan_block *blocks) {
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    scan_line_avx512(text, length, blocks);
  } else if (__builtin_cpu_supports("avx2")) {
    scan_line_avx2(text, length, blocks);
  } else {
    scan_line(text, length, blocks);
  }
}

void dbk_scan_newlines(const uint8_t *text, size_t count, uint64_t *masks) {
  if (__builtin_cpu_supports("avx2")) {
    scan_newlines_avx2(text, count, masks);
  } else {
    scan_newlines(text, count, masks);
  }
}

const char *dbk_scan_processor(void) {
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) return "avx512";
  return __builtin_cpu_supports("avx2") ? "avx2" : "sse2";
}
#else
void dbk_scan_line(const uint8_t *text, size_t length, dbk_scan_block *blocks) {
  scan_line(text, length, blocks);
}

void dbk_scan_newlines(const uint8_t *text, size_t count, uint64_t *masks) {
  scan_newlines(text, count, masks);
}

const char *dbk_scan_processor(void) { return "portable"; }
#endif
