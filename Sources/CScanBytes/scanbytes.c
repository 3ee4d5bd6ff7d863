#include "scanbytes.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

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

// Which of 64 bytes are what; bits behind the end of a line may be set.
typedef struct byte_classes {
  uint64_t digits, hex_letters, other_letters, high, capitals;
  // Marks that are events wherever they stand, that start a new token, that may start or end a value.
  uint64_t always, resets, specials;
  uint64_t apostrophe, slash, dot, colon, backslash, dash, underscore;
  // Capitals that may start the name of a month or weekday.
  uint64_t threes;
  // Where `tr`, `ro`, `nu` or `us` stands: true, root, null, user; where `fa` or `ad` does: false, admin.
  uint64_t fours, fives;
} byte_classes;

typedef byte_classes (*classes_of)(const uint8_t *text);

INLINE byte_classes classify(const uint8_t *text) {
  bytes64 x, y;
  memcpy(&x, text, sizeof x);
  memcpy(&y, text + 1, sizeof y);
  const bytes64 folded = x | (uint8_t)0x20, next = y | (uint8_t)0x20;
  byte_classes c;
  c.digits = FROM_TO(x, '0', '9');
  c.hex_letters = FROM_TO(folded, 'a', 'f');
  c.other_letters = FROM_TO(folded, 'g', 'z');
  c.high = FROM_TO(x, 0x80, 0xFE);
  c.capitals = FROM_TO(x, 'A', 'Z');
  const uint64_t quote = EQUALS('"'), equals = EQUALS('=');
  c.apostrophe = EQUALS('\'');
  c.slash = EQUALS('/');
  c.dot = EQUALS('.');
  c.colon = EQUALS(':');
  c.backslash = EQUALS('\\');
  c.dash = EQUALS('-');
  c.underscore = EQUALS('_');
  c.always =
      equals | quote | c.backslash | EQUALS('@') | EQUALS('~') | EQUALS('\n') | EQUALS(0xFF);
  // ( ) are 28 and 29, [ { are 5B and 7B, ] } are 5D and 7D, < > are 3C and 3E, ; is 3B, ` is 60.
  const uint64_t boundaries =
      (FROM_TO(x, 0, 0x20) | EQUALS(0x7F) | FROM_TO(x, '(', ')') | FROM_TO(folded, '{', '}') |
       EQUALS('<') | EQUALS('>') | EQUALS(',') | EQUALS(';') | EQUALS('`') | quote | c.apostrophe) &
      ~c.backslash;
  c.resets = boundaries | c.colon | equals;
  c.specials = c.always | c.apostrophe | c.slash | c.dot | c.colon;
  c.threes = c.capitals;
  c.fours = mask_of((bytes64)(((folded == 't') & (next == 'r')) | ((folded == 'r') & (next == 'o')) |
                              ((folded == 'n') & (next == 'u')) | ((folded == 'u') & (next == 's'))));
  c.fives = mask_of((bytes64)(((folded == 'f') & (next == 'a')) | ((folded == 'a') & (next == 'd'))));
  return c;
}

