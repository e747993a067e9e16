extension Graph {
    /// The most problems that are told one by one.
    private static let problemLimit = 50

    func problems() -> [String] {
        var problems: [String] = []
        func expect(_ condition: Bool, _ problem: @autoclosure () -> String) {
            if !condition, problems.count < Graph.problemLimit { problems.append(problem()) }
        }
        var rows = 0
        var dead = 0
        for slot in 0..<UInt32(slotCount) where !isFree(slot) {
            for layer in 0...Int(levels[slot]) {
                for problem in linkProblems(slot, layer: layer) { expect(false, problem) }
            }
            rows += Int(postings.count(slot))
            dead += isLive(slot) ? 0 : 1
            expect(listIsConsistent(slot), "the postings of node \(slot) are inconsistent")
            let found = directory.find(hash(slot: slot)) { $0 == slot }
            expect(found == slot || !isLive(slot), "the directory does not find node \(slot)")
            expect(isInTree(slot) || isInTail(slot) || !isLive(slot), "node \(slot) is not in the tree")
            expect(
                !isInTree(slot) || slot == entry || links(parents[slot], to: slot),
                "the parent of node \(slot) does not link to it")
        }
        expect(rows == rowCount, "\(rows) rows hang on nodes, \(rowCount) were counted")
        expect(dead == tombstoneCount, "\(dead) nodes have no rows, \(tombstoneCount) were counted")
        expect(
            slotCount == freeSlots.count + tail.count
                ? entry == Graph.none : entry < slotCount && Int(levels[entry]) == topLevel,
            "the entry \(entry) is not on the top layer \(topLevel)")
        var listed = 0
        for (partition, nodes) in partitions {
            listed += nodes.slots.count
            expect(
                nodes.slots.allSatisfy { $0 < slotCount && partitionOfNode[$0] == partition },
                "partition \(partition) lists a node of another")
            expect(
                nodes.live == nodes.slots.count { isLive($0) }, "partition \(partition) miscounts its nodes")
            expect(
                nodes.rows == nodes.slots.reduce(0) { $0 + Int(postings.count($1)) },
                "partition \(partition) miscounts its rows")
        }
        let used = slotCount - freeSlots.count
        expect(listed == used, "the partitions list \(listed) of \(used) nodes")
        expect(freeSlots.allSatisfy { isFree($0) && !isLive($0) }, "a free slot is in use")
        for problem in treeProblems() + tailProblems() { expect(false, problem) }
        let lost = unreachable()
        expect(lost.isEmpty, "\(lost.count) nodes cannot be reached, node \(lost.first ?? 0) among them")
        return problems
    }

    /// Ways of the tree that do not end at the entry.
    private func treeProblems() -> [String] {
        var arrives = SlotSet(below: slotCount)
        if entry != Graph.none { _ = arrives.insert(entry) }
        return (0..<UInt32(slotCount)).filter { !isFree($0) && isInTree($0) }.compactMap { start in
            var way: [UInt32] = []
            var slot = start
            while slot < Graph.unlinked, !arrives.contains(slot), way.count <= slotCount {
                way.append(slot)
                slot = parents[slot]
            }
            guard slot < Graph.unlinked, way.count <= slotCount else {
                return "the way of node \(start) does not end at the entry"
            }
            for passed in way { _ = arrives.insert(passed) }
            return nil
        }
    }

    /// Nodes that wait to be linked and should not, or the other way round.
    private func tailProblems() -> [String] {
        let marked = (0..<UInt32(slotCount)).filter(isInTail)
        var problems: [String] = []
        if marked != tail.sorted() {
            problems.append("\(marked.count) nodes are marked as not linked yet, \(tail.count) are listed")
        }
        if isUnlinked, !tail.isEmpty { problems.append("nodes wait to be linked where none is") }
        for slot in marked where !isLive(slot) || ground.degree(slot) > 0 {
            problems.append("node \(slot) is not linked yet, but has links or no rows")
        }
        return problems
    }

    private func linkProblems(_ slot: UInt32, layer: Int) -> [String] {
        let row = unsafe links(slot, layer: layer)
        let width = width(layer: layer)
        var targets: [UInt32] = []
        var ended = false
        for index in 0..<width {
            let target = unsafe row[index]
            if target == Graph.none {
                ended = true
            } else if ended {
                return ["node \(slot) has a link after the end of its list on layer \(layer)"]
            } else {
                targets.append(target)
            }
        }
        if targets.contains(where: { $0 >= slotCount || isFree($0) || Int(levels[$0]) < layer }) {
            return ["node \(slot) links to a node that is not on layer \(layer)"]
        }
        if let early = targets.first(where: isInTail) {
            return ["node \(slot) links to node \(early) on layer \(layer), which is not linked yet"]
        }
        if targets.contains(slot) { return ["node \(slot) links to itself on layer \(layer)"] }
        if Set(targets).count != targets.count { return ["node \(slot) repeats a link on layer \(layer)"] }
        return []
    }

    private func listIsConsistent(_ slot: UInt32) -> Bool {
        var count: UInt32 = 0
        var row = postings.first(slot)
        var last = Graph.none
        while row != Graph.none, count <= postings.count(slot) {
            guard postings.slot(of: row) == slot, postings.previous(row) == last else { return false }
            last = row
            count += 1
            row = postings.next(row)
        }
        return count == postings.count(slot) && postings.last(slot) == last
    }
}
