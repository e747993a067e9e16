import CVectorKernels

/// CRC-32C (Castagnoli), which every file of a store is protected by.
enum Checksum {
    static func crc32c(_ bytes: some Sequence<UInt8>, from start: UInt32 = 0) -> UInt32 {
        if let result = bytes.withContiguousStorageIfAvailable({
            unsafe vk_crc32c(start, $0.baseAddress, $0.count)
        }) {
            return result
        }
        return crc32c(Array(bytes), from: start)
    }
}
