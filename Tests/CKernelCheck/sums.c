#include "check.h"

// Checksums and hashes, of bytes that begin and end anywhere; and prefetching, which may name any address.

void check_sums(struct check *c) {
    expect(c, vk_crc32c(0, "123456789", 9) == 0xe3069283u, "the known checksum", 9, 0);
    static const size_t lengths[] = {0, 1, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 383, 384, 385, 4096};
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        const size_t length = lengths[l];
        uint8_t *bytes = memory(length, 0);
        for (size_t i = 0; i < length; i++) bytes[i] = (uint8_t)any(c);
        const uint32_t checksum = vk_crc32c_table(0, bytes, length);
        const uint64_t hash = vk_hash(l, bytes, length);
        for (size_t shift = 0; shift < 17; shift++) {
            uint8_t *moved = memory(length, shift);
            memcpy(moved, bytes, length);
            const size_t part = length * shift / 17;
            expect(c, vk_crc32c(0, moved, length) == checksum, "a checksum", length, shift);
            expect(c, vk_crc32c(vk_crc32c(0, moved, part), moved + part, length - part) == checksum,
                   "a checksum of two parts", length, shift);
            expect(c, vk_hash(l, moved, length) == hash, "a hash", length, shift);
            expect(c, vk_hash(l + 1, moved, length) != hash, "a hash of another seed", length, shift);
            if (length == 0) continue;
            moved[part] ^= 1;
            expect(c, vk_hash(l, moved, length) != hash, "a hash of other bytes", length, shift);
        }
        vk_prefetch(bytes + length);
        vk_prefetch_lines(bytes, length / 64 + 2);
        release_memory();
    }
    vk_prefetch_lines(0, 0);
}