// What goes over from one block to the next.
typedef struct carries {
  uint64_t words, starts, resets, slashable_dots, colons, threes, fours, fives;
  uint64_t labels, last_dot;
  unsigned digit_run, hex_run, label_run;
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

INLINE void scan_block(byte_classes of, uint64_t valid, int is_first, dbk_scan_block *block,
                       carries *c) {
  const uint64_t digits = of.digits & valid, hex_letters = of.hex_letters & valid;
  const uint64_t non_hex = (of.other_letters | of.high) & valid;
  const uint64_t words = digits | hex_letters | non_hex;
  const uint64_t capitals = of.capitals & valid;
  const uint64_t apostrophe = of.apostrophe & valid, slash = of.slash & valid;
  const uint64_t dot = of.dot & valid, colon = of.colon & valid, dash = of.dash & valid;
  const uint64_t always = of.always & valid, resets = of.resets & valid;

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

  const uint64_t threes = of.threes & starts, fours = of.fours & starts, fives = of.fives & starts;
  const uint64_t rare = ends & (BEHIND(threes, c->threes, 3) | BEHIND(fours, c->fours, 4) |
                                BEHIND(fives, c->fives, 5));

  // Dots between words. Of those that have but letters, hyphens and underscores between them, the first
  // tells for all: the carry runs from the start of such labels to it.
  const uint64_t behind_word = dot & before_word, name_dots = behind_word & (words >> 1);
  const uint64_t last_dot = behind_word & ((uint64_t)1 << 63);
  const uint64_t letters = (words & ~digits) | dash | (of.underscore & valid);
  const uint64_t labels = letters | name_dots;
  const uint64_t label_starts = labels & ~BEHIND(labels, c->labels, 1);
  const uint64_t first_dots =
      (add(letters, label_starts & letters, &c->label_run) | label_starts) & name_dots;

  const uint64_t rooted_dots = dot & before_reset;
  const uint64_t second =
      ((slash | dot) & BEHIND(rooted_dots, c->slashable_dots, 1)) |
      ((slash | colon | (of.backslash & valid)) & BEHIND(colon, c->colons, 1)) |
      (words & (c->last_dot >> 63));

  block->events = (stops & digits) | always | (apostrophe & ~before_word) |
                  (slash & before_reset) | first_dots;
  block->resets = resets;
  block->words = words;
  block->digits = digits;
  block->non_hex = non_hex;
  block->upper = capitals;
  block->lower = (hex_letters | (of.other_letters & valid)) & ~capitals;
  block->specials = of.specials & valid;
  mark_before(block, (hex_ends & ((colon | dash) | ~is_short)) | rare | second, !is_first);

  c->words = words;
  c->starts = starts;
  c->resets = resets;
  c->slashable_dots = rooted_dots;
  c->colons = colon;
  c->threes = threes;
  c->fours = fours;
  c->fives = fives;
  c->labels = labels;
  c->last_dot = last_dot;
}

INLINE void scan_line(const uint8_t *text, size_t length, dbk_scan_block *blocks,
                      classes_of classes) {
  carries c;
  memset(&c, 0, sizeof c);
  size_t offset = 0;
  for (; offset + DBK_SCAN_BLOCK <= length; offset += DBK_SCAN_BLOCK) {
    scan_block(classes(text + offset), ~(uint64_t)0, offset == 0, blocks++, &c);
  }
  // Words that end with the line end here, so there is a last block even if it is empty.
  const uint64_t valid = ((uint64_t)1 << (length - offset)) - 1;
  scan_block(classes(text + offset), valid, offset == 0, blocks, &c);
}

void dbk_scan_line_plain(const uint8_t *text, size_t length, dbk_scan_block *blocks) {
  scan_line(text, length, blocks, classify);
}

// The first three letters of words that name a level, as eight families of words: bit k of the three
// tables, all set, says that a letter is the first, the second and the third letter of a word of family k.
//
//   0 tra trc wrn err ero cri crt   2 fat pan war         4 dbg dbu dpa     6 inf pnc
//   1 deb sev                       3 ale alr             5 ftl             7 not eme emr
//
// The tables begin with `@`, which a letter in lower case becomes 1 to 26 behind.
static const uint8_t level_letters[3][32] = {
    {['t' - 96] = 1, ['w' - 96] = 1 | 4, ['c' - 96] = 1, ['e' - 96] = 1 | 128, ['d' - 96] = 2 | 16,
     ['s' - 96] = 2, ['f' - 96] = 4 | 32, ['p' - 96] = 4 | 64, ['a' - 96] = 8, ['i' - 96] = 64,
     ['n' - 96] = 128},
    {['r' - 96] = 1, ['e' - 96] = 2, ['a' - 96] = 4, ['l' - 96] = 8, ['b' - 96] = 16,
     ['p' - 96] = 16, ['t' - 96] = 32, ['n' - 96] = 64, ['o' - 96] = 128, ['m' - 96] = 128},
    {['a' - 96] = 1 | 16, ['c' - 96] = 1 | 64, ['n' - 96] = 1 | 4, ['r' - 96] = 1 | 4 | 8 | 128,
     ['o' - 96] = 1, ['i' - 96] = 1, ['t' - 96] = 1 | 4 | 128, ['b' - 96] = 2, ['v' - 96] = 2,
     ['e' - 96] = 8 | 128, ['g' - 96] = 16, ['u' - 96] = 16, ['l' - 96] = 32, ['f' - 96] = 64},
};

// The letters that the ends of words are told by, of the block before.
typedef struct level_carries {
  uint64_t inside, p, t, i, o, n, r;
} level_carries;

// Marks the events of a block, of which `triples` tells the places where a word may start that names a
// level; those in `before` lie in the block before.
INLINE uint64_t scan_level_block(const uint8_t *text, uint64_t triples, uint64_t valid,
                                 level_carries *c, uint64_t *before) {
  bytes64 x;
  memcpy(&x, text, sizeof x);
  const bytes64 folded = x | (uint8_t)0x20;
#define LETTER(l) (mask_of((bytes64)(folded == (uint8_t)(l))) & valid)
  const uint64_t letters = FROM_TO(folded, 'a', 'z') & valid;
  const uint64_t inside = letters | ((FROM_TO(x, '0', '9') | EQUALS('_')) & valid);
  const uint64_t p = LETTER('p'), t = LETTER('t'), i = LETTER('i'), o = LETTER('o'), n = LETTER('n'),
                 r = LETTER('r');
#undef LETTER
  const uint64_t starts = letters & ~BEHIND(inside, c->inside, 1);
  const uint64_t ends = ~inside & BEHIND(inside, c->inside, 1);
  const uint64_t names =
      ends & ((BEHIND(n, c->n, 1) & BEHIND(o, c->o, 2) & BEHIND(i, c->i, 3) & BEHIND(t, c->t, 4) &
               BEHIND(p, c->p, 5)) |
              (BEHIND(r, c->r, 1) & BEHIND(o, c->o, 2) & BEHIND(r, c->r, 3) & BEHIND(r, c->r, 4)));
  *c = (level_carries){inside, p, t, i, o, n, r};
  *before = names << 63;
  return (triples & starts) | names >> 1;
}

// Marks the places of 64 where the first three letters of a word that names a level may stand; two bytes
// behind the block are read.
typedef uint64_t (*triples_of)(const uint8_t *text);

INLINE int scan_level_words(const uint8_t *text, size_t length, size_t readable, uint64_t *events,
                            triples_of triples) {
  level_carries c;
  memset(&c, 0, sizeof c);
  uint64_t before, all = 0;
  for (size_t block = 0; block < 4; block += 1) {
    const size_t offset = block * DBK_SCAN_BLOCK;
    if (offset > length) {
      events[block] = 0;
      continue;
    }
    const size_t rest = length - offset;
    const uint64_t valid = rest >= DBK_SCAN_BLOCK ? ~(uint64_t)0 : ((uint64_t)1 << rest) - 1;
    if (offset + DBK_SCAN_BLOCK + 2 <= readable) {
      events[block] = scan_level_block(text + offset, triples(text + offset), valid, &c, &before);
    } else {
      uint8_t tail[DBK_SCAN_BLOCK + 2] = {0};
      memcpy(tail, text + offset, rest < sizeof tail ? rest : sizeof tail);
      events[block] = scan_level_block(tail, triples(tail), valid, &c, &before);
    }
    if (block > 0) events[block - 1] |= before;
    all |= events[block] | before;
  }
  return all != 0;
}

// The families of the letter that each byte is, whatever its case: what stands in a table at it.
INLINE bytes64 families(bytes64 x, int place) {
  const bytes64 folded = x | (uint8_t)0x20;
  bytes64 found = {0};
  for (int letter = 1; letter <= 26; letter += 1) {
    const uint8_t family = level_letters[place][letter];
    if (family != 0) found |= (bytes64)(folded == (uint8_t)(letter + 96)) & family;
  }
  return found;
}

INLINE uint64_t level_triples(const uint8_t *text) {
  bytes64 x, y, z;
  memcpy(&x, text, sizeof x);
  memcpy(&y, text + 1, sizeof y);
  memcpy(&z, text + 2, sizeof z);
  return mask_of(families(x, 0) & families(y, 1) & families(z, 2));
}

#if defined(__x86_64__)
#define TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt")))
#define TARGET_VBMI \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,bmi,bmi2,lzcnt")))

// 32 bytes looked up: shuffles know 16 places, so that bit 4 of a byte chooses between two of them.
// Bytes that are no letters find anything.
TARGET_AVX2 INLINE __m256i families_avx2(const uint8_t *text, int place) {
  const __m256i x = _mm256_loadu_si256((const __m256i *)text);
  const __m128i *tables = (const __m128i *)level_letters[place];
  const __m256i lower = _mm256_broadcastsi128_si256(_mm_loadu_si128(tables));
  const __m256i upper = _mm256_broadcastsi128_si256(_mm_loadu_si128(tables + 1));
  const __m256i index = _mm256_and_si256(x, _mm256_set1_epi8(0x0F));
  return _mm256_blendv_epi8(_mm256_shuffle_epi8(lower, index), _mm256_shuffle_epi8(upper, index),
                            _mm256_slli_epi16(x, 3));
}

TARGET_AVX2 INLINE uint32_t half_triples_avx2(const uint8_t *text) {
  const __m256i found =
      _mm256_and_si256(_mm256_and_si256(families_avx2(text, 0), families_avx2(text + 1, 1)),
                       families_avx2(text + 2, 2));
  return ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(found, _mm256_setzero_si256()));
}

