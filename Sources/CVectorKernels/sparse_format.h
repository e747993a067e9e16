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

static inline const int8_t *values_of(const uint8_t *block, size_t half) { return (const int8_t *)(block + 2 * half); }
