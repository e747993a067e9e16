#include <string.h>

#include "kernel_support.h"

// A decision sets some 26 of 384 dimensions, so its code is kept as pairs of position and value: one cache line
// instead of six, and a walk over a large graph waits for memory more than for anything else. A score is some
// thirty loads from the query, which is dense and stays in the first cache; that needs no vector instructions.
//
// Block: `half` positions from 0 on, `half` positions from `length - 256` on, their values in the same order, the
// scale in the last four bytes. Unused places have position and value 0. A vector that does not fit lies dense in
// the overflow; its block then holds the place there, and the first value is -128, which no count has.

enum { SPILLED = -128 };

static inline size_t half_of(size_t block_bytes) { return (block_bytes - sizeof(float)) / 4; }

static inline size_t second_base(size_t length) { return length > 256 ? length - 256 : 0; }

static inline float scale_of(const uint8_t *block, size_t block_bytes) {
    float scale;
    memcpy(&scale, block + block_bytes - sizeof scale, sizeof scale);
    return scale;
}

static inline const int8_t *values_of(const uint8_t *block, size_t half) { return (const int8_t *)(block + 2 * half); }

int vk_sparse_is_spilled(const uint8_t *block, size_t block_bytes) {
    return values_of(block, half_of(block_bytes))[0] == SPILLED;
}

uint32_t vk_sparse_spill(const uint8_t *block) {
    uint32_t place;
    memcpy(&place, block, sizeof place);
    return place;
}

void vk_sparse_set_spill(uint8_t *block, size_t block_bytes, uint32_t place, float scale) {
    memset(block, 0, block_bytes);
    memcpy(block, &place, sizeof place);
    block[2 * half_of(block_bytes)] = (uint8_t)SPILLED;
    memcpy(block + block_bytes - sizeof scale, &scale, sizeof scale);
}

int vk_sparse_pack(const int8_t *codes, size_t length, float scale, uint8_t *block, size_t block_bytes) {
    const size_t half = half_of(block_bytes), base = second_base(length);
    size_t first = 0, second = 0;
    memset(block, 0, block_bytes);
    for (size_t i = 0; i < length; i += 8) {
        uint64_t eight;
        memcpy(&eight, codes + i, sizeof eight);
        if (eight == 0) continue;
        for (size_t p = i; p < i + 8; p++) {
            if (codes[p] == 0) continue;
            if (codes[p] == SPILLED) return 0;
            if (p < 256 && first < half) {
                block[first] = (uint8_t)p;
                block[2 * half + first++] = (uint8_t)codes[p];
            } else if (p >= base && second < half) {
                block[half + second] = (uint8_t)(p - base);
                block[3 * half + second++] = (uint8_t)codes[p];
            } else {
                return 0;
            }
        }
    }
    memcpy(block + block_bytes - sizeof scale, &scale, sizeof scale);
    return 1;
}

int32_t vk_sparse_unpack(const uint8_t *block, size_t length, size_t block_bytes, int8_t *out) {
    const size_t half = half_of(block_bytes), base = second_base(length);
    const int8_t *values = values_of(block, half);
    int32_t sum = 0;
    memset(out, 0, length);
    // Added, not set: an unused place must not wipe out dimension 0.
    for (size_t i = 0; i < half; i++) {
        out[block[i]] = (int8_t)(out[block[i]] + values[i]);
        out[base + block[half + i]] = (int8_t)(out[base + block[half + i]] + values[half + i]);
        sum += values[i] + values[half + i];
    }
    return sum;
}

static inline __attribute__((always_inline)) int32_t product(const uint8_t *block, size_t half, const int8_t *low,
                                                             const int8_t *high) {
    const int8_t *values = values_of(block, half);
    int32_t a = 0, b = 0;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < half; i++) {
        a += low[block[i]] * values[i];
        b += high[block[half + i]] * values[half + i];
    }
    return a + b;
}

static inline __attribute__((always_inline)) float score(const struct vk_kernels *k, struct vk_query q, struct vk_codes c,
                                                         uint32_t slot, size_t bytes) {
    const size_t half = half_of(bytes);
    const uint8_t *block = c.blocks + (size_t)slot * bytes;
    float scale = scale_of(block, bytes), result;
    if (__builtin_expect(values_of(block, half)[0] == SPILLED, 0)) {
        struct vk_codes spilled = {c.base + (size_t)vk_sparse_spill(block) * q.length, &scale, 0, 0, 0};
        k->score_range(q, spilled, 0, 1, &result);
    } else {
        result = (float)product(block, half, q.codes, q.codes + second_base(q.length)) * (q.scale * scale);
    }
    return c.offsets ? result - c.offsets[slot] : result;
}

static inline __attribute__((always_inline)) void score_list(const struct vk_kernels *k, struct vk_query q,
                                                             struct vk_codes c, const uint32_t *slots, size_t count,
                                                             float *out, size_t bytes) {
    // A neighbour list is short: all of it is asked of memory at once.
    const size_t ahead = 32;
    for (size_t i = 0; i < count && i < ahead; i++) vk_prefetch_lines(c.blocks + (size_t)slots[i] * bytes, bytes / 64);
    for (size_t i = 0; i < count; i++) {
        if (i + ahead < count) vk_prefetch_lines(c.blocks + (size_t)slots[i + ahead] * bytes, bytes / 64);
        out[i] = score(k, q, c, slots[i], bytes);
    }
}

void vk_sparse_score_slots(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, const uint32_t *slots,
                           size_t count, float *out) {
    // The size as a constant lets the compiler unroll a block whole.
    if (c.block_bytes == 64) score_list(k, q, c, slots, count, out, 64);
    else score_list(k, q, c, slots, count, out, 128);
}

void vk_sparse_score_range(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, uint32_t first, size_t count,
                           float *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = c.block_bytes == 64 ? score(k, q, c, first + (uint32_t)i, 64) : score(k, q, c, first + (uint32_t)i, 128);
}
