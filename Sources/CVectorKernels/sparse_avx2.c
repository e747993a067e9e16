#include "sparse_format.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SPARSE_TARGET __attribute__((target("avx2")))

// The query as rows of a table: row r holds its values at 16 r ... 16 r + 15 in the low half and those at
// base + 16 r ... in the high half, so that one shuffle looks up a position of each half of a block in each byte.
typedef struct {
    __m256i rows[16];
} sparse_query;

SPARSE_TARGET static inline __attribute__((always_inline)) sparse_query sparse_prepare(struct vk_query q) {
    const int8_t *high = q.codes + second_base(q.length);
    // A short query has no values for the last rows, and no block has positions there.
    const size_t rows = q.length < 256 ? q.length / 16 : 16;
    sparse_query made;
    for (size_t r = 0; r < rows; r++)
        made.rows[r] = _mm256_inserti128_si256(
            _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(q.codes + 16 * r))),
            _mm_loadu_si128((const __m128i *)(high + 16 * r)), 1);
    for (size_t r = rows; r < 16; r++) made.rows[r] = _mm256_setzero_si256();
    return made;
}

// The query's values at 32 positions: the low four bits of a position choose within each row, the high four choose
// the row by a tree of blends (W. Mula: SIMD lookups in tables of 256 bytes).
SPARSE_TARGET static inline __attribute__((always_inline)) __m256i look_up(const sparse_query *q, __m256i positions) {
    const __m256i within = _mm256_and_si256(positions, _mm256_set1_epi8(0x0f));
    // A blend reads the top bit of each byte; what a shift brings in from the byte below stays under it.
    const __m256i bit4 = _mm256_slli_epi16(positions, 3), bit5 = _mm256_slli_epi16(positions, 2);
    const __m256i bit6 = _mm256_slli_epi16(positions, 1);
    __m256i quarters[4];
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        const __m256i *row = q->rows + 4 * i;
        const __m256i low = _mm256_blendv_epi8(_mm256_shuffle_epi8(row[0], within), _mm256_shuffle_epi8(row[1], within), bit4);
        const __m256i high = _mm256_blendv_epi8(_mm256_shuffle_epi8(row[2], within), _mm256_shuffle_epi8(row[3], within), bit4);
        quarters[i] = _mm256_blendv_epi8(low, high, bit5);
    }
    return _mm256_blendv_epi8(_mm256_blendv_epi8(quarters[0], quarters[1], bit6),
                              _mm256_blendv_epi8(quarters[2], quarters[3], bit6), positions);
}

SPARSE_TARGET static inline __attribute__((always_inline)) __m128i load(const uint8_t *bytes) {
    return _mm_loadu_si128((const __m128i *)bytes);
}

// The products of up to 16 places of each half of a block, from `place` on.
SPARSE_TARGET static inline __attribute__((always_inline)) __m256i products(const sparse_query *q, const uint8_t *block,
                                                                            size_t half, size_t place) {
    const __m256i positions = _mm256_inserti128_si256(_mm256_castsi128_si256(load(block + place)), load(block + half + place), 1);
    const __m256i found = look_up(q, positions);
    __m128i first = load(block + 2 * half + place), second = load(block + 3 * half + place);
    if (half - place < 16) {
        // The last of the sixteen bytes belongs to what follows.
        const __m128i own = _mm_srli_si128(_mm_set1_epi8(-1), 1);
        first = _mm_and_si128(first, own);
        second = _mm_and_si128(second, own);
    }
    // Widened before they are multiplied: exact for every value.
    return _mm256_add_epi32(
        _mm256_madd_epi16(_mm256_cvtepi8_epi16(first), _mm256_cvtepi8_epi16(_mm256_castsi256_si128(found))),
        _mm256_madd_epi16(_mm256_cvtepi8_epi16(second), _mm256_cvtepi8_epi16(_mm256_extracti128_si256(found, 1))));
}

SPARSE_TARGET static inline __attribute__((always_inline)) int32_t sparse_product(const sparse_query *q,
                                                                                  const uint8_t *block, size_t bytes) {
    const size_t half = half_of(bytes);
    __m256i sums = products(q, block, half, 0);
    if (half > 16) sums = _mm256_add_epi32(sums, products(q, block, half, 16));
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
    return _mm_cvtsi128_si32(s);
}

#include "sparse_scoring.h"

void vk_sparse_avx2_slots(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, const uint32_t *slots,
                          size_t count, float *out) {
    score_blocks(k, q, c, slots, count, out);
}

void vk_sparse_avx2_range(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, uint32_t first, size_t count,
                          float *out) {
    score_block_range(k, q, c, first, count, out);
}
#endif
