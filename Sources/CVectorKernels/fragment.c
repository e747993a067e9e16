#include "vector_kernels.h"

#if defined(__x86_64__)
#include <emmintrin.h>

// Sixteen bytes at a time, after W. Mula, SIMD-friendly algorithms for substring searching, 2016: two bytes of the
// fragment are compared at once, which leaves few places to look closer at. SSE2 is part of every x86-64.
static uint64_t places_of_16(const uint8_t *bytes, const struct vk_fragment *fragment) {
    const __m128i first = _mm_loadu_si128((const __m128i *)bytes);
    const __m128i second = _mm_loadu_si128((const __m128i *)(bytes + fragment->distance));
    const __m128i is_first = _mm_cmpeq_epi8(_mm_or_si128(first, _mm_set1_epi8((char)fragment->first_case)),
                                            _mm_set1_epi8((char)fragment->first));
    const __m128i is_second = _mm_cmpeq_epi8(_mm_or_si128(second, _mm_set1_epi8((char)fragment->second_case)),
                                             _mm_set1_epi8((char)fragment->second));
    // A comparison sets the high bit, which a byte of no ASCII character has by itself.
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_and_si128(is_first, is_second), first));
}

uint64_t vk_fragment_places(const uint8_t *bytes, const struct vk_fragment *fragment) {
    uint64_t places = 0;
    for (int part = 0; part < 4; part++) places |= places_of_16(bytes + 16 * part, fragment) << (16 * part);
    return places;
}
#else
uint64_t vk_fragment_places(const uint8_t *bytes, const struct vk_fragment *fragment) {
    uint64_t places = 0;
    for (int place = 0; place < 64; place++) {
        const uint8_t first = bytes[place], second = bytes[place + fragment->distance];
        const int is_found = (first | fragment->first_case) == fragment->first
                             && (second | fragment->second_case) == fragment->second;
        places |= (uint64_t)(is_found || first >= 0x80) << place;
    }
    return places;
}
#endif
