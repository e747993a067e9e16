#include "kernel_support.h"

// The reference: plain loops that the other levels are tested against.

static int32_t sum_products(const uint8_t *stored, const int8_t *query, size_t length) {
    int32_t sum = 0;
    for (size_t i = 0; i < length; i++) sum += (int32_t)stored[i] * (int32_t)query[i];
    return sum;
}

static void score_slots(struct vk_query q, struct vk_codes c, const uint32_t *slots, size_t count, float *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = vk_finish(q, c, slots[i], sum_products(c.base + (size_t)slots[i] * q.length, q.codes, q.length));
}

static void score_range(struct vk_query q, struct vk_codes c, uint32_t first, size_t count, float *out) {
    for (size_t i = 0; i < count; i++) {
        uint32_t slot = first + (uint32_t)i;
        out[i] = vk_finish(q, c, slot, sum_products(c.base + (size_t)slot * q.length, q.codes, q.length));
    }
}

static int32_t unbias(const uint8_t *stored, size_t length, int8_t *out) {
    int32_t sum = 0;
    for (size_t i = 0; i < length; i++) {
        out[i] = (int8_t)(stored[i] ^ 0x80);
        sum += out[i];
    }
    return sum;
}

void vk_scalar_nibbles(struct vk_query q, struct vk_codes c, const uint32_t *slots, size_t count, float *out) {
    const size_t half = q.length / 2;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *code = c.base + (size_t)slots[i] * c.block_bytes;
        int32_t sum = 0;
        for (size_t j = 0; j < half; j++) sum += (code[j] & 15) * q.codes[j] + (code[j] >> 4) * q.codes[j + half];
        out[i] = vk_finish(q, c, slots[i], sum);
    }
}

void vk_scalar_add_scaled(float *sums, const float *row, float factor, size_t length) {
    for (size_t i = 0; i < length; i++) sums[i] += factor * row[i];
}

static float dot_floats(const float *a, const float *b, size_t length) {
    float sums[8] = {0};
    size_t i = 0;
    for (; i + 8 <= length; i += 8)
        for (int j = 0; j < 8; j++) sums[j] += a[i + j] * b[i + j];
    for (; i < length; i++) sums[0] += a[i] * b[i];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

static float dot_two_codes(const float *query, const uint8_t *first, float first_scale, const uint8_t *second,
                           float second_scale, size_t length) {
    float coarse[8] = {0}, fine[8] = {0};
    for (size_t i = 0; i + 8 <= length; i += 8)
        for (int j = 0; j < 8; j++) {
            coarse[j] += query[i + j] * (float)(int8_t)(first[i + j] ^ 0x80);
            fine[j] += query[i + j] * (float)(int8_t)(second[i + j] ^ 0x80);
        }
    float a = ((coarse[0] + coarse[1]) + (coarse[2] + coarse[3])) + ((coarse[4] + coarse[5]) + (coarse[6] + coarse[7]));
    float b = ((fine[0] + fine[1]) + (fine[2] + fine[3])) + ((fine[4] + fine[5]) + (fine[6] + fine[7]));
    return a * first_scale + b * second_scale;
}

static const struct vk_kernels table = {VK_SCALAR, score_slots, score_range, vk_sparse_scalar_slots, vk_sparse_scalar_range,
                                       vk_scalar_nibbles, vk_scalar_add_scaled, unbias, dot_floats, dot_two_codes};

const struct vk_kernels *vk_scalar(void) { return &table; }
