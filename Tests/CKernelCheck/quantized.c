#include "check.h"

// Codes of four bits, and codes that name entries of a table.

enum { COUNT = 41 };

static void check_nibbles_of(struct check *c, size_t length, enum filling stored_filling, enum filling query_filling,
                             size_t shift, int every_count) {
    const size_t bytes = length / 2;
    uint8_t *stored = memory(COUNT * bytes, shift);
    int8_t *query = memory(length, shift), *values = memory(length, shift);
    float *scales = memory(COUNT * sizeof *scales, 0), *offsets = memory(COUNT * sizeof *offsets, 0);
    float *expected = memory(COUNT * sizeof *expected, 0);
    int32_t bias = 0;
    for (size_t i = 0; i < length; i++) {
        query[i] = any_value(c, query_filling, -128, 127);
        bias += 8 * query[i];
    }
    for (size_t slot = 0; slot < COUNT; slot++) {
        int32_t dot = 0;
        for (size_t i = 0; i < length; i++) {
            // -8 is no value that is stored, but four bits hold it.
            values[i] = any_value(c, stored_filling, -8, 7);
            dot += values[i] * query[i];
        }
        vk_pack_nibbles(values, length, stored + slot * bytes);
        for (size_t i = 0; i < bytes; i++) {
            const uint8_t code = stored[slot * bytes + i];
            expect(c, (code & 15) - 8 == values[i] && (code >> 4) - 8 == values[i + bytes], "packed nibbles", length, i);
        }
        scales[slot] = any_float(c);
        offsets[slot] = any_float(c);
        expected[slot] = score_of(dot, 0.37f, scales[slot], every_count ? 0 : offsets + slot);
    }
    struct scored s = {{query, length, bias, 0.37f, 0},
                       {stored, scales, every_count ? 0 : offsets, 0, bytes, VK_NIBBLES},
                       expected, COUNT, 0};
    check_scores(c, &s, every_count, 0, "the score of nibbles");
    release_memory();
}

void check_nibbles(struct check *c) {
    static const size_t lengths[] = {0, 64, 128, 192, 320, 384, 448, 512, 1024, 4096};
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++)
        for (int stored = 0; stored < FILLINGS; stored++)
            for (int query = 0; query < FILLINGS; query++)
                check_nibbles_of(c, lengths[l], (enum filling)stored, (enum filling)query, (size_t)(stored + query),
                                 lengths[l] <= 512 && stored == ANYTHING && query == ANYTHING);
}

static void check_lookups_of(struct check *c, enum vk_form form, size_t bytes, int is_whole, int every_count) {
    const size_t entries = form == VK_LOOKUP_BYTES ? 256 : 16, parts = form == VK_LOOKUP_BYTES ? bytes : 2 * bytes;
    float *table = memory(parts * entries * sizeof *table, 0);
    uint8_t *stored = memory(COUNT * bytes, 0);
    float *offsets = memory(COUNT * sizeof *offsets, 0), *expected = memory(COUNT * sizeof *expected, 0);
    for (size_t i = 0; i < parts * entries; i++) table[i] = is_whole ? any_whole(c) : any_float(c);
    for (size_t slot = 0; slot < COUNT; slot++) {
        double sum = 0;
        for (size_t i = 0; i < bytes; i++) {
            const uint8_t code = stored[slot * bytes + i] = slot == 0 ? 0 : slot == 1 ? 0xff : (uint8_t)any(c);
            if (entries == 256) sum += table[256 * i + code];
            else sum += table[32 * i + (code & 15)] + (double)table[32 * i + 16 + (code >> 4)];
        }
        offsets[slot] = any_whole(c);
        expected[slot] = (float)(every_count ? sum : sum - offsets[slot]);
    }
    struct scored s = {{0, 0, 0, 0, table},
                       {stored, 0, every_count ? 0 : offsets, 0, bytes, form},
                       expected, COUNT, is_whole ? 0 : (float)parts * (float)parts * 1e-7f};
    check_scores(c, &s, every_count, 0, "the score of looked-up codes");
    release_memory();
}

void check_lookups(struct check *c) {
    static const size_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 47, 48, 63, 64, 65, 512};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int whole = 0; whole < 2; whole++)
            for (int every = 0; every < 2; every++) {
                check_lookups_of(c, VK_LOOKUP_BYTES, sizes[i], whole, every);
                check_lookups_of(c, VK_LOOKUP_NIBBLES, sizes[i], whole, every);
            }
}