TARGET_AVX2 INLINE uint64_t level_triples_avx2(const uint8_t *text) {
  return half_triples_avx2(text) | (uint64_t)half_triples_avx2(text + 32) << 32;
}

// A permutation knows 64 places; bytes that are no letters find anything.
TARGET_VBMI INLINE __m512i families_vbmi(const uint8_t *text, int place) {
  const __m512i table = _mm512_broadcast_i64x4(
      _mm256_loadu_si256((const __m256i *)level_letters[place]));
  return _mm512_permutexvar_epi8(_mm512_loadu_si512(text), table);
}

TARGET_VBMI INLINE uint64_t level_triples_vbmi(const uint8_t *text) {
  return _mm512_test_epi8_mask(
      _mm512_and_si512(families_vbmi(text, 0), families_vbmi(text + 1, 1)),
      families_vbmi(text + 2, 2));
}

TARGET_AVX2 static int scan_level_words_avx2(const uint8_t *text, size_t length, size_t readable,
                                             uint64_t *events) {
  return scan_level_words(text, length, readable, events, level_triples_avx2);
}

TARGET_VBMI static int scan_level_words_vbmi(const uint8_t *text, size_t length, size_t readable,
                                             uint64_t *events) {
  return scan_level_words(text, length, readable, events, level_triples_vbmi);
}

