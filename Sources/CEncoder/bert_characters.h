#pragma once
// The tables of bert_characters.c, which a script writes.
#include <stddef.h>
#include <stdint.h>

/// From `first` to `last`, both included.
typedef struct {
  uint32_t first, last;
} dbk_bert_range;

/// One character for another.
typedef struct {
  uint32_t from, to;
} dbk_bert_pair;

/// Two or three characters for one; 0 for no third.
typedef struct {
  uint32_t from, to[3];
} dbk_bert_several;

extern const dbk_bert_range dbk_bert_dropped[], dbk_bert_spaces[], dbk_bert_punctuation[],
    dbk_bert_ideographs[];
extern const size_t dbk_bert_dropped_count, dbk_bert_spaces_count, dbk_bert_punctuation_count,
    dbk_bert_ideographs_count;
extern const dbk_bert_pair dbk_bert_single[];
extern const size_t dbk_bert_single_count;
extern const dbk_bert_several dbk_bert_multiple[];
extern const size_t dbk_bert_multiple_count;
