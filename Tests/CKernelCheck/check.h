#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "vector_kernels.h"

// A run over one table of kernels.
struct check {
    const struct vk_kernels *kernels;
    const char *table;
    uint64_t random;
    int failures;
};

// What vectors are filled with.
enum filling { ANYTHING, LOWEST, HIGHEST, ENDS, ZEROES, FILLINGS };

// Notes a comparison that does not hold; `length` and `number` tell where.
void expect(struct check *c, int holds, const char *what, size_t length, size_t number);

// Zeroed memory that ends `shift` bytes before a page that cannot be read, until the next release.
void *memory(size_t bytes, size_t shift);
void release_memory(void);

uint32_t any(struct check *c);
int8_t any_value(struct check *c, enum filling filling, int8_t lowest, int8_t highest);
float any_float(struct check *c);
// Small whole numbers: sums of their products are exact in any order.
float any_whole(struct check *c);

// What a whole sum of products scores.
static inline float score_of(int32_t dot, float query_scale, float scale, const float *offset) {
    float score = (float)dot * (query_scale * scale);
    return offset ? score - *offset : score;
}

static inline int same_bits(float a, float b) { return memcmp(&a, &b, sizeof a) == 0; }

// Vectors that are scored against one query in lists and ranges, and what each must score.
struct scored {
    struct vk_query query;
    struct vk_codes codes;
    const float *expected;
    size_t count;
    // What a sum of floats may be off by; 0 where sums are whole.
    float tolerance;
};

// Scores lists of all the vectors or, with `every_count`, of each number of them; and ranges where the form has some.
void check_scores(struct check *c, const struct scored *s, int every_count, int has_ranges, const char *what);

void check_bytes(struct check *c);
void check_blocks(struct check *c);
void check_nibbles(struct check *c);
void check_lookups(struct check *c);
void check_floats(struct check *c);
// What has no tables: checksums and hashes.
void check_sums(struct check *c);