int dbk_scan_level_words(const uint8_t *text, size_t length, size_t readable, uint64_t *events) {
  if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vl")) {
    return scan_level_words_vbmi(text, length, readable, events);
  }
  if (__builtin_cpu_supports("avx2")) {
    return scan_level_words_avx2(text, length, readable, events);
  }
  return scan_level_words(text, length, readable, events, level_triples);
}
#else
int dbk_scan_level_words(const uint8_t *text, size_t length, size_t readable, uint64_t *events) {
  return scan_level_words(text, length, readable, events, level_triples);
}
#endif

int dbk_scan_level_words_plain(const uint8_t *text, size_t length, size_t readable,
                               uint64_t *events) {
  return scan_level_words(text, length, readable, events, level_triples);
}

#if defined(__x86_64__)
// What each ASCII byte is, for permutations that know 128 places.
enum {
  IS_DIGIT = 1,
  IS_HEX_LETTER = 2,
  IS_OTHER_LETTER = 4,
  IS_CAPITAL = 8,
  IS_ALWAYS = 16,
  IS_RESET = 32,
  IS_SPECIAL = 64,
  IS_APOSTROPHE = 128,
};
static const uint8_t class_of[128] = {
    [0 ... 9] = IS_RESET, ['\n'] = IS_RESET | IS_ALWAYS | IS_SPECIAL, [11 ... ' '] = IS_RESET,
    ['"'] = IS_RESET | IS_ALWAYS | IS_SPECIAL, ['\''] = IS_RESET | IS_APOSTROPHE | IS_SPECIAL,
    ['('] = IS_RESET, [')'] = IS_RESET, [','] = IS_RESET, ['.'] = IS_SPECIAL, ['/'] = IS_SPECIAL,
    ['0' ... '9'] = IS_DIGIT, [':'] = IS_RESET | IS_SPECIAL, [';'] = IS_RESET, ['<'] = IS_RESET,
    ['='] = IS_RESET | IS_ALWAYS | IS_SPECIAL, ['>'] = IS_RESET, ['@'] = IS_ALWAYS | IS_SPECIAL,
    ['A' ... 'F'] = IS_HEX_LETTER | IS_CAPITAL, ['G' ... 'Z'] = IS_OTHER_LETTER | IS_CAPITAL,
    ['['] = IS_RESET, ['\\'] = IS_ALWAYS | IS_SPECIAL, [']'] = IS_RESET, ['`'] = IS_RESET,
    ['a' ... 'f'] = IS_HEX_LETTER, ['g' ... 'z'] = IS_OTHER_LETTER, ['{' ... '}'] = IS_RESET,
    ['~'] = IS_ALWAYS | IS_SPECIAL, [0x7F] = IS_RESET,
};
// The first and second letters of words that may be values, one bit for each pair, of any case.
enum { PAIR_TR = 1, PAIR_RO = 2, PAIR_NU = 4, PAIR_US = 8, PAIR_FA = 16, PAIR_AD = 32 };
static const uint8_t first_letter[128] = {
    ['T'] = PAIR_TR, ['t'] = PAIR_TR, ['R'] = PAIR_RO, ['r'] = PAIR_RO, ['N'] = PAIR_NU,
    ['n'] = PAIR_NU, ['U'] = PAIR_US, ['u'] = PAIR_US, ['F'] = PAIR_FA, ['f'] = PAIR_FA,
    ['A'] = PAIR_AD, ['a'] = PAIR_AD,
};
static const uint8_t second_letter[128] = {
    ['R'] = PAIR_TR, ['r'] = PAIR_TR, ['O'] = PAIR_RO, ['o'] = PAIR_RO, ['U'] = PAIR_NU,
    ['u'] = PAIR_NU, ['S'] = PAIR_US, ['s'] = PAIR_US, ['A'] = PAIR_FA, ['a'] = PAIR_FA,
    ['D'] = PAIR_AD, ['d'] = PAIR_AD,
};
// The same of names of months and weekdays, which start with a capital:
// Ja Ma Sa, Fe De Se We, Ap, Ju Au Tu Su, Oc, No Mo, Th, Fr.
static const uint8_t first_capital[128] = {
    ['J'] = 1 | 8, ['M'] = 1 | 32, ['S'] = 1 | 2 | 8, ['F'] = 2 | 128, ['D'] = 2, ['W'] = 2,
    ['A'] = 4 | 8, ['T'] = 8 | 64, ['O'] = 16, ['N'] = 32,
};
static const uint8_t second_of_name[128] = {
    ['a'] = 1, ['A'] = 1, ['e'] = 2, ['E'] = 2, ['p'] = 4, ['P'] = 4, ['u'] = 8, ['U'] = 8,
    ['c'] = 16, ['C'] = 16, ['o'] = 32, ['O'] = 32, ['h'] = 64, ['H'] = 64, ['r'] = 128, ['R'] = 128,
};

