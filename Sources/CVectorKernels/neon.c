#include "kernel_support.h"

#if defined(__aarch64__)
#include <arm_neon.h>

// The stored bias is undone on load: signed products of 8 bits fit 16 bits exactly, pairs are added to 32.
static inline int32_t sum_products(const uint8_t *stored, const int8_t *query, size_t length, int32_t bias) {
    const uint8x16_t flip = vdupq_n_u8(0x80);
    int32x4_t even = vdupq_n_s32(0), odd = even;
    for (size_t i = 0; i < length; i += 16) {
        int8x16_t s = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(stored + i), flip));
        int8x16_t q = vld1q_s8(query + i);
        even = vpadalq_s16(even, vmull_s8(vget_low_s8(s), vget_low_s8(q)));
        odd = vpadalq_s16(odd, vmull_high_s8(s, q));
    }
    return vaddvq_s32(vaddq_s32(even, odd)) + bias;
}

static void score_slots(struct vk_query q, struct vk_codes c, const uint32_t *slots, size_t count, float *out) {
    const size_t ahead = 4;
    for (size_t i = 0; i < count && i < ahead; i++)
        vk_prefetch_lines(c.base + (size_t)slots[i] * q.length, q.length / 64);
    for (size_t i = 0; i < count; i++) {
        if (i + ahead < count) vk_prefetch_lines(c.base + (size_t)slots[i + ahead] * q.length, q.length / 64);
        const uint8_t *stored = c.base + (size_t)slots[i] * q.length;
        out[i] = vk_finish(q, c, slots[i], sum_products(stored, q.codes, q.length, q.bias));
    }
}

static void score_range(struct vk_query q, struct vk_codes c, uint32_t first, size_t count, float *out) {
    for (size_t i = 0; i < count; i++) {
        uint32_t slot = first + (uint32_t)i;
        const uint8_t *stored = c.base + (size_t)slot * q.length;
        out[i] = vk_finish(q, c, slot, sum_products(stored, q.codes, q.length, q.bias));
    }
}

static int32_t unbias(const uint8_t *stored, size_t length, int8_t *out) {
    const uint8x16_t flip = vdupq_n_u8(0x80);
    int32_t sum = 0;
    for (size_t i = 0; i < length; i += 16) {
        int8x16_t v = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(stored + i), flip));
        vst1q_s8(out + i, v);
        sum += vaddlvq_s8(v);
    }
    return sum;
}

static float dot_floats(const float *a, const float *b, size_t length) {
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

static float dot_two_codes(const float *query, const uint8_t *first, float first_scale, const uint8_t *second,
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

static const struct vk_kernels table = {VK_NEON, score_slots, score_range, vk_sparse_scalar_slots, vk_sparse_scalar_range,
                                       vk_scalar_nibbles, vk_scalar_add_scaled, unbias, dot_floats, dot_two_codes};

const struct vk_kernels *vk_neon(void) { return &table; }
#else
const struct vk_kernels *vk_neon(void) { return 0; }
#endif
