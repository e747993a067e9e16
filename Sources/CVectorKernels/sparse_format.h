#pragma once
#include <string.h>

#include "kernel_support.h"

// How a sparse block lies in memory; sparse.c says why.

enum { SPILLED = -128 };

static inline size_t half_of(size_t block_bytes) { return (block_bytes - sizeof(float)) / 4; }

static inline size_t second_base(size_t length) { return length > 256 ? length - 256 : 0; }

static inline float scale_of(const uint8_t *block, size_t block_bytes) {
    float scale;
    memcpy(&scale, block + block_bytes - sizeof scale, sizeof scale);
    return scale;
}

// The score of a block whose vector lies dense in the overflow, before its offset is taken off.
static inline float score_spilled(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, const uint8_t *block,
                                  float scale) {
    const struct vk_codes spilled = {c.base + (size_t)vk_sparse_spill(block) * q.length, &scale, 0, 0, 0, VK_BYTES};
    float result;
    k->score_range(q, spilled, 0, 1, &result);
    return result;
}

static inline const int8_t *values_of(const uint8_t *block, size_t half) { return (const int8_t *)(block + 2 * half); }
