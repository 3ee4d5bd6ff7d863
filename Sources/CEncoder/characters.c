// What BERT's uncased tokenizer makes of a character: look-ups in the tables of bert_characters.c.
#include "bert_characters.h"
#include "cencoder.h"

static int is_within(const dbk_bert_range *ranges, size_t count, uint32_t scalar) {
  size_t low = 0, high = count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (scalar > ranges[middle].last)
      low = middle + 1;
    else if (scalar < ranges[middle].first)
      high = middle;
    else
      return 1;
  }
  return 0;
}

dbk_character dbk_bert_class(uint32_t scalar) {
  if (is_within(dbk_bert_punctuation, dbk_bert_punctuation_count, scalar))
    return dbk_character_punctuation;
  return is_within(dbk_bert_spaces, dbk_bert_spaces_count, scalar) ? dbk_character_space
                                                                   : dbk_character_word;
}

int dbk_bert_is_ideograph(uint32_t scalar) {
  return is_within(dbk_bert_ideographs, dbk_bert_ideographs_count, scalar);
}

// Hangul syllables decompose by arithmetic (The Unicode Standard, section 3.12).
static int decompose_hangul(uint32_t scalar, uint32_t result[3]) {
  const uint32_t index = scalar - 0xAC00, trailing = index % 28;
  result[0] = 0x1100 + index / (21 * 28);
  result[1] = 0x1161 + index % (21 * 28) / 28;
  if (trailing == 0) return 2;
  result[2] = 0x11A7 + trailing;
  return 3;
}

int dbk_bert_normalise(uint32_t scalar, uint32_t result[3]) {
  if (scalar >= 0xAC00 && scalar <= 0xD7A3) return decompose_hangul(scalar, result);
  size_t low = 0, high = dbk_bert_single_count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (dbk_bert_single[middle].from == scalar) {
      result[0] = dbk_bert_single[middle].to;
      return 1;
    }
    if (dbk_bert_single[middle].from < scalar)
      low = middle + 1;
    else
      high = middle;
  }
  if (is_within(dbk_bert_dropped, dbk_bert_dropped_count, scalar)) return 0;
  for (size_t index = 0; index < dbk_bert_multiple_count; index++)
    if (dbk_bert_multiple[index].from == scalar) {
      int count = 0;
      for (; count < 3 && dbk_bert_multiple[index].to[count] != 0; count++)
        result[count] = dbk_bert_multiple[index].to[count];
      return count;
    }
  result[0] = is_within(dbk_bert_spaces, dbk_bert_spaces_count, scalar) ? ' ' : scalar;
  return 1;
}
