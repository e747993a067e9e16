internal import CVectorKernels

/// The distance functions of one level, chosen once per index.
@safe struct Kernel {
    let level: KernelLevel
    private let table: UnsafePointer<vk_kernels>

    init(_ level: KernelLevel?) throws(IndexError) {
        let chosen = level ?? .best
        let found = unsafe level == nil ? vk_default_kernels() : vk_kernels_for(chosen.rawValue)
        guard let table = unsafe found else { throw .kernelMissing(chosen) }
        // A build may have other kernels than those of the best level where none is asked for.
        self.level = unsafe KernelLevel(rawValue: table.pointee.level) ?? chosen
        unsafe self.table = table
    }

    @inline(__always)
    @unsafe func score(
        _ query: vk_query, _ codes: vk_codes, slots: UnsafePointer<UInt32>, count: Int,
        into scores: UnsafeMutablePointer<Float>
    ) {
        unsafe vk_score_slots(table, query, codes, slots, count, scores)
    }

    @inline(__always)
    @unsafe func score(
        _ query: vk_query, _ codes: vk_codes, first: UInt32, count: Int,
        into scores: UnsafeMutablePointer<Float>
    ) {
        unsafe vk_score_range(table, query, codes, first, count, scores)
    }

    @inline(__always)
    @unsafe func unbias(_ stored: UnsafePointer<UInt8>, length: Int, into codes: UnsafeMutablePointer<Int8>)
        -> Int32
    {
        unsafe vk_unbias(table, stored, length, codes)
    }

    /// Adds a row times a factor to sums.
    @inline(__always)
    @unsafe func addScaled(
        _ row: UnsafePointer<Float>, by factor: Float, count: Int, to sums: UnsafeMutablePointer<Float>
    ) {
        unsafe vk_add_scaled(table, sums, row, factor, count)
    }

    @inline(__always)
    @unsafe func dot(
        _ query: UnsafePointer<Float>, _ first: UnsafePointer<UInt8>, _ firstScale: Float,
        _ second: UnsafePointer<UInt8>, _ secondScale: Float, length: Int
    ) -> Float {
        unsafe vk_dot_two_codes(table, query, first, firstScale, second, secondScale, length)
    }
}
