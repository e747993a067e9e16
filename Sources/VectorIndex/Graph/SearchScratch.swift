/// The working memory of one search or insert, reused by the next: steady state allocates nothing.
///
/// Handed to one operation at a time by `ScratchPool`; never shared.
@safe final class SearchScratch: @unchecked Sendable {
    var vector: PreparedVector
    /// A node's code unbiased: one to score again with, one for the node whose list is pruned.
    let nodeCode: UnsafeMutablePointer<Int8>
    let ownerCode: UnsafeMutablePointer<Int8>
    /// Slots of one neighbour list and their scores.
    static let blockCapacity = 256
    let slots: UnsafeMutablePointer<UInt32>
    let scores: UnsafeMutablePointer<Float>
    /// Nodes that a walk has met, in order.
    static let metCapacity = 4_096
    let met: UnsafeMutablePointer<UInt32>
    /// Candidates of one list being pruned, and the slots chosen from it.
    let pruned: UnsafeMutablePointer<Candidate>
    let chosen: UnsafeMutablePointer<UInt32>
    let chosenScores: UnsafeMutablePointer<Float>
    let selection: SelectionScratch
    /// The links planned for a new node: `planStride` per layer, the ground layer first.
    static let planStride = 3 * 64
    static let layerLimit = 16
    let plan: UnsafeMutablePointer<Candidate>
    var planCounts: [Int] = Array(repeating: 0, count: SearchScratch.layerLimit)

    private(set) var poolStorage: UnsafeMutablePointer<Candidate>
    private(set) var resultStorage: UnsafeMutablePointer<Candidate>
    /// Where the walk of a layer begins.
    private(set) var starts: UnsafeMutablePointer<Candidate>
    private(set) var startCount = 0
    private var startCapacity = 512
    private var poolCapacity = 512
    private var resultCapacity = 512
    private var marks: UnsafeMutablePointer<UInt8>
    private var markCapacity = 0
    private var epoch: UInt8 = 0
    private var bits: UnsafeMutablePointer<UInt64>
    private var bitWords = 1

    /// A vector as floats and the table of a query, where codes name centroids; made when first asked for.
    private var floatStorage: UnsafeMutablePointer<Float>?
    private var tableStorage: UnsafeMutablePointer<Float>?
    private var tableCapacity = 0
    /// A vector's scores against the centroids of one part.
    var centroidScores = [Float](repeating: 0, count: 256)

    /// The nodes that were not linked when the current operation began, which its walks cannot meet.
    var tail: [UInt32] = []
    /// How much the current operation cost.
    var scanned = 0
    var hops = 0
    /// When the current operation lets writers in between two steps.
    var pauses = WalkPauses()

    init(_ configuration: IndexConfiguration, layout: CodeLayout) {
        vector = PreparedVector(configuration, layout: layout)
        let stride = vector.stride
        func codes() -> UnsafeMutablePointer<Int8> {
            unsafe UnsafeMutableRawPointer.allocate(byteCount: stride, alignment: 64).bindMemory(
                to: Int8.self, capacity: stride)
        }
        unsafe nodeCode = codes()
        unsafe ownerCode = codes()
        unsafe slots = .allocate(capacity: SearchScratch.blockCapacity)
        unsafe scores = .allocate(capacity: SearchScratch.blockCapacity)
        unsafe met = .allocate(capacity: SearchScratch.metCapacity)
        unsafe pruned = .allocate(capacity: SearchScratch.blockCapacity)
        unsafe chosen = .allocate(capacity: SearchScratch.blockCapacity)
        unsafe chosenScores = .allocate(capacity: SearchScratch.blockCapacity)
        selection = SelectionScratch(stride: stride)
        unsafe plan = .allocate(capacity: SearchScratch.planStride * SearchScratch.layerLimit)
        unsafe starts = .allocate(capacity: startCapacity)
        unsafe poolStorage = .allocate(capacity: poolCapacity)
        unsafe resultStorage = .allocate(capacity: resultCapacity)
        unsafe marks = .allocate(capacity: 1)
        unsafe bits = .allocate(capacity: bitWords)
    }

    deinit {
        unsafe nodeCode.deallocate()
        unsafe ownerCode.deallocate()
        unsafe slots.deallocate()
        unsafe scores.deallocate()
        unsafe met.deallocate()
        unsafe pruned.deallocate()
        unsafe chosen.deallocate()
        unsafe chosenScores.deallocate()
        unsafe plan.deallocate()
        unsafe starts.deallocate()
        unsafe poolStorage.deallocate()
        unsafe resultStorage.deallocate()
        unsafe marks.deallocate()
        unsafe bits.deallocate()
        unsafe floatStorage?.deallocate()
        unsafe tableStorage?.deallocate()
    }

    /// Room for a vector as floats; every call gives the same.
    @unsafe func floats(count: Int) -> UnsafeMutablePointer<Float> {
        if let storage = unsafe floatStorage { return unsafe storage }
        let storage = UnsafeMutablePointer<Float>.allocate(capacity: count)
        unsafe floatStorage = storage
        return unsafe storage
    }

