#include "kernel_support.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,avx2,fma")))

// Four vectors at a time: they share the query's loads, and their chains of multiply-adds overlap.
TARGET static inline void sum_products_4(const uint8_t *const s[4], const int8_t *query, size_t length, int32_t out[4]) {
    __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
    for (size_t i = 0; i < length; i += 64) {
        __m512i q = _mm512_loadu_si512(query + i);
        a = _mm512_dpbusd_epi32(a, _mm512_loadu_si512(s[0] + i), q);
        b = _mm512_dpbusd_epi32(b, _mm512_loadu_si512(s[1] + i), q);
        c = _mm512_dpbusd_epi32(c, _mm512_loadu_si512(s[2] + i), q);
        d = _mm512_dpbusd_epi32(d, _mm512_loadu_si512(s[3] + i), q);
    }
    // Transposing sum: four accumulators to four totals in one register.
    __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    __m512i abcd = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(abcd), _mm512_extracti64x4_epi64(abcd, 1));
    _mm_storeu_si128((__m128i *)out, _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1)));
}

TARGET static inline int32_t sum_products(const uint8_t *stored, const int8_t *query, size_t length) {
    __m512i sum = _mm512_setzero_si512();
    for (size_t i = 0; i < length; i += 64)
        sum = _mm512_dpbusd_epi32(sum, _mm512_loadu_si512(stored + i), _mm512_loadu_si512(query + i));
    return _mm512_reduce_add_epi32(sum);
}

TARGET static void score_slots(struct vk_query q, struct vk_codes c, const uint32_t *slots, size_t count, float *out) {
    const size_t lines = q.length / 64, ahead = 8;
    for (size_t i = 0; i < count && i < ahead; i++) vk_prefetch_lines(c.base + (size_t)slots[i] * q.length, lines);
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        for (size_t j = i + ahead; j < i + ahead + 4 && j < count; j++)
            vk_prefetch_lines(c.base + (size_t)slots[j] * q.length, lines);
        const uint8_t *s[4];
        int32_t sums[4];
        for (int j = 0; j < 4; j++) s[j] = c.base + (size_t)slots[i + j] * q.length;
        sum_products_4(s, q.codes, q.length, sums);
        for (int j = 0; j < 4; j++) out[i + j] = vk_finish(q, c, slots[i + j], sums[j]);
    }
    for (; i < count; i++)
        out[i] = vk_finish(q, c, slots[i], sum_products(c.base + (size_t)slots[i] * q.length, q.codes, q.length));
}

TARGET static void score_range(struct vk_query q, struct vk_codes c, uint32_t first, size_t count, float *out) {
    size_t i = 0;
    const size_t lines = q.length / 64, ahead = 8;
    const uint8_t *base = c.base + (size_t)first * q.length;
    for (; i + 4 <= count; i += 4, base += 4 * q.length) {
        // The processor fetches no further than a page by itself.
        if (i + ahead + 4 <= count) vk_prefetch_lines(base + ahead * q.length, 4 * lines);
        const uint8_t *s[4] = {base, base + q.length, base + 2 * q.length, base + 3 * q.length};
        int32_t sums[4];
        sum_products_4(s, q.codes, q.length, sums);
        for (int j = 0; j < 4; j++) out[i + j] = vk_finish(q, c, first + (uint32_t)(i + j), sums[j]);
    }
    for (; i < count; i++, base += q.length)
        out[i] = vk_finish(q, c, first + (uint32_t)i, sum_products(base, q.codes, q.length));
}

TARGET static int32_t unbias(const uint8_t *stored, size_t length, int8_t *out) {
    const __m512i flip = _mm512_set1_epi8((char)0x80);
    __m512i sums = _mm512_setzero_si512();
    for (size_t i = 0; i < length; i += 64) {
        __m512i v = _mm512_loadu_si512(stored + i);
        sums = _mm512_add_epi64(sums, _mm512_sad_epu8(v, _mm512_setzero_si512()));
        _mm512_storeu_si512(out + i, _mm512_xor_si512(v, flip));
    }
    return (int32_t)_mm512_reduce_add_epi64(sums) - 128 * (int32_t)length;
}

TARGET static float dot_floats(const float *a, const float *b, size_t length) {
    __m512 s0 = _mm512_setzero_ps(), s1 = s0;
    size_t i = 0;
    for (; i + 32 <= length; i += 32) {
        s0 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), s0);
        s1 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 16), _mm512_loadu_ps(b + i + 16), s1);
    }
    float sum = _mm512_reduce_add_ps(_mm512_add_ps(s0, s1));
    for (; i < length; i++) sum += a[i] * b[i];
    return sum;
}

TARGET static inline __m512 widen(const uint8_t *stored) {
    __m128i v = _mm_xor_si128(_mm_loadu_si128((const __m128i *)stored), _mm_set1_epi8((char)0x80));
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(v));
}

TARGET static float dot_two_codes(const float *query, const uint8_t *first, float first_scale, const uint8_t *second,
                                  float second_scale, size_t length) {
    __m512 coarse = _mm512_setzero_ps(), fine = coarse;
    for (size_t i = 0; i < length; i += 16) {
        __m512 q = _mm512_loadu_ps(query + i);
        coarse = _mm512_fmadd_ps(q, widen(first + i), coarse);
        fine = _mm512_fmadd_ps(q, widen(second + i), fine);
    }
    return _mm512_reduce_add_ps(coarse) * first_scale + _mm512_reduce_add_ps(fine) * second_scale;
}

static const struct vk_kernels table = {VK_AVX512_VNNI, score_slots, score_range, vk_sparse_avx2_slots, vk_sparse_avx2_range,
                                       vk_avx2_nibbles, vk_avx2_add_scaled, unbias, dot_floats, dot_two_codes};

// Processors that permute bytes look up sparse blocks that way; all else is the same.
static const struct vk_kernels vbmi_table = {VK_AVX512_VBMI, score_slots, score_range, vk_sparse_avx512_slots,
                                            vk_sparse_avx512_range, vk_avx2_nibbles, vk_avx2_add_scaled, unbias,
                                            dot_floats, dot_two_codes};

const struct vk_kernels *vk_avx512_vnni(void) { return &table; }
const struct vk_kernels *vk_avx512_vbmi(void) { return &vbmi_table; }
#else
const struct vk_kernels *vk_avx512_vnni(void) { return 0; }
const struct vk_kernels *vk_avx512_vbmi(void) { return 0; }
#endif
