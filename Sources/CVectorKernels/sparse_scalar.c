#include "sparse_format.h"

#define SPARSE_TARGET

typedef struct {
    const int8_t *low, *high;
} sparse_query;

static inline sparse_query sparse_prepare(struct vk_query q) {
    return (sparse_query){q.codes, q.codes + second_base(q.length)};
}

// Some thirty loads from the query, which is dense and stays in the first cache.
static inline __attribute__((always_inline)) int32_t sparse_product(const sparse_query *q, const uint8_t *block,
                                                                    size_t bytes) {
    const size_t half = half_of(bytes);
    const int8_t *values = values_of(block, half);
    int32_t a = 0, b = 0;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < half; i++) {
        a += q->low[block[i]] * values[i];
        b += q->high[block[half + i]] * values[half + i];
    }
    return a + b;
}

#include "sparse_scoring.h"

void vk_sparse_scalar_slots(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, const uint32_t *slots,
                            size_t count, float *out) {
    score_blocks(k, q, c, slots, count, out);
}

void vk_sparse_scalar_range(const struct vk_kernels *k, struct vk_query q, struct vk_codes c, uint32_t first,
                            size_t count, float *out) {
    score_block_range(k, q, c, first, count, out);
}
