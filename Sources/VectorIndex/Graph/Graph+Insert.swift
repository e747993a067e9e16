internal import CVectorKernels

/// What an insert found out while it only read the graph.
struct InsertPlan {
    var hash: UInt64
    var partition: UInt32
    var level: Int
    /// What the graph's generation was: another means another graph, or linked nodes that have died.
    var generation: Int
    /// The node that already stands for the vector.
    var existing: UInt32?
    var novelty: Novelty
}

extension Graph {
    /// The reading half of an insert: finds the vector's node or the links and smaller code of a new one, and how
    /// novel it is.
    ///
    /// The walk that finds the links is also the search that the novelty is taken from.
    func plan(_ scratch: SearchScratch, partition: UInt32, measuringNovelty: Bool = true) -> InsertPlan {
        scratch.beginCounting()
        var plan = planNode(scratch, partition: partition)
        guard measuringNovelty else {
            if plan.existing == nil { planLinks(level: plan.level, scratch: scratch) }
            return plan
        }
        let before = plan.existing.map { Int(postings.count($0)) } ?? 0
        plan.novelty.multiplicityBefore = before
        if let existing = plan.existing, before >= Novelty.neighbours {
            plan.novelty.meanSimilarity = selfSimilarity(scratch)
            plan.novelty.nearestSimilarity = plan.novelty.meanSimilarity
            plan.novelty.nearestRow = Row(rawValue: postings.last(existing))
            return plan
        }
        if isUnlinked {
            plan.novelty.isMeasured = false
            return plan
        }
        scratch.tail = tail
        defer { scratch.tail = [] }
        if plan.existing != nil {
            var pool = walkFromTop(fullTarget(scratch), scratch, breadth: Self.noveltyBreadth)
            if scratch.pauses.isOverrun { return plan }
            offerTail(to: &pool, fullTarget(scratch), scratch) { $0 }
            measureNovelty(of: pool, scratch: scratch, plan: &plan)
            return plan
        }
        var ground = planLinks(level: plan.level, scratch: scratch)
        if scratch.pauses.isOverrun { return plan }
        // Of what nothing leads to there may be some where nothing is linked.
        if ground == nil, !scratch.tail.isEmpty {
            ground = scratch.pool(capacity: configuration.constructionBreadth)
        }
        if var ground {
            // Behind the choice of links, which are none to nodes that have none themselves.
            offerTail(to: &ground, fullTarget(scratch), scratch) { $0 }
            // Last, because it may walk again, over the same pool.
            measureNovelty(of: ground, scratch: scratch, plan: &plan)
        }
        return plan
    }

    /// The vector's node, or the smaller code of a new one; walks nowhere.
    func planNode(_ scratch: SearchScratch, partition: UInt32) -> InsertPlan {
        let hash = hash(scratch.vector, partition: partition)
        var plan = InsertPlan(
            hash: hash, partition: partition, level: level(hash: hash), generation: generation,
            novelty: Novelty())
        plan.existing = find(scratch, partition: partition, hash: hash)
        if plan.existing == nil { quantized?.encode(scratch, kernel) }
        return plan
    }

    /// Finds the links of the scratch's vector on each layer and leaves them in its plan; gives back what the
    /// walk of the ground layer found.
    ///
    /// Links are chosen among all that the walks keep. Walks above the ground are as wide: at half of that, filtered
    /// searches of a graph that was only inserted into found 0.92 instead of 0.96.
    @discardableResult
    func planLinks(
        level: Int, isThorough: Bool = false, scratch: SearchScratch
    ) -> CandidatePool? {
        // What was planned before is of another vector, perhaps of another graph.
        for layer in scratch.planCounts.indices { scratch.planCounts[layer] = 0 }
        guard entry != Graph.none else { return nil }
        let target = fullTarget(scratch)
        let search =
            isThorough
            ? configuration.buildSearch(nodes: slotCount) : configuration.insertSearch(nodes: slotCount)
        var layer = min(level, topLevel)
        scratch.beginWalk(at: descend(target, to: layer, scratch: scratch))
        while true {
            let pool = walk(
                target, layer: layer, breadth: search.breadth, nearest: layer == 0 ? search.nearest : .max,
                keeping: search.kept, scratch: scratch)
            if scratch.pauses.isOverrun { return nil }
            let count = unsafe select(
                pool.items, count: pool.count, ownerOffset: scratch.vector.halfSquaredLength,
                limit: width(layer: layer), scratch: scratch)
            let links = unsafe scratch.plan + layer * SearchScratch.planStride
            for index in 0..<count {
                unsafe links[index] = Candidate(score: scratch.chosenScores[index], id: scratch.chosen[index])
            }
            scratch.planCounts[layer] = count
            if layer == 0 { return pool }
            scratch.beginWalk(at: pool)
            layer -= 1
        }
    }

    /// Whether what was planned for the scratch's vector holds still.
    ///
    /// A node that was found may have been in the tail, and gone since; then there are neither links nor a smaller code
    /// for another. What came since is found by the directory.
    func isCurrent(_ plan: InsertPlan, _ scratch: SearchScratch) -> Bool {
        guard plan.generation == generation else { return false }
        guard let existing = plan.existing else { return true }
        return partitionOfNode[existing] == plan.partition && arena.holds(scratch.vector, at: existing)
    }

