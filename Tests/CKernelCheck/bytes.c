#include "check.h"

// Whole bytes: every length is a multiple of 64.

enum { COUNT = 41 };

static void check_one(struct check *c, size_t length, enum filling stored_filling, enum filling query_filling,
                      size_t shift, int has_offsets, int every_count) {
    uint8_t *stored = memory(COUNT * length, shift);
    int8_t *query = memory(length, shift);
    float *scales = memory(COUNT * sizeof *scales, 0), *offsets = memory(COUNT * sizeof *offsets, 0);
    float *expected = memory(COUNT * sizeof *expected, 0);
    int32_t bias = 0;
    for (size_t i = 0; i < length; i++) {
        query[i] = any_value(c, query_filling, -128, 127);
        bias += 128 * query[i];
    }
    for (size_t slot = 0; slot < COUNT; slot++) {
        int32_t dot = 0;
        for (size_t i = 0; i < length; i++) {
            int8_t value = any_value(c, stored_filling, -128, 127);
            stored[slot * length + i] = (uint8_t)value ^ 0x80;
            dot += value * query[i];
        }
        scales[slot] = any_float(c);
        offsets[slot] = any_float(c);
        expected[slot] = score_of(dot, 0.37f, scales[slot], has_offsets ? offsets + slot : 0);
    }
    struct scored s = {{query, length, bias, 0.37f, 0},
                       {stored, scales, has_offsets ? offsets : 0, 0, 0, VK_BYTES},
                       expected, COUNT, 0};
    check_scores(c, &s, every_count, 1, "the score of bytes");
    for (size_t slot = 0; slot < COUNT; slot += 8) {
        int8_t *plain = memory(length, shift);
        int32_t sum = 0, found = vk_unbias(c->kernels, stored + slot * length, length, plain);
        for (size_t i = 0; i < length; i++) {
            int8_t value = (int8_t)(stored[slot * length + i] ^ 0x80);
            sum += value;
            expect(c, plain[i] == value, "a value without its bias", length, i);
        }
        expect(c, found == sum, "the sum of values", length, slot);
    }
    release_memory();
}

void check_bytes(struct check *c) {
    static const size_t lengths[] = {0, 64, 128, 192, 320, 384, 448, 512, 1024, 4096};
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        const size_t length = lengths[l];
        for (int stored = 0; stored < FILLINGS; stored++)
            for (int query = 0; query < FILLINGS; query++)
                check_one(c, length, (enum filling)stored, (enum filling)query, (size_t)(stored + query), query & 1,
                          length <= 512 && stored == ANYTHING && query == ANYTHING);
    }
    check_one(c, 384, ANYTHING, ANYTHING, 1, 1, 1);
}
