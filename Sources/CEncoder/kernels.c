// The encoder's arithmetic for each instruction set, and the choice among them.
//
// `a * b + c` in one expression is one fused operation wherever the set has it, and no sum is
// reordered: results are the same in every set that fuses.
#include "cencoder.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#pragma STDC FP_CONTRACT ON

typedef float vector __attribute__((vector_size(64)));
typedef float vector_at __attribute__((vector_size(64), aligned(4), may_alias));
typedef uint32_t bits __attribute__((vector_size(64)));
typedef int32_t ints __attribute__((vector_size(64)));
typedef uint16_t halves __attribute__((vector_size(32)));
typedef uint16_t halves_at __attribute__((vector_size(32), aligned(2), may_alias));

enum { row_size = 384, row_vectors = row_size / 16, head_size = 32 };

// 1/√32, by which attention scales its products (Vaswani et al., 2017).
static const float attention_scale = 0.17677669529663687f;

static const ints lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

typedef enum { finish_plain, finish_add, finish_gelu } finish_kind;

typedef struct {
  int32_t inputs, outputs;
  const void *activations, *weights;
  const float *bias;
  finish_kind finish;
  float *output;
  void *activated;
} tile_job;

#if defined(__x86_64__)
static uint16_t to_bfloat16(float value) {
  uint32_t raw;
  __builtin_memcpy(&raw, &value, sizeof raw);
  return (uint16_t)((raw + 0x7FFF + ((raw >> 16) & 1)) >> 16);
}
#endif

// Vectors are passed among inlined functions only: no calling convention is at stake.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINED static inline __attribute__((always_inline))

#define KERNEL(name) portable_##name
#define TILE_ROWS 4
#define TILE_VECTORS 1
#define BFLOAT16 0
#include "kernels.inc"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define KERNEL(name) avx2_##name
#define TILE_ROWS 6
#define TILE_VECTORS 1
#define BFLOAT16 0
#include "kernels.inc"
#pragma clang attribute pop

#pragma clang attribute push(                                                                     \
    __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define KERNEL(name) avx512_##name
#define TILE_ROWS 14
#define TILE_VECTORS 2
#define BFLOAT16 0
#include "kernels.inc"
#pragma clang attribute pop

#pragma clang attribute push(                                                                     \
    __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))),            \
    apply_to = function)
#define KERNEL(name) bf16_##name
#define TILE_ROWS 14
#define TILE_VECTORS 2
#define BFLOAT16 1
#include "kernels.inc"
#pragma clang attribute pop
#endif

int dbk_encoder_supports(dbk_kernels kernels) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const int avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                     __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                     __builtin_cpu_supports("avx512vl");
  switch (kernels) {
  case dbk_kernels_portable: return 1;
  case dbk_kernels_avx2: return avx2;
  case dbk_kernels_avx512: return avx512;
  case dbk_kernels_avx512_bf16: return avx512 && __builtin_cpu_supports("avx512bf16");
  }
#endif
  return kernels == dbk_kernels_portable;
}

size_t dbk_encoder_element_size(dbk_kernels kernels) {
  return kernels == dbk_kernels_avx512_bf16 ? sizeof(uint16_t) : sizeof(float);
}

#if defined(__x86_64__)
#define DISPATCH(kernels, call)                                                                   \
  switch (kernels) {                                                                              \
  case dbk_kernels_portable: portable_##call; break;                                              \
  case dbk_kernels_avx2: avx2_##call; break;                                                      \
  case dbk_kernels_avx512: avx512_##call; break;                                                  \
  case dbk_kernels_avx512_bf16: bf16_##call; break;                                               \
  }
#else
#define DISPATCH(kernels, call) (void)(kernels); portable_##call
#endif

void dbk_encoder_pack(dbk_kernels kernels, const float *weights, int32_t outputs, int32_t inputs,
                      void *packed) {
  DISPATCH(kernels, pack(weights, outputs, inputs, packed));
}

void dbk_encoder_embed(dbk_kernels kernels, const dbk_embedding_tables *tables, const int32_t *tokens,
                       int32_t count, float *stream, void *activations) {
  DISPATCH(kernels, embed(tables, tokens, count, stream, activations));
}

static tile_job job_of(const dbk_dense *layer, const void *activations, finish_kind finish,
                       float *output, void *activated) {
  return (tile_job){layer->inputs, layer->outputs, activations, layer->weights,
                    layer->bias,   finish,         output,      activated};
}

void dbk_encoder_project(dbk_kernels kernels, const dbk_dense *layer, const void *activations,
                         int32_t rows, float *output) {
  const tile_job job = job_of(layer, activations, finish_plain, output, NULL);
  DISPATCH(kernels, project(&job, rows));
}

void dbk_encoder_project_gelu(dbk_kernels kernels, const dbk_dense *layer, const void *activations,
                              int32_t rows, void *output) {
  const tile_job job = job_of(layer, activations, finish_gelu, NULL, output);
  DISPATCH(kernels, project(&job, rows));
}

void dbk_encoder_project_add(dbk_kernels kernels, const dbk_dense *layer, const void *activations,
                             int32_t rows, float *stream) {
  const tile_job job = job_of(layer, activations, finish_add, stream, NULL);
  DISPATCH(kernels, project(&job, rows));
}

void dbk_encoder_normalise(dbk_kernels kernels, const float *gain, const float *shift, int32_t rows,
                           float *stream, void *activations) {
  DISPATCH(kernels, normalise(gain, shift, rows, stream, activations));
}

void dbk_encoder_attend(dbk_kernels kernels, const float *rows, int32_t count, void *activations,
                        float *scratch) {
  DISPATCH(kernels, attend(rows, count, activations, scratch));
}

void dbk_encoder_pool(dbk_kernels kernels, const float *stream, int32_t count, float *vector) {
  DISPATCH(kernels, pool(stream, count, vector));
}
