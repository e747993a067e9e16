#include "check.h"

#include <float.h>

// Vectors of floats, of any length; whole numbers must come out exactly, others as nearly as their size allows.

static const size_t sizes[] = {0,  1,  2,  3,   4,   5,   7,   8,   9,   15,  16,  17,   31,   32,   33,
                               63, 64, 65, 127, 255, 256, 257, 383, 384, 385, 511, 512, 1000, 4095, 4096};

// Numbers of which some are so small or so large that a sum of their products is as large as a float can be.
static float any_extreme(struct check *c) {
    static const float numbers[] = {0, -0.0f, 1, -1, FLT_MIN, -FLT_MIN, FLT_TRUE_MIN, 1e-20f, 1e17f, -1e17f};
    return numbers[any(c) % (sizeof numbers / sizeof *numbers)];
}

enum numbers { WHOLE, SMALL, EXTREME, NUMBERS };

static float number(struct check *c, enum numbers kind) {
    return kind == WHOLE ? any_whole(c) : kind == SMALL ? any_float(c) : any_extreme(c);
}

static int is_near(float found, double expected, double size, size_t length, int is_exact) {
    if (is_exact) return (double)found == expected;
    return fabs((double)found - expected) <= ((double)length + 4) * (FLT_EPSILON * size + FLT_MIN);
}

static void check_dot(struct check *c, size_t length, enum numbers kind) {
    float *a = memory(length * sizeof *a, 0), *b = memory(length * sizeof *b, 0);
    double sum = 0, size = 0;
    for (size_t i = 0; i < length; i++) {
        a[i] = number(c, kind);
        b[i] = number(c, kind);
        sum += (double)a[i] * b[i];
        size += fabs((double)a[i] * b[i]);
    }
    const float found = vk_dot_floats(c->kernels, a, b, length);
    expect(c, is_near(found, sum, size, length, kind == WHOLE), "the product of floats", length, kind);
}

static void check_add(struct check *c, size_t length, enum numbers kind) {
    float *sums = memory(length * sizeof *sums, 0), *row = memory(length * sizeof *row, 0);
    double *expected = memory(length * sizeof *expected, 0), *size = memory(length * sizeof *size, 0);
    const float factor = number(c, kind);
    for (size_t i = 0; i < length; i++) {
        sums[i] = number(c, kind);
        row[i] = number(c, kind);
        expected[i] = sums[i] + (double)factor * row[i];
        size[i] = fabsf(sums[i]) + fabs((double)factor * row[i]);
    }
    vk_add_scaled(c->kernels, sums, row, factor, length);
    for (size_t i = 0; i < length; i++)
        expect(c, is_near(sums[i], expected[i], size[i], 1, kind == WHOLE), "an added row", length, i);
}

static void check_two_codes(struct check *c, size_t length, enum filling filling, int is_whole, size_t shift) {
    float *query = memory(length * sizeof *query, 0);
    uint8_t *first = memory(length, shift), *second = memory(length, shift);
    const float coarse = is_whole ? 2 : 0.0317f, fine = is_whole ? 0.25f : 0.000123f;
    double sum = 0, size = 0;
    for (size_t i = 0; i < length; i++) {
        query[i] = is_whole ? any_whole(c) : any_float(c);
        const int8_t a = any_value(c, filling, -128, 127), b = any_value(c, filling, -128, 127);
        first[i] = (uint8_t)a ^ 0x80;
        second[i] = (uint8_t)b ^ 0x80;
        sum += query[i] * (a * (double)coarse + b * (double)fine);
        size += fabs(query[i] * (double)a * coarse) + fabs(query[i] * (double)b * fine);
    }
    const float found = vk_dot_two_codes(c->kernels, query, first, coarse, second, fine, length);
    // Of 4,096 values the sum times two scales has more digits than a float.
    expect(c, is_near(found, sum, size, length, is_whole && length <= 512), "the product with two codes", length, filling);
}

void check_floats(struct check *c) {
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int round = 0; round < 4; round++)
            for (int kind = 0; kind < NUMBERS; kind++) {
                check_dot(c, sizes[i], (enum numbers)kind);
                check_add(c, sizes[i], (enum numbers)kind);
                release_memory();
            }
    static const size_t strides[] = {0, 64, 128, 192, 320, 384, 448, 512, 1024, 4096};
    for (size_t i = 0; i < sizeof strides / sizeof *strides; i++)
        for (int filling = 0; filling < FILLINGS; filling++)
            for (int whole = 0; whole < 2; whole++) {
                check_two_codes(c, strides[i], (enum filling)filling, whole, (size_t)filling);
                release_memory();
            }
}
