#pragma once
#include "vector_kernels.h"

// Shared by the kernel files: how a raw sum becomes a score.
static inline float vk_finish(struct vk_query q, struct vk_codes c, uint32_t slot, int32_t sum) {
    float score = (float)(sum - q.bias) * (q.scale * c.scales[slot]);
    return c.offsets ? score - c.offsets[slot] : score;
}

// The AVX2 kernels of a build without optimization; null where there are none.
const struct vk_kernels *vk_avx2_unoptimized(void);

// Scores of sparse blocks, for the tables of several levels: sparse_scalar.c, sparse_avx2.c, sparse_avx512.c.
void vk_sparse_scalar_slots(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, const uint32_t *slots,
                            size_t count, float *out);
void vk_sparse_scalar_range(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, uint32_t first,
                            size_t count, float *out);
void vk_sparse_avx2_slots(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, const uint32_t *slots,
                          size_t count, float *out);
void vk_sparse_avx2_range(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, uint32_t first, size_t count,
                          float *out);
void vk_sparse_avx512_slots(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, const uint32_t *slots,
                            size_t count, float *out);
void vk_sparse_avx512_range(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, uint32_t first,
                            size_t count, float *out);

// Codes of four bits and sums of rows, likewise.
void vk_scalar_nibbles(struct vk_query q, struct vk_codes c, const uint32_t *slots, size_t count, float *out);
void vk_avx2_nibbles(struct vk_query q, struct vk_codes c, const uint32_t *slots, size_t count, float *out);
void vk_scalar_add_scaled(float *sums, const float *row, float factor, size_t length);
void vk_avx2_add_scaled(float *sums, const float *row, float factor, size_t length);

// What does not multiply bytes is the same in both tables of NEON: neon.c.
void vk_neon_add_scaled(float *sums, const float *row, float factor, size_t length);
int32_t vk_neon_unbias(const uint8_t *stored, size_t length, int8_t *out);
float vk_neon_dot_floats(const float *a, const float *b, size_t length);
float vk_neon_dot_two_codes(const float *query, const uint8_t *first, float first_scale, const uint8_t *second,
                            float second_scale, size_t length);
