#include <string.h>

#include "kernel_support.h"

// Codes of fewer bits than eight a value, for walks; what they find is scored again with the exact form.
//
// Nibbles: values of -7...7 stored as value + 8, dimension i in the low half of byte i, dimension i + length / 2 in
// its high half. So a whole register of bytes is multiplied by two stretches of the query, and
// sum(stored * query) = dot + 8 * sum(query).
//
// Lookups (H. Jegou, M. Douze, C. Schmid: Product Quantization for Nearest Neighbor Search, 2011): a code names one
// centroid for each part of the vector, and the query's table holds its product with every centroid, 256 entries a
// part where a byte names one, 16 where four bits do: part 2 i in the low half of byte i.

void vk_pack_nibbles(const int8_t *values, size_t length, uint8_t *code) {
    const size_t half = length / 2;
    for (size_t i = 0; i < half; i++) code[i] = (uint8_t)((values[i] + 8) | ((values[i + half] + 8) << 4));
}

static float sum_bytes(const float *table, const uint8_t *code, size_t bytes) {
    float sums[4] = {0};
    size_t i = 0;
    for (; i + 4 <= bytes; i += 4, table += 4 * 256)
        for (size_t j = 0; j < 4; j++) sums[j] += table[256 * j + code[i + j]];
    for (; i < bytes; i++, table += 256) sums[0] += table[code[i]];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

static float sum_nibbles(const float *table, const uint8_t *code, size_t bytes) {
    float sums[4] = {0};
    size_t i = 0;
    for (; i + 2 <= bytes; i += 2, table += 4 * 16)
        for (size_t j = 0; j < 2; j++) {
            sums[2 * j] += table[32 * j + (code[i + j] & 15)];
            sums[2 * j + 1] += table[32 * j + 16 + (code[i + j] >> 4)];
        }
    for (; i < bytes; i++, table += 32) sums[0] += table[code[i] & 15] + table[16 + (code[i] >> 4)];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

void vk_score_lookups(struct vk_query q, struct vk_codes c, const uint32_t *slots, size_t count, float *out) {
    const size_t ahead = 16, bytes = c.block_bytes;
    for (size_t i = 0; i < count && i < ahead; i++) vk_prefetch_lines(c.base + (size_t)slots[i] * bytes, 1);
    for (size_t i = 0; i < count; i++) {
        if (i + ahead < count) vk_prefetch_lines(c.base + (size_t)slots[i + ahead] * bytes, 1);
        const uint8_t *code = c.base + (size_t)slots[i] * bytes;
        const float score = c.form == VK_LOOKUP_BYTES ? sum_bytes(q.table, code, bytes) : sum_nibbles(q.table, code, bytes);
        out[i] = c.offsets ? score - c.offsets[slots[i]] : score;
    }
}
