#include "check.h"

// Sparse blocks and what is spilled from them: queries are at most 512 long.

enum { COUNT = 83 };

// Sets `values` places of a vector: somewhere, the first ones or the last.
static void fill(struct check *c, int8_t *codes, size_t length, size_t values, enum filling filling, int where) {
    memset(codes, 0, length);
    for (size_t i = 0; i < values; i++) {
        const size_t place = where == 0 ? any(c) % length : where == 1 ? i : length - 1 - i;
        codes[place] = any_value(c, filling, -127, 127);
    }
}

static int is_equal(const int8_t *a, const int8_t *b, size_t length) { return memcmp(a, b, length) == 0; }

static void check_one(struct check *c, size_t length, size_t block_bytes, enum filling stored_filling,
                      enum filling query_filling, int has_offsets, int every_count) {
    const size_t shift = every_count ? 1 : 0;
    uint8_t *blocks = memory(COUNT * block_bytes, shift), *overflow = memory(COUNT * length, shift);
    int8_t *query = memory(length, shift), *codes = memory(length, 0), *plain = memory(length, shift);
    float *offsets = memory(COUNT * sizeof *offsets, 0), *expected = memory(COUNT * sizeof *expected, 0);
    int32_t bias = 0;
    for (size_t i = 0; i < length; i++) {
        query[i] = any_value(c, query_filling, -128, 127);
        bias += 128 * query[i];
    }
    uint32_t spilled = 0;
    for (size_t slot = 0; slot < COUNT; slot++) {
        fill(c, codes, length, slot < length ? slot : length, stored_filling, (int)(slot % 3));
        uint8_t *block = blocks + slot * block_bytes;
        const float scale = any_float(c);
        int32_t dot = 0, sum = 0;
        for (size_t i = 0; i < length; i++) {
            dot += codes[i] * query[i];
            sum += codes[i];
        }
        if (vk_sparse_pack(codes, length, scale, block, block_bytes)) {
            const int32_t found = vk_sparse_unpack(block, length, block_bytes, plain);
            expect(c, found == sum && is_equal(plain, codes, length), "an unpacked block", length, slot);
            expect(c, !vk_sparse_is_spilled(block, block_bytes), "a block that is not spilled", length, slot);
        } else {
            for (size_t i = 0; i < length; i++) overflow[spilled * length + i] = (uint8_t)codes[i] ^ 0x80;
            vk_sparse_set_spill(block, block_bytes, spilled, scale);
            expect(c, vk_sparse_is_spilled(block, block_bytes) && vk_sparse_spill(block) == spilled, "a spilled block",
                   length, slot);
            spilled++;
        }
        offsets[slot] = any_float(c);
        expected[slot] = score_of(dot, 0.37f, scale, has_offsets ? offsets + slot : 0);
    }
    expect(c, spilled < COUNT, "some vectors fit", length, block_bytes);
    expect(c, spilled > 0 || length < block_bytes || stored_filling == ZEROES, "some vectors spill", length, block_bytes);
    struct scored s = {{query, length, bias, 0.37f, 0},
                       {overflow, 0, has_offsets ? offsets : 0, blocks, block_bytes, VK_BYTES},
                       expected, COUNT, 0};
    check_scores(c, &s, every_count, 1, block_bytes == 64 ? "the score of blocks of 64" : "the score of blocks of 128");
    release_memory();
}

void check_blocks(struct check *c) {
    for (size_t length = 64; length <= 512; length += 64)
        for (size_t block_bytes = 64; block_bytes <= 128; block_bytes += 64)
            for (int stored = 0; stored < FILLINGS; stored++)
                for (int query = 0; query < FILLINGS; query++)
                    check_one(c, length, block_bytes, (enum filling)stored, (enum filling)query, query & 1,
                              stored == ANYTHING && query == ANYTHING);
}
