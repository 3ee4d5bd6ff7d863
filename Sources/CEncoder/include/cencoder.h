#pragma once
// Arithmetic of a BERT encoder, and the character classes of its tokenizer.
//
// Swift cannot compile one function for several instruction sets, so the loops that need them are
// here, written with the compiler's portable vectors. A row's result depends on that row (for
// attention: on its own sequence) alone: every sum runs in one fixed order, whatever rows stand next
// to it. So the sets `avx2` and `avx512` give the same bytes, and so does every batch.
//
// Sizes are those of MiniLM-L6-H384: rows of 384, 12 heads of 32, at most 256 tokens a sequence.
// Nothing here allocates; buffers that hold weights or activations must be aligned to 64 bytes.
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Which instructions to use.
typedef enum {
  /// What every processor of this architecture has.
  dbk_kernels_portable,
  /// AVX2 with fused multiply-add.
  dbk_kernels_avx2,
  /// AVX-512.
  dbk_kernels_avx512,
  /// AVX-512 with products of bfloat16 numbers, summed in float.
  dbk_kernels_avx512_bf16
} dbk_kernels;

/// Whether this processor and system can run a set.
int dbk_encoder_supports(dbk_kernels kernels);

/// How many bytes a weight or an activation has: 2 in bfloat16 sets, else 4.
size_t dbk_encoder_element_size(dbk_kernels kernels);

/// A dense layer: `outputs` a multiple of 32, `inputs` a multiple of 2.
typedef struct {
  int32_t inputs, outputs;
  /// As `dbk_encoder_pack` left them.
  const void *weights;
  const float *bias;
} dbk_dense;

/// Puts weights, stored as one row of `inputs` numbers an output, in the order that the product reads:
/// panels of 32 outputs.
void dbk_encoder_pack(dbk_kernels kernels, const float *weights, int32_t outputs, int32_t inputs,
                      void *packed);

/// The learned tables of the first layer.
typedef struct {
  const float *words, *positions, *segment, *gain, *shift;
} dbk_embedding_tables;

/// Sums word, position and segment vectors and normalises them, for one sequence.
void dbk_encoder_embed(dbk_kernels kernels, const dbk_embedding_tables *tables, const int32_t *tokens,
                       int32_t count, float *stream, void *activations);

/// output = activations · weights + bias
void dbk_encoder_project(dbk_kernels kernels, const dbk_dense *layer, const void *activations,
                         int32_t rows, float *output);

/// output = GELU(activations · weights + bias), with the exact (erf) form of GELU.
void dbk_encoder_project_gelu(dbk_kernels kernels, const dbk_dense *layer, const void *activations,
                              int32_t rows, void *output);

/// stream += activations · weights + bias
void dbk_encoder_project_add(dbk_kernels kernels, const dbk_dense *layer, const void *activations,
                             int32_t rows, float *stream);

/// Normalises each row of the stream in place (Ba et al., 2016) and writes it as activations too.
void dbk_encoder_normalise(dbk_kernels kernels, const float *gain, const float *shift, int32_t rows,
                           float *stream, void *activations);

/// How many floats `dbk_encoder_attend` needs.
enum { dbk_attention_scratch_count = 256 * 32 + 4 * 256 };

/// Self-attention of one sequence of 1 to 256 rows: rows of queries, keys and values, 1152 in all.
void dbk_encoder_attend(dbk_kernels kernels, const float *rows, int32_t count, void *activations,
                        float *scratch);

/// The mean of a sequence's rows, scaled to length 1; at least one row.
void dbk_encoder_pool(dbk_kernels kernels, const float *stream, int32_t count, float *vector);

/// What a character is to BERT's pre-tokenizer.
typedef enum { dbk_character_word, dbk_character_space, dbk_character_punctuation } dbk_character;

/// The class of a character that normalisation gave.
dbk_character dbk_bert_class(uint32_t scalar);

/// Whether BERT sets the character apart as an ideograph.
int dbk_bert_is_ideograph(uint32_t scalar);

/// Normalises one character as BERT's uncased normaliser does: dropped, a space, or decomposed,
/// without accents, in lower case.
///
/// Returns how many characters it left in `result`: 0 to 3.
int dbk_bert_normalise(uint32_t scalar, uint32_t result[3]);

#ifdef __cplusplus
}
#endif
