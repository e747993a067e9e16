#include <arm_neon.h>

#include "sparse_format.h"

// How the two tables of NEON score codes, around their own sum of products. Included once by each file that defines,
// before it:
//   NEON_TARGET                  the attribute of the table's functions
//   add_products(sums, a, b)     adds sixteen products of signed bytes to four sums, exactly

NEON_TARGET static inline int8x16_t load_signed(const uint8_t *stored) {
    return vreinterpretq_s8_u8(veorq_u8(vld1q_u8(stored), vdupq_n_u8(0x80)));
}

// The stored bias is undone on load, so the products are of signed bytes.
NEON_TARGET static inline int32_t sum_products(const uint8_t *stored, const int8_t *query, size_t length) {
    int32x4_t even = vdupq_n_s32(0), odd = even;
    for (size_t i = 0; i < length; i += 32) {
        even = add_products(even, load_signed(stored + i), vld1q_s8(query + i));
        odd = add_products(odd, load_signed(stored + i + 16), vld1q_s8(query + i + 16));
    }
    return vaddvq_s32(vaddq_s32(even, odd));
}

NEON_TARGET static void score_slots(struct vk_query q, struct vk_codes c, const uint32_t *slots, size_t count, float *out) {
    const size_t ahead = 4;
    for (size_t i = 0; i < count && i < ahead; i++)
        vk_prefetch_lines(c.base + (size_t)slots[i] * q.length, q.length / 64);
    for (size_t i = 0; i < count; i++) {
        if (i + ahead < count) vk_prefetch_lines(c.base + (size_t)slots[i + ahead] * q.length, q.length / 64);
        const uint8_t *stored = c.base + (size_t)slots[i] * q.length;
        out[i] = vk_finish(q, c, slots[i], sum_products(stored, q.codes, q.length) + q.bias);
    }
}

NEON_TARGET static void score_range(struct vk_query q, struct vk_codes c, uint32_t first, size_t count, float *out) {
    for (size_t i = 0; i < count; i++) {
        uint32_t slot = first + (uint32_t)i;
        const uint8_t *stored = c.base + (size_t)slot * q.length;
        out[i] = vk_finish(q, c, slot, sum_products(stored, q.codes, q.length) + q.bias);
    }
}

// A nibble is at most 15, so it is a signed byte as it stands.
NEON_TARGET static inline int32_t sum_nibbles(const uint8_t *stored, const int8_t *query, size_t half) {
    int32x4_t first = vdupq_n_s32(0), second = first;
    for (size_t i = 0; i < half; i += 16) {
        uint8x16_t v = vld1q_u8(stored + i);
        first = add_products(first, vreinterpretq_s8_u8(vandq_u8(v, vdupq_n_u8(15))), vld1q_s8(query + i));
        second = add_products(second, vreinterpretq_s8_u8(vshrq_n_u8(v, 4)), vld1q_s8(query + half + i));
    }
    return vaddvq_s32(vaddq_s32(first, second));
}

NEON_TARGET static void score_nibbles(struct vk_query q, struct vk_codes c, const uint32_t *slots, size_t count,
                                      float *out) {
    const size_t ahead = 8, lines = (c.block_bytes + 63) / 64;
    for (size_t i = 0; i < count && i < ahead; i++) vk_prefetch_lines(c.base + (size_t)slots[i] * c.block_bytes, lines);
    for (size_t i = 0; i < count; i++) {
        if (i + ahead < count) vk_prefetch_lines(c.base + (size_t)slots[i + ahead] * c.block_bytes, lines);
        out[i] = vk_finish(q, c, slots[i], sum_nibbles(c.base + (size_t)slots[i] * c.block_bytes, q.codes, q.length / 2));
    }
}

// The query's values for each half of a block, as tables of 64.
typedef struct {
    int8x16x4_t low[4], high[4];
} sparse_query;

NEON_TARGET static inline __attribute__((always_inline)) sparse_query sparse_prepare(struct vk_query q) {
    const int8_t *high = q.codes + second_base(q.length);
    const int8x16_t none = vdupq_n_s8(0);
    sparse_query made;
    for (size_t i = 0; i < 4; i++) {
        // A short query has no values for the last tables, and no block has positions there.
        const int has_values = 64 * i < q.length;
        made.low[i] = has_values ? vld1q_s8_x4(q.codes + 64 * i) : (int8x16x4_t){{none, none, none, none}};
        made.high[i] = has_values ? vld1q_s8_x4(high + 64 * i) : (int8x16x4_t){{none, none, none, none}};
    }
    return made;
}

// The query's values at sixteen positions: what lies outside a table is left as it was.
NEON_TARGET static inline __attribute__((always_inline)) int8x16_t look_up(const int8x16x4_t tables[4],
                                                                           uint8x16_t positions) {
    int8x16_t found = vqtbl4q_s8(tables[0], positions);
    found = vqtbx4q_s8(found, tables[1], vsubq_u8(positions, vdupq_n_u8(64)));
    found = vqtbx4q_s8(found, tables[2], vsubq_u8(positions, vdupq_n_u8(128)));
    return vqtbx4q_s8(found, tables[3], vsubq_u8(positions, vdupq_n_u8(192)));
}

// Adds the products of up to 16 places of each half of a block, from `place` on.
NEON_TARGET static inline __attribute__((always_inline)) int32x4_t add_places(int32x4_t sums, const sparse_query *q,
                                                                              const uint8_t *block, size_t half,
                                                                              size_t place) {
    const int8_t *values = values_of(block, half) + place;
    int8x16_t first = vld1q_s8(values), second = vld1q_s8(values + half);
    if (half - place < 16) {
        // The last of the sixteen bytes belongs to what follows.
        first = vsetq_lane_s8(0, first, 15);
        second = vsetq_lane_s8(0, second, 15);
    }
    sums = add_products(sums, first, look_up(q->low, vld1q_u8(block + place)));
    return add_products(sums, second, look_up(q->high, vld1q_u8(block + half + place)));
}

NEON_TARGET static inline __attribute__((always_inline)) int32_t sparse_product(const sparse_query *q,
                                                                                const uint8_t *block, size_t bytes) {
    const size_t half = half_of(bytes);
    int32x4_t sums = add_places(vdupq_n_s32(0), q, block, half, 0);
    if (half > 16) sums = add_places(sums, q, block, half, 16);
    return vaddvq_s32(sums);
}

#define SPARSE_TARGET NEON_TARGET
#include "sparse_scoring.h"
