#include "kernel_support.h"

#if defined(__aarch64__)
#define NEON_TARGET
#include <arm_neon.h>

// Products of signed bytes fit 16 bits exactly; pairs of them are added to 32.
static inline int32x4_t add_products(int32x4_t sums, int8x16_t a, int8x16_t b) {
    sums = vpadalq_s16(sums, vmull_s8(vget_low_s8(a), vget_low_s8(b)));
    return vpadalq_s16(sums, vmull_high_s8(a, b));
}

#include "neon_scoring.h"

int32_t vk_neon_unbias(const uint8_t *stored, size_t length, int8_t *out) {
    int32_t sum = 0;
    for (size_t i = 0; i < length; i += 16) {
        int8x16_t v = load_signed(stored + i);
        vst1q_s8(out + i, v);
        sum += vaddlvq_s8(v);
    }
    return sum;
}

void vk_neon_add_scaled(float *sums, const float *row, float factor, size_t length) {
    size_t i = 0;
    for (; i + 4 <= length; i += 4) vst1q_f32(sums + i, vfmaq_n_f32(vld1q_f32(sums + i), vld1q_f32(row + i), factor));
    for (; i < length; i++) sums[i] += factor * row[i];
}

float vk_neon_dot_floats(const float *a, const float *b, size_t length) {
    float32x4_t s0 = vdupq_n_f32(0), s1 = s0;
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        s0 = vfmaq_f32(s0, vld1q_f32(a + i), vld1q_f32(b + i));
        s1 = vfmaq_f32(s1, vld1q_f32(a + i + 4), vld1q_f32(b + i + 4));
    }
    float sum = vaddvq_f32(vaddq_f32(s0, s1));
    for (; i < length; i++) sum += a[i] * b[i];
    return sum;
}

float vk_neon_dot_two_codes(const float *query, const uint8_t *first, float first_scale, const uint8_t *second,
                            float second_scale, size_t length) {
    const uint8x8_t flip = vdup_n_u8(0x80);
    float32x4_t coarse = vdupq_n_f32(0), fine = coarse;
    for (size_t i = 0; i < length; i += 8) {
        int16x8_t f = vmovl_s8(vreinterpret_s8_u8(veor_u8(vld1_u8(first + i), flip)));
        int16x8_t s = vmovl_s8(vreinterpret_s8_u8(veor_u8(vld1_u8(second + i), flip)));
        float32x4_t low = vld1q_f32(query + i), high = vld1q_f32(query + i + 4);
        coarse = vfmaq_f32(coarse, low, vcvtq_f32_s32(vmovl_s16(vget_low_s16(f))));
        coarse = vfmaq_f32(coarse, high, vcvtq_f32_s32(vmovl_high_s16(f)));
        fine = vfmaq_f32(fine, low, vcvtq_f32_s32(vmovl_s16(vget_low_s16(s))));
        fine = vfmaq_f32(fine, high, vcvtq_f32_s32(vmovl_high_s16(s)));
    }
    return vaddvq_f32(coarse) * first_scale + vaddvq_f32(fine) * second_scale;
}

static const struct vk_kernels table = {
    VK_NEON,       score_slots,        score_range,    score_blocks,       score_block_range,
    score_nibbles, vk_neon_add_scaled, vk_neon_unbias, vk_neon_dot_floats, vk_neon_dot_two_codes};

const struct vk_kernels *vk_neon(void) { return &table; }
#else
const struct vk_kernels *vk_neon(void) { return 0; }
#endif
