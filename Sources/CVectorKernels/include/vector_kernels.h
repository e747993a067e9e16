#pragma once
#include <stddef.h>
#include <stdint.h>

// Distance kernels over 8-bit codes; at the end what stores compare many at once.
//
// A stored code is biased: byte = value XOR 0x80, an unsigned 0...255 that stands for -128...127. A query is
// signed. So the unsigned-by-signed multiply-add of AVX-512 VNNI is exact, and the bias is one constant per query:
// sum(stored * query) = dot + 128 * sum(query). Every length is a multiple of 64 bytes; padding is 0x80 in a
// stored code and 0 in a query, which adds nothing.

#ifdef __cplusplus
extern "C" {
#endif

enum vk_level { VK_SCALAR = 0, VK_AVX2 = 1, VK_AVX512_VNNI = 2, VK_NEON = 3, VK_AVX512_VBMI = 4 };

// What one query needs to be scored against stored codes:
// score = (sum(stored * query) - bias) * query_scale * scale[slot] - offset[slot].
// With lookup codes: score = the sum of `table` entries that the code names - offset[slot]; the rest is not read.
struct vk_query {
    const int8_t *codes;
    size_t length;
    int32_t bias;
    float scale;
    const float *table;
};

// What stored codes are: whole bytes (or sparse blocks of them), values of four bits, or numbers of table entries
// with eight or four bits: see quantized.c.
enum vk_form { VK_BYTES = 0, VK_NIBBLES = 1, VK_LOOKUP_BYTES = 2, VK_LOOKUP_NIBBLES = 3 };

// Where stored codes lie. `offsets` may be null. With `blocks`, codes are sparse blocks of `block_bytes` (64 or 128)
// that hold their scales, `base` is the overflow, and queries are at most 512 long. In the other forms a code has
// `block_bytes` bytes at `base`; `bias` of a query is then 8 * sum(query).
struct vk_codes {
    const uint8_t *base;
    const float *scales;
    const float *offsets;
    const uint8_t *blocks;
    size_t block_bytes;
    enum vk_form form;
};

struct vk_kernels {
    int level;
    // The scores of `count` slots, prefetching what is to come.
    void (*score_slots)(struct vk_query query, struct vk_codes codes, const uint32_t *slots, size_t count, float *out);
    // The scores of the slots first, first + 1, ... first + count - 1.
    void (*score_range)(struct vk_query query, struct vk_codes codes, uint32_t first, size_t count, float *out);
    // The same of sparse blocks; `kernels` is this table, for vectors that lie in the overflow.
    void (*score_blocks)(const struct vk_kernels *kernels, struct vk_query query, struct vk_codes codes,
                         const uint32_t *slots, size_t count, float *out);
    void (*score_block_range)(const struct vk_kernels *kernels, struct vk_query query, struct vk_codes codes,
                              uint32_t first, size_t count, float *out);
    // The scores of codes of four bits.
    void (*score_nibbles)(struct vk_query query, struct vk_codes codes, const uint32_t *slots, size_t count, float *out);
    // sums[i] += factor * row[i].
    void (*add_scaled)(float *sums, const float *row, float factor, size_t length);
    // Undoes the bias of a stored code and returns the sum of its values.
    int32_t (*unbias)(const uint8_t *stored, size_t length, int8_t *out);
    // The dot product of two float vectors of any length.
    float (*dot_floats)(const float *a, const float *b, size_t length);
    // The dot product of a float query with first * first_scale + second * second_scale (both biased).
    float (*dot_two_codes)(const float *query, const uint8_t *first, float first_scale, const uint8_t *second,
                           float second_scale, size_t length);
};

// The kernels of a level, or null if this processor lacks any instruction they use.
const struct vk_kernels *vk_kernels_for(int level);
// The fastest level of this processor.
int vk_best_level(void);

// The kernels to use where no level is asked for: those of the fastest level, as fast as this build has them.
const struct vk_kernels *vk_default_kernels(void);

// Tables of each level; null where the compiler's target has none. Use vk_kernels_for.
const struct vk_kernels *vk_scalar(void);
const struct vk_kernels *vk_avx2(void);
const struct vk_kernels *vk_avx512_vnni(void);
// That level for processors that also permute bytes between registers.
const struct vk_kernels *vk_avx512_vbmi(void);
const struct vk_kernels *vk_neon(void);
// The level of NEON for processors that have its dot products of bytes.
const struct vk_kernels *vk_neon_dot(void);

// Sparse blocks: see sparse.c. Packing returns 0 when the codes do not fit; unpacking returns the sum of the values.
int vk_sparse_pack(const int8_t *codes, size_t length, float scale, uint8_t *block, size_t block_bytes);
int32_t vk_sparse_unpack(const uint8_t *block, size_t length, size_t block_bytes, int8_t *out);
int vk_sparse_is_spilled(const uint8_t *block, size_t block_bytes);
uint32_t vk_sparse_spill(const uint8_t *block);
void vk_sparse_set_spill(uint8_t *block, size_t block_bytes, uint32_t place, float scale);

// Codes of fewer bits: see quantized.c.
void vk_pack_nibbles(const int8_t *values, size_t length, uint8_t *code);
void vk_score_lookups(struct vk_query query, struct vk_codes codes, const uint32_t *slots, size_t count, float *out);

// CRC-32C (Castagnoli), continuing from `crc` (0 to begin).
uint32_t vk_crc32c(uint32_t crc, const void *bytes, size_t length);
// The same without hardware support: what the other is tested against.
uint32_t vk_crc32c_table(uint32_t crc, const void *bytes, size_t length);

// A 64-bit hash of bytes, for tables in memory (not stored, not cryptographic).
uint64_t vk_hash(uint64_t seed, const void *bytes, size_t length);

// Two bytes of a lower-case text that is looked for, the first and one `distance` further; a case is 0x20 for a letter
// of ASCII and 0 for any other byte.
struct vk_fragment {
    uint8_t first, first_case, second, second_case;
    size_t distance;
};
// Of 64 bytes, those where the text may begin, and all that are no characters of ASCII. Reads 64 + distance bytes.
uint64_t vk_fragment_places(const uint8_t *bytes, const struct vk_fragment *fragment);

// Clears of the bits of so many words, one for each value, those whose value is not from `low` to `high`, which must
// not be below `low`; `values` has 64 for each word.
void vk_keep_in_range(const int64_t *values, size_t words, int64_t low, int64_t high, uint64_t *kept);
// The same without instructions that not every processor has.
void vk_keep_in_range_plain(const int64_t *values, size_t words, int64_t low, int64_t high, uint64_t *kept);

static inline void vk_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

static inline void vk_prefetch_lines(const void *address, size_t lines) {
    for (size_t i = 0; i < lines; i++) __builtin_prefetch((const char *)address + 64 * i, 0, 3);
}

static inline void vk_score_slots(const struct vk_kernels *k, struct vk_query query, struct vk_codes codes,
                                  const uint32_t *slots, size_t count, float *out) {
    if (codes.blocks) k->score_blocks(k, query, codes, slots, count, out);
    else if (codes.form == VK_NIBBLES) k->score_nibbles(query, codes, slots, count, out);
    else if (codes.form != VK_BYTES) vk_score_lookups(query, codes, slots, count, out);
    else k->score_slots(query, codes, slots, count, out);
}
static inline void vk_score_range(const struct vk_kernels *k, struct vk_query query, struct vk_codes codes,
                                  uint32_t first, size_t count, float *out) {
    if (codes.blocks) k->score_block_range(k, query, codes, first, count, out);
    else k->score_range(query, codes, first, count, out);
}
static inline void vk_add_scaled(const struct vk_kernels *k, float *sums, const float *row, float factor, size_t length) {
    k->add_scaled(sums, row, factor, length);
}
static inline int32_t vk_unbias(const struct vk_kernels *k, const uint8_t *stored, size_t length, int8_t *out) {
    return k->unbias(stored, length, out);
}
static inline float vk_dot_floats(const struct vk_kernels *k, const float *a, const float *b, size_t length) {
    return k->dot_floats(a, b, length);
}
static inline float vk_dot_two_codes(const struct vk_kernels *k, const float *query, const uint8_t *first,
                                     float first_scale, const uint8_t *second, float second_scale, size_t length) {
    return k->dot_two_codes(query, first, first_scale, second, second_scale, length);
}

#ifdef __cplusplus
}
#endif
