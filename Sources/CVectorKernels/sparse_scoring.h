#include "sparse_format.h"

// How a level scores lists and ranges of sparse blocks, around its own product of a block and a query. Included once
// by each file that defines, before it:
//   SPARSE_TARGET                  the attribute of the level's functions
//   sparse_query                   what the level makes of a query once for a list
//   sparse_prepare(query)          makes it
//   sparse_product(&made, block, block_bytes)   the sum of products, an exact integer
// The size of a block is a constant wherever it counts, so that the compiler unrolls a block whole.

SPARSE_TARGET static inline __attribute__((always_inline)) float score(const struct vk_kernels *k, struct vk_query q,
                                                                       const sparse_query *made, struct vk_codes c,
                                                                       uint32_t slot, size_t bytes) {
    const uint8_t *block = c.blocks + (size_t)slot * bytes;
    const float scale = scale_of(block, bytes);
    float result;
    if (__builtin_expect(values_of(block, half_of(bytes))[0] == SPILLED, 0)) {
        result = score_spilled(k, q, c, block, scale);
    } else {
        result = (float)sparse_product(made, block, bytes) * (q.scale * scale);
    }
    return c.offsets ? result - c.offsets[slot] : result;
}

SPARSE_TARGET static inline __attribute__((always_inline)) void score_list(const struct vk_kernels *k, struct vk_query q,
                                                                           struct vk_codes c, const uint32_t *slots,
                                                                           size_t count, float *out, size_t bytes) {
    // A neighbour list is short: all of it is asked of memory at once.
    const size_t ahead = 32;
    for (size_t i = 0; i < count && i < ahead; i++) vk_prefetch_lines(c.blocks + (size_t)slots[i] * bytes, bytes / 64);
    const sparse_query made = sparse_prepare(q);
    for (size_t i = 0; i < count; i++) {
        if (i + ahead < count) vk_prefetch_lines(c.blocks + (size_t)slots[i + ahead] * bytes, bytes / 64);
        out[i] = score(k, q, &made, c, slots[i], bytes);
    }
}

SPARSE_TARGET static void score_blocks(const struct vk_kernels *k, struct vk_query q, struct vk_codes c,
                                       const uint32_t *slots, size_t count, float *out) {
    if (c.block_bytes == 64) score_list(k, q, c, slots, count, out, 64);
    else score_list(k, q, c, slots, count, out, 128);
}

SPARSE_TARGET static void score_block_range(const struct vk_kernels *k, struct vk_query q, struct vk_codes c,
                                            uint32_t first, size_t count, float *out) {
    const sparse_query made = sparse_prepare(q);
    if (c.block_bytes == 64)
        for (size_t i = 0; i < count; i++) out[i] = score(k, q, &made, c, first + (uint32_t)i, 64);
    else
        for (size_t i = 0; i < count; i++) out[i] = score(k, q, &made, c, first + (uint32_t)i, 128);
}