    /// The writing half: gives the row to its node, making and linking the node if it is new.
    func commit(_ planned: InsertPlan, row: UInt32, scratch: SearchScratch) throws(IndexError) {
        guard postings.slot(of: row) == Graph.none else { throw .rowTaken(Row(rawValue: row)) }
        let plan =
            isCurrent(planned, scratch)
            ? planned : plan(scratch, partition: planned.partition, measuringNovelty: false)
        if let existing = plan.existing ?? find(scratch, partition: plan.partition, hash: plan.hash) {
            join(row, to: existing, scratch: scratch)
        } else {
            let slot = try addNode(scratch, partition: plan.partition, hash: plan.hash, level: plan.level)
            // Before linking: a list that is full chooses among nodes with rows only.
            attach(row, to: slot)
            link(slot, level: plan.level, scratch: scratch)
        }
        continueSweep(scratch: scratch)
    }

    /// Adds a row to the node of its vector, and sees to it that one without rows can be reached again.
    func join(_ row: UInt32, to slot: UInt32, scratch: SearchScratch) {
        let isRevived = !isLive(slot)
        attach(row, to: slot)
        if isRevived, !isUnlinked, !isInTree(slot) { adopt(slot, scratch: scratch) }
    }

    /// Adds a row to a node, reviving it if it had none.
    func attach(_ row: UInt32, to slot: UInt32) {
        let nodes = partitions[partitionOfNode[slot]]
        if postings.count(slot) == 0 {
            tombstoneCount -= 1
            nodes?.live += 1
        }
        postings.append(row, to: slot)
        nodes?.rows += 1
        rowCount += 1
        rowEnd = max(rowEnd, Int(row) + 1)
        touched?.append(row)
    }

    /// Adds a node without links or rows, a tombstone until `attach`; where there are smaller codes, the vector
    /// carries its own.
    func addNode(_ scratch: SearchScratch, partition: UInt32, hash: UInt64, level: Int) throws(IndexError)
        -> UInt32
    {
        guard !freeSlots.isEmpty || slotCount < Graph.nodeLimit, upper.hasRoom(levels: level) else {
            throw .full(nodes: slotCount)
        }
        let slot = freeSlots.popLast() ?? UInt32(slotCount)
        arena.write(scratch.vector, slot: slot)
        quantized?.store(scratch.vector, slot: slot)
        register(slot, partition: partition, hash: hash, level: level)
        return slot
    }

    /// Enters a node whose vector is written into every table.
    func register(_ slot: UInt32, partition: UInt32, hash: UInt64, level: Int) {
        slotCount = max(slotCount, Int(slot) + 1)
        tombstoneCount += 1
        levels[slot] = UInt8(level)
        parents[slot] = Graph.none
        partitionOfNode[slot] = partition
        unsafe ground.row(slot).update(repeating: Graph.none, count: ground.width)
        upper.add(slot, levels: level)
        directory.insert(hash, slot: slot)
        if let nodes = partitions[partition] {
            nodes.slots.append(slot)
        } else {
            let nodes = PartitionNodes()
            nodes.slots = [slot]
            partitions[partition] = nodes
        }
    }

    /// Links a new node as the scratch's plan says: its own links on every layer first, then the links back,
    /// and only then may walks begin at it.
    func link(_ slot: UInt32, level: Int, scratch: SearchScratch) {
        if isUnlinked { return }
        guard entry != Graph.none else {
            entry = slot
            topLevel = level
            parents[slot] = slot
            return
        }
        let highest = min(level, topLevel)
        let metOnlyDead = (0...highest).contains { layer in
            unsafe scratch.planCounts[layer] > 0 && !isLive(scratch.plan[layer * SearchScratch.planStride].id)
        }
        if metOnlyDead { sweep?.latecomers.append(slot) }
        for layer in 0...highest {
            let links = unsafe scratch.plan + layer * SearchScratch.planStride
            let row = unsafe self.links(slot, layer: layer)
            for index in 0..<scratch.planCounts[layer] {
                unsafe row[index] = links[index].id
            }
        }
        let chosenAnew = configuration.listsChosenAnew(nodes: slotCount)
        for layer in 0...highest {
            let links = unsafe scratch.plan + layer * SearchScratch.planStride
            var full = 0
            for index in 0..<scratch.planCounts[layer] {
                let target = unsafe links[index]
                let score = target.score + arena.offset(target.id) - arena.offset(slot)
                let wasFull = addLink(
                    from: target.id, to: slot, score: score, layer: layer, keepingTree: layer == 0,
                    whenFull: full < chosenAnew ? .chosenAnew : .replaced, scratch: scratch)
                if wasFull { full += 1 }
            }
        }
        joinTree(slot, scratch: scratch)
        if level > topLevel { moveEntry(to: slot, scratch: scratch) }
    }

    /// Gives a new node a parent: the nearest planned neighbour that kept its link back, or else has room.
    private func joinTree(_ slot: UInt32, scratch: SearchScratch) {
        let planned = (0..<scratch.planCounts[0]).map { unsafe scratch.plan[$0].id }
        for neighbour in planned where isInTree(neighbour) && links(neighbour, to: slot) {
            parents[slot] = neighbour
            return
        }
        for neighbour in planned where isInTree(neighbour) && adopt(slot, by: neighbour) { return }
        adopt(slot, below: planned.first(where: isInTree) ?? entry)
    }
}
