#include "sparse_format.h"

// A decision sets some 26 of 384 dimensions, so its code is kept as pairs of position and value: one cache line
// instead of six, and a walk over a large graph waits for memory more than for anything else.
//
// Block: `half` positions from 0 on, `half` positions from `length - 256` on, their values in the same order, the
// scale in the last four bytes. Unused places have position and value 0. A vector that does not fit lies dense in
// the overflow; its block then holds the place there, and the first value is -128, which no count has.

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