// What a table says of 64 bytes, of which those from 0x80 on are taken for others.
TARGET_VBMI INLINE __m512i looked_up(__m512i bytes, const uint8_t *table) {
  return _mm512_permutex2var_epi8(_mm512_loadu_si512(table), bytes,
                                  _mm512_loadu_si512(table + 64));
}

// The same as `classify`, in a third of the instructions; it takes more words for ones that may be
// values.
TARGET_VBMI INLINE byte_classes classify_vbmi(const uint8_t *text) {
  const __m512i x = _mm512_loadu_si512(text);
  const __mmask64 not_ascii = _mm512_movepi8_mask(x);
  const uint64_t all_ones = _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8(-1));
  const __m512i kinds = _mm512_maskz_mov_epi8(~not_ascii, looked_up(x, class_of));
#define HAS(bytes, bits) _mm512_test_epi8_mask((bytes), _mm512_set1_epi8((char)(bits)))
#define IS(byte) _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8(byte))
  byte_classes c;
  c.digits = HAS(kinds, IS_DIGIT);
  c.hex_letters = HAS(kinds, IS_HEX_LETTER);
  c.other_letters = HAS(kinds, IS_OTHER_LETTER);
  c.high = not_ascii & ~all_ones;
  c.capitals = HAS(kinds, IS_CAPITAL);
  c.always = HAS(kinds, IS_ALWAYS) | all_ones;
  c.resets = HAS(kinds, IS_RESET);
  c.specials = HAS(kinds, IS_SPECIAL) | all_ones;
  c.apostrophe = HAS(kinds, IS_APOSTROPHE);
  c.slash = IS('/');
  c.dot = IS('.');
  c.colon = IS(':');
  c.backslash = IS('\\');
  c.dash = IS('-');
  c.underscore = IS('_');
  const __m512i y = _mm512_loadu_si512(text + 1);
  const __m512i pairs =
      _mm512_and_si512(looked_up(x, first_letter), looked_up(y, second_letter));
  c.threes = _mm512_test_epi8_mask(looked_up(x, first_capital), looked_up(y, second_of_name));
  c.fours = HAS(pairs, PAIR_TR | PAIR_RO | PAIR_NU | PAIR_US);
  c.fives = HAS(pairs, PAIR_FA | PAIR_AD);
