import Glibc

import struct Synchronization.Atomic

/// A table that grows without moving: address space is reserved once, memory is taken page by page as it is
/// written.
///
/// Fresh elements are zero bytes. Past the first two megabytes the kernel is asked for huge pages: a graph
/// walk touches memory at random, and with small pages almost every hop would miss the address translation
/// cache.
@safe struct ReservedArray<Element: BitwiseCopyable>: ~Copyable {
    let base: UnsafeMutablePointer<Element>
    let capacity: Int
    private let reservation: UnsafeMutableRawPointer
    private let bytes: Int
    private let mapped: Atomic<Int>

    init(capacity: Int, part: String) throws(IndexError) {
        let hugePage = 2 << 20
        let size = (max(1, capacity) * MemoryLayout<Element>.stride + 4_095) & ~4_095
        let reserved = size + hugePage
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard
            let start = unsafe mmap(nil, reserved, PROT_READ | PROT_WRITE, flags, -1, 0),
            unsafe start != MAP_FAILED
        else { throw .memory(part: part, bytes: reserved) }
        let aligned = unsafe start.alignedUp(toMultipleOf: hugePage)
        if size > hugePage {
            _ = unsafe madvise(aligned + hugePage, size - hugePage, Int32(MADV_HUGEPAGE))
        }
        unsafe base = aligned.bindMemory(to: Element.self, capacity: capacity)
        unsafe reservation = start
        self.capacity = capacity
        bytes = reserved
        mapped = Atomic(0)
    }

    deinit { _ = unsafe munmap(reservation, bytes) }

    /// Bytes that are pages of a file; those that were written since are counted too.
    var mappedBytes: Int { mapped.load(ordering: .relaxed) }

    subscript(index: UInt32) -> Element {
        @inline(__always) get {
            assert(Int(index) < capacity)
            return unsafe base[Int(index)]
        }
        @inline(__always) nonmutating set {
            assert(Int(index) < capacity)
            unsafe base[Int(index)] = newValue
        }
    }

    /// Lets the whole pages of the first elements be those of a file, which holds the same bytes at `range`: they
    /// no longer count as memory of the process, and those that are written are copied.
    ///
    /// Who reads meanwhile sees the same bytes; nobody may write.
    func mapPages(of file: Int32, at range: Range<Int>, path: String) throws(IndexError) {
        let length = range.count & ~4_095
        guard length > 0, range.lowerBound % 4_096 == 0 else { return }
        let flags = MAP_PRIVATE | MAP_FIXED
        let place = unsafe mmap(
            base, length, PROT_READ | PROT_WRITE, flags, file, off_t(range.lowerBound))
        guard unsafe place != MAP_FAILED else { throw .file(path: path, action: "mapped", code: errno) }
        mapped.store(length, ordering: .relaxed)
    }
}
