#pragma once
#include "vector_kernels.h"

// Shared by the kernel files: how a raw sum becomes a score.
static inline float vk_finish(struct vk_query q, struct vk_codes c, uint32_t slot, int32_t sum) {
    float score = (float)(sum - q.bias) * (q.scale * c.scales[slot]);
    return c.offsets ? score - c.offsets[slot] : score;
}