#undef HAS
#undef IS
  return c;
}

TARGET_AVX2 static void scan_line_avx2(const uint8_t *text, size_t length,
                                       dbk_scan_block *blocks) {
  scan_line(text, length, blocks, classify);
}

__attribute__((target("avx512f,avx512bw,avx512vl,bmi,bmi2,lzcnt"))) static void scan_line_avx512(
    const uint8_t *text, size_t length, dbk_scan_block *blocks) {
  scan_line(text, length, blocks, classify);
}

TARGET_VBMI static void scan_line_vbmi(const uint8_t *text, size_t length,
                                       dbk_scan_block *blocks) {
  scan_line(text, length, blocks, classify_vbmi);
}

void dbk_scan_line(const uint8_t *text, size_t length, dbk_scan_block *blocks) {
  if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vl")) {
    scan_line_vbmi(text, length, blocks);
  } else if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    scan_line_avx512(text, length, blocks);
  } else if (__builtin_cpu_supports("avx2")) {
    scan_line_avx2(text, length, blocks);
  } else {
    scan_line(text, length, blocks, classify);
  }
}

const char *dbk_scan_processor(void) {
  if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vl")) {
    return "avx512vbmi";
  }
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) return "avx512";
  return __builtin_cpu_supports("avx2") ? "avx2" : "sse2";
}
#else
void dbk_scan_line(const uint8_t *text, size_t length, dbk_scan_block *blocks) {
  scan_line(text, length, blocks, classify);
}

const char *dbk_scan_processor(void) { return "portable"; }
#endif
