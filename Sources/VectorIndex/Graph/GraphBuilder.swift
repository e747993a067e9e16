/// Links many nodes at once: in batches, each searched in parallel on a frozen graph and then applied in
/// parallel.
///
/// The batches depend on the number of nodes alone, links are applied in order of their source, and every
/// node's list is changed by one thread: the same nodes and seed give the same graph on any number of
/// threads. The scheme is that of M. Manohar et al., ParlayANN, 2023 (arXiv 2305.04359).
@safe final class GraphBuilder {
    /// The links found for one node on one upper layer; few nodes have any, so a plain array.
    private struct UpperPlan {
        var slot: UInt32
        var layer: Int
        var targets: [Candidate]
    }

    /// What one thread works with.
    private final class Worker {
        let scratch: SearchScratch
        var upper: [UpperPlan] = []

        init(_ graph: Graph) { scratch = SearchScratch(graph.configuration, layout: graph.arena.layout) }
    }

    private let graph: Graph
    private let workers: [Worker]
    /// The links found for each node of a batch, `width` to a node, and how many.
    private let width: Int
    private let links: UnsafeMutablePointer<Candidate>
    private let counts: UnsafeMutablePointer<Int>
    /// The nodes in the order they are linked in: that of their hashes, so that neighbours in time, which are
    /// near-copies in a log, seldom meet in one batch and miss each other.
    private var order: [UInt32] = []

    private static let firstBatch = 64
    private static let largestBatch = 4_096
    /// A batch is at most this part of the graph it is searched on, because its nodes do not see each other.
    private static let batchShare = 16

    init(_ graph: Graph, threads: Int) {
        self.graph = graph
        width = graph.ground.width
        workers = (0..<max(1, threads)).map { _ in Worker(graph) }
        unsafe links = .allocate(capacity: GraphBuilder.largestBatch * width)
        unsafe counts = .allocate(capacity: GraphBuilder.largestBatch)
    }

    deinit {
        unsafe links.deallocate()
        unsafe counts.deallocate()
    }

    /// Links the nodes 0..<slotCount, which have vectors but no links; false if it was cancelled.
    func build(progress: (Double) -> Void, isCancelled: () -> Bool) -> Bool {
        let total = graph.slotCount
        guard total > 0 else { return true }
        order = hashOrder()
        graph.entry = order[0]
        graph.topLevel = Int(graph.levels[order[0]])
        var done = 1
        while done < total {
            if isCancelled() { return false }
            let batch = min(total - done, GraphBuilder.batchSize(after: done))
            let threads = batch < 32 ? 1 : workers.count
            WorkerThreads.run(threads) { plan($0, of: threads, first: done, count: batch) }
            setForwardLinks(first: done, count: batch)
            WorkerThreads.run(threads) { linkBack($0, of: threads, first: done, count: batch) }
            linkUpperLayers(first: done, count: batch)
            done += batch
            progress(Double(done) / Double(total))
        }
        graph.growTree(scratch: workers[0].scratch)
        return true
    }

    private func hashOrder() -> [UInt32] {
        var keyed = (0..<UInt32(graph.slotCount)).map { (hash: graph.hash(slot: $0), slot: $0) }
        keyed.sort { $0.hash != $1.hash ? $0.hash < $1.hash : $0.slot < $1.slot }
        return keyed.map(\.slot)
    }

    private static func batchSize(after done: Int) -> Int {
        done < firstBatch * 4 ? 1 : max(firstBatch / 4, min(largestBatch, done / batchShare))
    }

    /// Finds the links of one thread's share of a batch; reads the graph only.
    private func plan(_ thread: Int, of threads: Int, first: Int, count: Int) {
        let worker = workers[thread]
        let scratch = worker.scratch
        for index in stride(from: thread, to: count, by: threads) {
            let slot = order[first + index]
            scratch.vector.load(slot, of: graph.arena, graph.kernel)
            graph.planLinks(
                level: Int(graph.levels[slot]), isThorough: true, scratch: scratch)
            unsafe counts[index] = scratch.planCounts[0]
            unsafe (links + index * width).update(from: scratch.plan, count: scratch.planCounts[0])
            var layer = min(Int(graph.levels[slot]), graph.topLevel)
            while layer > 0 {
                let plan = unsafe scratch.plan + layer * SearchScratch.planStride
                let targets = (0..<scratch.planCounts[layer]).map { unsafe plan[$0] }
                worker.upper.append(UpperPlan(slot: slot, layer: layer, targets: targets))
                layer -= 1
            }
        }
    }

    private func setForwardLinks(first: Int, count: Int) {
        for index in 0..<count {
            let row = unsafe graph.ground.row(order[first + index])
            let found = unsafe counts[index]
            for link in 0..<found { unsafe row[link] = links[index * width + link].id }
        }
    }

    /// Writes the links back to a batch into the lists that one thread owns.
    private func linkBack(_ thread: Int, of threads: Int, first: Int, count: Int) {
        for index in 0..<count {
            let slot = order[first + index]
            let found = unsafe counts[index]
            for link in 0..<found {
                let target = unsafe links[index * width + link]
                guard Int(target.id) % threads == thread else { continue }
                linkBack(from: target, to: slot, layer: 0, scratch: workers[thread].scratch)
            }
        }
    }

    private func linkBack(from target: Candidate, to slot: UInt32, layer: Int, scratch: SearchScratch) {
        let score = target.score + graph.arena.offset(target.id) - graph.arena.offset(slot)
        graph.addLink(
            from: target.id, to: slot, score: score, layer: layer, keepingTree: false, scratch: scratch)
    }

    private func linkUpperLayers(first: Int, count: Int) {
        let plans = workers.flatMap(\.upper).sorted { ($0.slot, $0.layer) < ($1.slot, $1.layer) }
        for worker in workers { worker.upper.removeAll(keepingCapacity: true) }
        for plan in plans {
            let row = unsafe graph.links(plan.slot, layer: plan.layer)
            for (index, target) in plan.targets.enumerated() { unsafe row[index] = target.id }
        }
        for plan in plans {
            for target in plan.targets {
                linkBack(from: target, to: plan.slot, layer: plan.layer, scratch: workers[0].scratch)
            }
        }
        for slot in order[first..<first + count] where Int(graph.levels[slot]) > graph.topLevel {
            graph.entry = slot
            graph.topLevel = Int(graph.levels[slot])
        }
    }
}