    /// Room for a query's table.
    @unsafe func table(count: Int) -> UnsafeMutablePointer<Float> {
        if let storage = unsafe tableStorage, count <= tableCapacity { return unsafe storage }
        unsafe tableStorage?.deallocate()
        let storage = UnsafeMutablePointer<Float>.allocate(capacity: count)
        unsafe tableStorage = storage
        tableCapacity = count
        return unsafe storage
    }

    /// Lets the next walk begin at a node.
    func beginWalk(at node: Candidate) {
        unsafe starts[0] = node
        startCount = 1
    }

    /// Lets the next walk begin at all that one has found, whose pool it will take.
    func beginWalk(at pool: CandidatePool) {
        if pool.count > startCapacity {
            unsafe starts.deallocate()
            startCapacity = pool.capacity
            unsafe starts = .allocate(capacity: startCapacity)
        }
        unsafe starts.update(from: pool.items, count: pool.count)
        startCount = pool.count
    }

    /// Lets the next walk begin at one more node.
    func beginWalk(alsoAt node: Candidate) {
        if startCount == startCapacity {
            let larger = UnsafeMutablePointer<Candidate>.allocate(capacity: 2 * startCapacity)
            unsafe larger.update(from: starts, count: startCount)
            unsafe starts.deallocate()
            unsafe starts = larger
            startCapacity *= 2
        }
        unsafe starts[startCount] = node
        startCount += 1
    }

    /// An empty pool of the walk's candidates.
    func pool(capacity: Int, breadth: Int = .max) -> CandidatePool {
        if capacity > poolCapacity {
            unsafe poolStorage.deallocate()
            unsafe poolStorage = .allocate(capacity: capacity)
            poolCapacity = capacity
        }
        return unsafe CandidatePool(items: poolStorage, capacity: capacity, breadth: breadth)
    }

    /// An empty pool of results, beside the walk's.
    func results(capacity: Int) -> CandidatePool {
        if capacity > resultCapacity {
            unsafe resultStorage.deallocate()
            unsafe resultStorage = .allocate(capacity: capacity)
            resultCapacity = capacity
        }
        return unsafe CandidatePool(items: resultStorage, capacity: capacity, breadth: capacity)
    }

    /// Marks with nothing visited, for slots below `count`.
    func visited(count: Int) -> VisitedMarks {
        if count > markCapacity {
            unsafe marks.deallocate()
            markCapacity = max(1_024, count + count / 2)
            unsafe marks = .allocate(capacity: markCapacity)
            unsafe marks.initialize(repeating: 0, count: markCapacity)
            epoch = 0
        }
        if epoch == .max {
            unsafe marks.update(repeating: 0, count: markCapacity)
            epoch = 0
        }
        epoch += 1
        return unsafe VisitedMarks(marks: marks, epoch: epoch)
    }

    /// An empty set of slots below `count`; every call gives the same memory.
    func slotBits(below count: Int) -> SlotBits {
        if SlotBits.wordCount(count) > bitWords {
            unsafe bits.deallocate()
            bitWords = SlotBits.wordCount(count + count / 2)
            unsafe bits = .allocate(capacity: bitWords)
        }
        return unsafe SlotBits(words: bits, count: count)
    }

    /// Whether there are marks for so many slots.
    func hasMarks(for count: Int) -> Bool { count <= markCapacity }

    func beginCounting() {
        scanned = 0
        hops = 0
    }
}

/// Which slots a walk has met: a byte per slot holding the number of the last walk that met it.
@safe struct VisitedMarks {
    let marks: UnsafeMutablePointer<UInt8>
    let epoch: UInt8

    @unsafe init(marks: UnsafeMutablePointer<UInt8>, epoch: UInt8) {
        unsafe self.marks = marks
        self.epoch = epoch
    }

    /// Marks a slot; true the first time.
    @inline(__always)
    func visit(_ slot: UInt32) -> Bool {
        let mark = unsafe marks + Int(slot)
        if unsafe mark.pointee == epoch { return false }
        unsafe mark.pointee = epoch
        return true
    }

    /// Marks the slots of a list of links, which ends at its width or at `none`, and gathers those that were
    /// not marked; returns how many.
    ///
    /// Every slot is written and counted only if new: whether one is could not be foretold by a branch.
    @inline(__always)
    @unsafe func gather(
        _ links: UnsafePointer<UInt32>, width: Int, into slots: UnsafeMutablePointer<UInt32>
    ) -> Int {
        var count = 0
        var index = 0
        while index < width {
            let slot = unsafe links[index]
            if slot == Graph.none { break }
            let mark = unsafe marks + Int(slot)
            unsafe slots[count] = slot
            count &+= unsafe mark.pointee == epoch ? 0 : 1
            unsafe mark.pointee = epoch
            index &+= 1
        }
        return count
    }
}
