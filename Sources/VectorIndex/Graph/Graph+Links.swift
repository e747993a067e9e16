internal import CVectorKernels

/// Lists of links changed: by one more, or as a whole.
extension Graph {
    /// What to do with a list that is full already.
    enum FullList {
        /// All its links and the new one are pruned anew, which leaves room for later ones.
        case chosenAnew
        /// The farthest link gives way to a nearer one: a twentieth of the work.
        case replaced
    }

    /// Adds a link to `target` to the node `owner`; returns whether its list was full.
    ///
    /// With `keepingTree`, no node loses its parent, so that none is lost.
    @discardableResult
    func addLink(
        from owner: UInt32, to target: UInt32, score: Float, layer: Int, keepingTree: Bool,
        whenFull: FullList = .chosenAnew, scratch: SearchScratch
    ) -> Bool {
        let width = width(layer: layer)
        let row = unsafe links(owner, layer: layer)
        var degree = 0
        while degree < width, unsafe row[degree] != Graph.none {
            if unsafe row[degree] == target { return false }
            degree &+= 1
        }
        if degree < width {
            unsafe row[degree] = target
            return false
        }
        let stride = arena.stride
        let sum = unsafe arena.unpack(owner, into: scratch.ownerCode, kernel)
        let query = unsafe vk_query(
            codes: scratch.ownerCode, length: stride, bias: sum &* 128, scale: arena.scale(owner), table: nil)
        let pruned = unsafe scratch.pruned
        unsafe kernel.score(query, arena.view, slots: row, count: degree, into: scratch.scores)
        if whenFull == .replaced {
            unsafe replaceFarthest(
                row, scratch.scores, count: degree, of: owner, by: target, score: score,
                keepingTree: keepingTree)
            return true
        }
        for index in 0..<degree {
            unsafe pruned[index] = Candidate(score: scratch.scores[index], id: row[index])
        }
        unsafe pruned[degree] = Candidate(score: score, id: target)
        unsafe sortByScore(pruned, count: degree + 1)
        let kept = unsafe select(
            pruned, count: degree + 1, ownerOffset: arena.offset(owner),
            limit: width, scratch: scratch)
        setLinks(owner, layer: layer, kept: kept, keepingTree: keepingTree, scratch: scratch)
        return true
    }

    /// Puts a link in place of the farthest one that is farther and carries no child, if there is one.
    private func replaceFarthest(
        _ row: UnsafeMutablePointer<UInt32>, _ scores: UnsafePointer<Float>, count: Int, of owner: UInt32,
        by target: UInt32, score: Float, keepingTree: Bool
    ) {
        var farthest = -1
        var worst = score
        for index in 0..<count {
            if unsafe scores[index] >= worst { continue }
            if keepingTree, unsafe parents[row[index]] == owner { continue }
            farthest = index
            worst = unsafe scores[index]
        }
        if farthest >= 0 { unsafe row[farthest] = target }
    }

    /// Replaces a node's links by those the scratch holds as chosen.
    func setLinks(
        _ owner: UInt32, layer: Int, kept chosenCount: Int, keepingTree: Bool, scratch: SearchScratch
    ) {
        let width = width(layer: layer)
        let row = unsafe links(owner, layer: layer)
        let chosen = unsafe scratch.chosen
        var kept = chosenCount
        if keepingTree {
            var index = 0
            while index < width, unsafe row[index] != Graph.none {
                let target = unsafe row[index]
                index &+= 1
                guard parents[target] == owner,
                    unsafe !UnsafeBufferPointer(start: chosen, count: kept).contains(target),
                    !handOver(target, from: owner)
                else { continue }
                unsafe keep(target, of: owner, chosen, count: &kept, width: width)
            }
        }
        unsafe row.update(from: chosen, count: kept)
        unsafe (row + kept).update(repeating: Graph.none, count: width - kept)
    }

    /// Puts a child back into a list, in place of the farthest link that carries none; there is one, since
    /// the list before held all the children.
    private func keep(
        _ child: UInt32, of owner: UInt32, _ chosen: UnsafeMutablePointer<UInt32>, count: inout Int,
        width: Int
    ) {
        if count < width {
            unsafe chosen[count] = child
            count += 1
        } else if let place = (0..<count).last(where: { unsafe parents[chosen[$0]] != owner }) {
            unsafe chosen[place] = child
        }
    }
}
