#include "vector_kernels.h"

static uint64_t among_64(const int64_t *values, int64_t low, uint64_t span) {
    uint64_t found = 0;
    // Without a branch: one subtraction and one comparison tell both bounds.
    for (int place = 0; place < 64; place++) {
        found |= (uint64_t)((uint64_t)values[place] - (uint64_t)low <= span) << place;
    }
    return found;
}

void vk_keep_in_range_plain(const int64_t *values, size_t words, int64_t low, int64_t high, uint64_t *kept) {
    const uint64_t span = (uint64_t)high - (uint64_t)low;
    for (size_t word = 0; word < words; word++) {
        if (kept[word]) kept[word] &= among_64(values + 64 * word, low, span);
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static void in_range_avx2(const int64_t *values, size_t words, int64_t low, int64_t high,
                                                          uint64_t *kept) {
    const __m256i lows = _mm256_set1_epi64x(low), highs = _mm256_set1_epi64x(high);
    for (size_t word = 0; word < words; word++) {
        if (!kept[word]) continue;
        uint64_t outside = 0;
        for (int part = 0; part < 16; part++) {
            const __m256i value = _mm256_loadu_si256((const __m256i *)(values + 64 * word + 4 * part));
            const __m256i is_out = _mm256_or_si256(_mm256_cmpgt_epi64(lows, value), _mm256_cmpgt_epi64(value, highs));
            outside |= (uint64_t)(uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(is_out)) << (4 * part);
        }
        kept[word] &= ~outside;
    }
}
#endif

// Not of the index's level: the compiler's runtime looks at the processor once.
void vk_keep_in_range(const int64_t *values, size_t words, int64_t low, int64_t high, uint64_t *kept) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return in_range_avx2(values, words, low, high, kept);
#endif
    vk_keep_in_range_plain(values, words, low, high, kept);
}
