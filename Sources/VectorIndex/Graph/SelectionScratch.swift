/// What choosing a node's links works with: the candidates of one block that are still open, and the codes of those
/// chosen, ready to be compared with the next ones.
@safe final class SelectionScratch {
    /// How many candidates are looked at together.
    static let block = 64

    /// Open candidates of the block, the nearest first, where each stands among all, and scores against one chosen.
    let slots: UnsafeMutablePointer<UInt32>
    let places: UnsafeMutablePointer<Int32>
    let scores: UnsafeMutablePointer<Float>
    /// What undoes the bias of each chosen one's products.
    let biases: UnsafeMutablePointer<Int32>
    private let codes: UnsafeMutablePointer<Int8>
    private let stride: Int

    init(stride: Int) {
        self.stride = stride
        unsafe slots = .allocate(capacity: SelectionScratch.block)
        unsafe places = .allocate(capacity: SelectionScratch.block)
        unsafe scores = .allocate(capacity: SelectionScratch.block)
        unsafe biases = .allocate(capacity: SearchScratch.planStride)
        // Pages that no list is long enough for are never touched.
        unsafe codes = UnsafeMutableRawPointer.allocate(
            byteCount: SearchScratch.planStride * stride, alignment: 64
        ).bindMemory(to: Int8.self, capacity: SearchScratch.planStride * stride)
    }

    deinit {
        unsafe slots.deallocate()
        unsafe places.deallocate()
        unsafe scores.deallocate()
        unsafe biases.deallocate()
        unsafe codes.deallocate()
    }

    /// Room for the unpacked code of one chosen.
    @inline(__always)
    @unsafe func code(_ index: Int) -> UnsafeMutablePointer<Int8> { unsafe codes + index &* stride }
}
