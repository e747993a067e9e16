#include "kernel_support.h"

#if defined(__aarch64__)
#define NEON_TARGET __attribute__((target("arch=armv8.2-a+dotprod")))
#include <arm_neon.h>

// Products of four pairs of signed bytes are added to each sum at once (ARMv8.2 DotProd).
NEON_TARGET static inline int32x4_t add_products(int32x4_t sums, int8x16_t a, int8x16_t b) {
    return vdotq_s32(sums, a, b);
}

#include "neon_scoring.h"

static const struct vk_kernels table = {
    VK_NEON,       score_slots,        score_range,    score_blocks,       score_block_range,
    score_nibbles, vk_neon_add_scaled, vk_neon_unbias, vk_neon_dot_floats, vk_neon_dot_two_codes};

const struct vk_kernels *vk_neon_dot(void) { return &table; }
#else
const struct vk_kernels *vk_neon_dot(void) { return 0; }
#endif
