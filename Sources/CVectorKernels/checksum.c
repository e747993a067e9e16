#include "vector_kernels.h"
#include <string.h>

uint32_t vk_crc32c_table(uint32_t crc, const void *bytes, size_t length) {
    const uint8_t *p = bytes;
    crc = ~crc;
    for (size_t i = 0; i < length; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82f63b78u & (0u - (crc & 1)));
    }
    return ~crc;
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t crc32c_hardware(uint32_t crc, const uint8_t *p, size_t length) {
    uint64_t state = ~crc;
    for (; length >= 8; p += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        state = _mm_crc32_u64(state, word);
    }
    for (; length; p++, length--) state = _mm_crc32_u8((uint32_t)state, *p);
    return ~(uint32_t)state;
}

// Asked once: cpuid traps to the hypervisor in a virtual machine.
static int has_crc(void) {
    static _Atomic int known = -1;
    int answer = known;
    if (answer < 0) {
        uint32_t a, b, c, d;
        answer = __get_cpuid(1, &a, &b, &c, &d) && ((c >> 20) & 1);
        known = answer;
    }
    return answer;
}

uint32_t vk_crc32c(uint32_t crc, const void *bytes, size_t length) {
    return has_crc() ? crc32c_hardware(crc, bytes, length) : vk_crc32c_table(crc, bytes, length);
}
#else
uint32_t vk_crc32c(uint32_t crc, const void *bytes, size_t length) { return vk_crc32c_table(crc, bytes, length); }
#endif

static inline uint64_t mix(uint64_t a, uint64_t b) {
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// Multiply-fold hashing over two lanes of 8 bytes.
uint64_t vk_hash(uint64_t seed, const void *bytes, size_t length) {
    const uint8_t *p = bytes;
    uint64_t h = mix(seed ^ 0x9e3779b97f4a7c15u, length ^ 0xd1b54a32d192ed03u);
    for (; length >= 16; p += 16, length -= 16) {
        uint64_t a, b;
        memcpy(&a, p, 8);
        memcpy(&b, p + 8, 8);
        h = mix(a ^ 0xa0761d6478bd642fu, b ^ h ^ 0xe7037ed1a0b428dbu) + h;
    }
    uint64_t tail[2] = {0, 0};
    memcpy(tail, p, length);
    h = mix(tail[0] ^ 0x8ebc6af09c88c6e3u, tail[1] ^ h);
    return mix(h ^ 0x589965cc75374cc3u, h ^ 0x1d8e4e27c47d124fu);
}
