#include "kernel_support.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,fma")))

TARGET static inline int32_t sum_lanes(__m256i v) {
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
    return _mm_cvtsi128_si32(s);
}

TARGET static inline float sum_floats(__m256 v) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    s = _mm_add_ss(s, _mm_movehdup_ps(s));
    return _mm_cvtss_f32(s);
}

// vpmaddubsw would saturate at 16 bits, so both sides are widened first: exact.
TARGET static inline int32_t sum_products(const uint8_t *stored, const int8_t *query, size_t length) {
    __m256i even = _mm256_setzero_si256(), odd = _mm256_setzero_si256();
    for (size_t i = 0; i < length; i += 32) {
        __m256i s0 = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(stored + i)));
        __m256i s1 = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(stored + i + 16)));
        __m256i q0 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(query + i)));
        __m256i q1 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(query + i + 16)));
        even = _mm256_add_epi32(even, _mm256_madd_epi16(s0, q0));
        odd = _mm256_add_epi32(odd, _mm256_madd_epi16(s1, q1));
    }
    return sum_lanes(_mm256_add_epi32(even, odd));
}

TARGET static void score_slots(struct vk_query q, struct vk_codes c, const uint32_t *slots, size_t count, float *out) {
    const size_t ahead = 4;
    for (size_t i = 0; i < count && i < ahead; i++)
        vk_prefetch_lines(c.base + (size_t)slots[i] * q.length, q.length / 64);
    for (size_t i = 0; i < count; i++) {
        if (i + ahead < count) vk_prefetch_lines(c.base + (size_t)slots[i + ahead] * q.length, q.length / 64);
        out[i] = vk_finish(q, c, slots[i], sum_products(c.base + (size_t)slots[i] * q.length, q.codes, q.length));
    }
}

TARGET static void score_range(struct vk_query q, struct vk_codes c, uint32_t first, size_t count, float *out) {
    for (size_t i = 0; i < count; i++) {
        uint32_t slot = first + (uint32_t)i;
        out[i] = vk_finish(q, c, slot, sum_products(c.base + (size_t)slot * q.length, q.codes, q.length));
    }
}

// A product of a nibble and a signed byte is at most 15 * 128, so eight pairs of them fit 16 bits.
TARGET static int32_t sum_nibbles(const uint8_t *stored, const int8_t *query, size_t half) {
    const __m256i low = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1);
    __m256i sums = _mm256_setzero_si256();
    for (size_t i = 0; i < half; i += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(stored + i));
        __m256i first = _mm256_maddubs_epi16(_mm256_and_si256(v, low), _mm256_loadu_si256((const __m256i *)(query + i)));
        __m256i second = _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(v, 4), low),
                                              _mm256_loadu_si256((const __m256i *)(query + half + i)));
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_add_epi16(first, second), ones));
    }
    return sum_lanes(sums);
}

TARGET void vk_avx2_nibbles(struct vk_query q, struct vk_codes c, const uint32_t *slots, size_t count, float *out) {
    const size_t ahead = 8, lines = (c.block_bytes + 63) / 64;
    for (size_t i = 0; i < count && i < ahead; i++) vk_prefetch_lines(c.base + (size_t)slots[i] * c.block_bytes, lines);
    for (size_t i = 0; i < count; i++) {
        if (i + ahead < count) vk_prefetch_lines(c.base + (size_t)slots[i + ahead] * c.block_bytes, lines);
        out[i] = vk_finish(q, c, slots[i], sum_nibbles(c.base + (size_t)slots[i] * c.block_bytes, q.codes, q.length / 2));
    }
}

TARGET void vk_avx2_add_scaled(float *sums, const float *row, float factor, size_t length) {
    const __m256 f = _mm256_set1_ps(factor);
    size_t i = 0;
    for (; i + 8 <= length; i += 8)
        _mm256_storeu_ps(sums + i, _mm256_fmadd_ps(f, _mm256_loadu_ps(row + i), _mm256_loadu_ps(sums + i)));
    for (; i < length; i++) sums[i] += factor * row[i];
}

TARGET static int32_t unbias(const uint8_t *stored, size_t length, int8_t *out) {
    const __m256i flip = _mm256_set1_epi8((char)0x80);
    __m256i sums = _mm256_setzero_si256();
    for (size_t i = 0; i < length; i += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(stored + i));
        sums = _mm256_add_epi64(sums, _mm256_sad_epu8(v, _mm256_setzero_si256()));
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_xor_si256(v, flip));
    }
    return sum_lanes(sums) - 128 * (int32_t)length;
}

TARGET static float dot_floats(const float *a, const float *b, size_t length) {
    __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 32 <= length; i += 32) {
        s0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s0);
        s1 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), s1);
        s2 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 16), _mm256_loadu_ps(b + i + 16), s2);
        s3 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 24), _mm256_loadu_ps(b + i + 24), s3);
    }
    float sum = sum_floats(_mm256_add_ps(_mm256_add_ps(s0, s1), _mm256_add_ps(s2, s3)));
    for (; i < length; i++) sum += a[i] * b[i];
    return sum;
}

TARGET static inline __m256 widen(const uint8_t *stored) {
    __m128i v = _mm_xor_si128(_mm_loadl_epi64((const __m128i *)stored), _mm_set1_epi8((char)0x80));
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(v));
}

TARGET static float dot_two_codes(const float *query, const uint8_t *first, float first_scale, const uint8_t *second,
                                  float second_scale, size_t length) {
    __m256 coarse = _mm256_setzero_ps(), fine = coarse;
    for (size_t i = 0; i < length; i += 8) {
        __m256 q = _mm256_loadu_ps(query + i);
        coarse = _mm256_fmadd_ps(q, widen(first + i), coarse);
        fine = _mm256_fmadd_ps(q, widen(second + i), fine);
    }
    return sum_floats(coarse) * first_scale + sum_floats(fine) * second_scale;
}

static const struct vk_kernels table = {VK_AVX2, score_slots, score_range, vk_sparse_avx2_slots, vk_sparse_avx2_range,
                                       vk_avx2_nibbles, vk_avx2_add_scaled, unbias, dot_floats, dot_two_codes};

const struct vk_kernels *vk_avx2(void) { return &table; }

// Without optimization every vector instruction is a call around memory: plain loads are five times faster.
static const struct vk_kernels unoptimized = {
    VK_AVX2,           score_slots,          score_range, vk_sparse_scalar_slots, vk_sparse_scalar_range,
    vk_scalar_nibbles, vk_scalar_add_scaled, unbias,      dot_floats,             dot_two_codes};

const struct vk_kernels *vk_avx2_unoptimized(void) { return &unoptimized; }
#else
const struct vk_kernels *vk_avx2(void) { return 0; }
const struct vk_kernels *vk_avx2_unoptimized(void) { return 0; }
#endif
