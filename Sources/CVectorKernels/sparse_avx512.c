#include "sparse_format.h"

#if defined(__x86_64__)
#include <immintrin.h>

// Several blocks at a time: the same part of four blocks of 64 bytes, or of two of 128, fills a register, and one
// permutation looks up 128 of the query's values for each of its bytes (VBMI). Which level may run this: dispatch.c.

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vnni,avx2,fma")))
#define INLINE TARGET static inline __attribute__((always_inline))

enum { GROUP = 256 };  // the bytes of the blocks that are scored at a time

// The query's values at 0...255, and those from base on: what the two halves of a block choose from.
typedef struct {
    __m512i first[4], second[4];
} sparse_query;

INLINE sparse_query prepare(struct vk_query q) {
    const int8_t *high = q.codes + second_base(q.length);
    sparse_query made;
    // A short query has no values for the last rows, and no block has positions there.
    for (size_t r = 0; r < 4; r++) {
        const int is_there = 64 * r < q.length;
        made.first[r] = is_there ? _mm512_loadu_si512(q.codes + 64 * r) : _mm512_setzero_si512();
        made.second[r] = is_there ? _mm512_loadu_si512(high + 64 * r) : _mm512_setzero_si512();
    }
    return made;
}

INLINE __m512i look_up(const __m512i rows[4], __m512i positions) {
    const __m512i low = _mm512_permutex2var_epi8(rows[0], positions, rows[1]);
    const __m512i high = _mm512_permutex2var_epi8(rows[2], positions, rows[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(positions), low, high);
}

// The bytes from `place` on of each block: 16 of four blocks, or 32 of two.
INLINE __m512i part(const uint8_t *const *blocks, size_t place, size_t bytes) {
    if (bytes == 64) {
        __m512i v = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(blocks[0] + place)));
        v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(blocks[1] + place)), 1);
        v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(blocks[2] + place)), 2);
        return _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(blocks[3] + place)), 3);
    }
    const __m512i v = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)(blocks[0] + place)));
    return _mm512_inserti64x4(v, _mm256_loadu_si256((const __m256i *)(blocks[1] + place)), 1);
}

// The sums of products of a group of blocks, exact integers.
//
// A value is made unsigned by 128 more, and 128 times what it meets is taken off again: the multiply-add of VNNI is
// exact then. The last byte of each part belongs to what follows, and counts as a value of 0.
INLINE void sum_products(const sparse_query *q, const uint8_t *const *blocks, size_t bytes, int32_t *sums) {
    const size_t half = half_of(bytes);
    const __mmask64 own = bytes == 64 ? 0x7fff7fff7fff7fff : 0x7fffffff7fffffff;
    const __m512i middle = _mm512_set1_epi8((char)0x80);
    const __m512i first = look_up(q->first, part(blocks, 0, bytes));
    const __m512i second = look_up(q->second, part(blocks, half, bytes));
    const __m512i first_values = _mm512_xor_si512(_mm512_maskz_mov_epi8(own, part(blocks, 2 * half, bytes)), middle);
    const __m512i second_values = _mm512_xor_si512(_mm512_maskz_mov_epi8(own, part(blocks, 3 * half, bytes)), middle);
    __m512i raised = _mm512_dpbusd_epi32(_mm512_setzero_si512(), first_values, first);
    raised = _mm512_dpbusd_epi32(raised, second_values, second);
    __m512i raise = _mm512_dpbusd_epi32(_mm512_setzero_si512(), middle, first);
    raise = _mm512_dpbusd_epi32(raise, middle, second);
    __m512i s = _mm512_sub_epi32(raised, raise);
    s = _mm512_add_epi32(s, _mm512_shuffle_epi32(s, 0x4e));
    s = _mm512_add_epi32(s, _mm512_shuffle_epi32(s, 0xb1));
    // The first number of each quarter is its sum.
    const __m128i quarters = _mm512_castsi512_si128(_mm512_maskz_compress_epi32(0x1111, s));
    if (bytes == 64) _mm_storeu_si128((__m128i *)sums, quarters);
    else _mm_storel_epi64((__m128i *)sums, _mm_add_epi32(_mm_shuffle_epi32(quarters, 0x08), _mm_shuffle_epi32(quarters, 0x0d)));
}

INLINE float finish(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, const uint8_t *block, uint32_t slot,
                    int32_t sum, size_t bytes) {
    const float scale = scale_of(block, bytes);
    float result;
    if (__builtin_expect(values_of(block, half_of(bytes))[0] == SPILLED, 0)) {
        result = score_spilled(k, q, c, block, scale);
    } else {
        result = (float)sum * (q.scale * scale);
    }
    return c.offsets ? result - c.offsets[slot] : result;
}

// Scores blocks of one size; without slots those from `first` on.
INLINE void score_all(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, const uint32_t *slots,
                      uint32_t first, size_t count, float *out, size_t bytes) {
    // A neighbour list is short: all of it is asked of memory at once.
    const size_t ahead = 32, group = GROUP / bytes, lines = bytes / 64;
    if (slots)
        for (size_t i = 0; i < count && i < ahead; i++) vk_prefetch_lines(c.blocks + (size_t)slots[i] * bytes, lines);
    const sparse_query made = prepare(q);
    for (size_t i = 0; i < count; i += group) {
        const uint8_t *blocks[GROUP / 64];
        uint32_t places[GROUP / 64];
        int32_t sums[GROUP / 64];
        const size_t in_group = count - i < group ? count - i : group;
        for (size_t j = 0; j < group; j++) {
            // The last group is filled up with its last block.
            const size_t at = i + (j < in_group ? j : in_group - 1);
            places[j] = slots ? slots[at] : first + (uint32_t)at;
            blocks[j] = c.blocks + (size_t)places[j] * bytes;
            if (slots && at + ahead < count) vk_prefetch_lines(c.blocks + (size_t)slots[at + ahead] * bytes, lines);
        }
        sum_products(&made, blocks, bytes, sums);
        for (size_t j = 0; j < in_group; j++) out[i + j] = finish(k, q, c, blocks[j], places[j], sums[j], bytes);
    }
}

TARGET void vk_sparse_avx512_slots(const struct vk_kernels *k, struct vk_query q, struct vk_codes c,
                                   const uint32_t *slots, size_t count, float *out) {
    if (c.block_bytes == 64) score_all(k, q, c, slots, 0, count, out, 64);
    else score_all(k, q, c, slots, 0, count, out, 128);
}

TARGET void vk_sparse_avx512_range(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, uint32_t first,
                                   size_t count, float *out) {
    if (c.block_bytes == 64) score_all(k, q, c, 0, first, count, out, 64);
    else score_all(k, q, c, 0, first, count, out, 128);
}
#endif
