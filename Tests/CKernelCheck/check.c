#define _GNU_SOURCE
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel_check.h"

void expect(struct check *c, int holds, const char *what, size_t length, size_t number) {
    if (holds) return;
    if (c->failures++ < 20) fprintf(stderr, "%s: %s, length %zu, number %zu\n", c->table, what, length, number);
}

enum { MAPPINGS = 256 };
static struct {
    void *start;
    size_t bytes;
} mapped[MAPPINGS];
static size_t mappings = 0;

void *memory(size_t bytes, size_t shift) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), readable = (bytes + shift + page) / page * page;
    char *start = mmap(0, readable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED || mprotect(start + readable, page, PROT_NONE) || mappings == MAPPINGS) {
        perror("kernel check: no memory");
        abort();
    }
    mapped[mappings].start = start;
    mapped[mappings++].bytes = readable + page;
    return start + readable - bytes - shift;
}

void release_memory(void) {
    while (mappings > 0) {
        mappings--;
        munmap(mapped[mappings].start, mapped[mappings].bytes);
    }
}

// Xorshift (G. Marsaglia, 2003): the same on every machine.
uint32_t any(struct check *c) {
    c->random ^= c->random << 13;
    c->random ^= c->random >> 7;
    c->random ^= c->random << 17;
    return (uint32_t)(c->random >> 16);
}

int8_t any_value(struct check *c, enum filling filling, int8_t lowest, int8_t highest) {
    switch (filling) {
        case LOWEST: return lowest;
        case HIGHEST: return highest;
        case ENDS: return any(c) & 1 ? lowest : highest;
        case ZEROES: return 0;
        default: return (int8_t)(lowest + (int)(any(c) % (uint32_t)(highest - lowest + 1)));
    }
}

float any_float(struct check *c) { return (float)(any(c) & 0xffff) / 32768 - 1; }

float any_whole(struct check *c) { return (float)(any(c) % 17) - 8; }

static void expect_score(struct check *c, const struct scored *s, float found, size_t slot, const char *what) {
    const float expected = s->expected[slot];
    const int holds = s->tolerance > 0 ? fabsf(found - expected) <= s->tolerance : same_bits(found, expected);
    expect(c, holds, what, s->query.length, slot);
}

void check_scores(struct check *c, const struct scored *s, int every_count, int has_ranges, const char *what) {
    uint32_t *slots = memory(s->count * sizeof *slots, 0);
    for (size_t i = 0; i < s->count; i++) slots[i] = any(c) % (uint32_t)s->count;
    for (size_t count = every_count ? 0 : s->count; count <= s->count; count++) {
        // Each list ends where memory does, and so do its scores.
        const uint32_t *listed = slots + s->count - count;
        float *out = memory(count * sizeof *out, 0);
        vk_score_slots(c->kernels, s->query, s->codes, listed, count, out);
        for (size_t i = 0; i < count; i++) expect_score(c, s, out[i], listed[i], what);
        for (size_t first = 0; has_ranges && first + count <= s->count; first += 1 + s->count / 3) {
            vk_score_range(c->kernels, s->query, s->codes, (uint32_t)first, count, out);
            for (size_t i = 0; i < count; i++) expect_score(c, s, out[i], first + i, what);
        }
    }
}

static void check_table(struct check *c) {
    void (*const parts[])(struct check *) = {check_bytes, check_blocks, check_nibbles, check_lookups, check_floats, check_sums};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        parts[i](c);
        release_memory();
    }
}

int kernel_check(const char *const *wanted, size_t count) {
    const struct vk_kernels *neon = vk_kernels_for(VK_NEON);
    const struct {
        const char *name;
        const struct vk_kernels *kernels;
    } tables[] = {
        {"scalar", vk_kernels_for(VK_SCALAR)},
        {"avx2", vk_kernels_for(VK_AVX2)},
        {"avx512-vnni", vk_kernels_for(VK_AVX512_VNNI)},
        {"avx512-vbmi", vk_kernels_for(VK_AVX512_VBMI)},
        {"neon", neon ? vk_neon() : 0},
        {"neon-dot", neon == vk_neon_dot() ? neon : 0},
        {"default", vk_default_kernels()},
    };
    int failures = 0;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        printf("kernel check: %s%s\n", tables[t].name, tables[t].kernels ? "" : ": this processor lacks it");
        if (!tables[t].kernels) continue;
        struct check c = {tables[t].kernels, tables[t].name, 0x9e3779b97f4a7c15u + t, 0};
        check_table(&c);
        failures += c.failures;
    }
    for (size_t i = 0; i < count; i++) {
        int is_there = 0;
        for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
            is_there |= tables[t].kernels && strcmp(wanted[i], tables[t].name) == 0;
        if (!is_there) fprintf(stderr, "kernel check: this processor has no table %s\n", wanted[i]);
        failures += !is_there;
    }
    return failures;
}
