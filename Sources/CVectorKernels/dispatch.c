#include "kernel_support.h"

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

// A level is offered only if the processor reports every instruction set its file is compiled for, and the
// operating system saves the registers it uses. One bit never stands for another.

#if defined(__x86_64__)
#include <cpuid.h>

static uint64_t saved_registers(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return ((uint64_t)high << 32) | low;
}

static int has_level(int level) {
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    const int fma = (c >> 12) & 1, osxsave = (c >> 27) & 1, avx = (c >> 28) & 1;
    if (!osxsave || !avx || !fma) return 0;
    const uint64_t saved = saved_registers();
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    const int avx2 = (b >> 5) & 1, f = (b >> 16) & 1, bw = (b >> 30) & 1, vl = (b >> 31) & 1, vnni = (c >> 11) & 1;
    const int vbmi = (c >> 1) & 1;
    if (level == VK_AVX2) return avx2 && (saved & 0x6) == 0x6;
    const int has_vnni = avx2 && f && bw && vl && vnni && (saved & 0xe6) == 0xe6;
    if (level == VK_AVX512_VNNI) return has_vnni;
    if (level == VK_AVX512_VBMI) return has_vnni && vbmi;
    return 0;
}
#else
static int has_level(int level) {
    (void)level;
    return 0;
}
#endif

// Every 64-bit ARM has NEON; its dot products of bytes are an extension.
static const struct vk_kernels *neon_kernels(void) {
#if defined(__aarch64__)
    return getauxval(AT_HWCAP) & HWCAP_ASIMDDP ? vk_neon_dot() : vk_neon();
#else
    return 0;
#endif
}

const struct vk_kernels *vk_kernels_for(int level) {
    switch (level) {
        case VK_SCALAR: return vk_scalar();
        case VK_AVX2: return has_level(level) ? vk_avx2() : 0;
        case VK_AVX512_VNNI: return has_level(level) ? vk_avx512_vnni() : 0;
        case VK_AVX512_VBMI: return has_level(level) ? vk_avx512_vbmi() : 0;
        case VK_NEON: return neon_kernels();
        default: return 0;
    }
}

int vk_best_level(void) {
    static const int fastest_first[] = {VK_AVX512_VBMI, VK_AVX512_VNNI, VK_AVX2, VK_NEON};
    for (size_t i = 0; i < sizeof fastest_first / sizeof *fastest_first; i++)
        if (vk_kernels_for(fastest_first[i])) return fastest_first[i];
    return VK_SCALAR;
}

const struct vk_kernels *vk_default_kernels(void) {
    const int best = vk_best_level();
#ifndef __OPTIMIZE__
    if (has_level(VK_AVX2) && vk_avx2_unoptimized()) return vk_avx2_unoptimized();
#endif
    return vk_kernels_for(best);
}
