extension Graph {
    /// Takes a row out of its node; the node becomes a tombstone with its last row, or is gone where nothing is linked
    /// to it yet.
    func remove(_ row: UInt32) -> Bool {
        let slot = postings.slot(of: row)
        guard slot != Graph.none else { return false }
        postings.remove(row)
        rowCount -= 1
        touched?.append(row)
        let nodes = partitions[partitionOfNode[slot]]
        nodes?.rows -= 1
        if postings.count(slot) == 0 {
            tombstoneCount += 1
            nodes?.live -= 1
            if isInTail(slot) { dropFromTail(slot) }
        }
        return true
    }

    /// The nearest distinct vectors until they stand for enough rows.
    func nearestNodes(_ scratch: SearchScratch, partition: Partition?, rows wanted: Int) -> [NearestNode] {
        scratch.beginCounting()
        scratch.tail = tail
        defer { scratch.tail = [] }
        guard wanted > 0, rowCount > 0 else { return [] }
        let found = nearestMatches(scratch, options: SearchOptions(count: wanted, partition: partition))
        var nodes: [NearestNode] = []
        var total = 0
        for index in 0..<found.count {
            let candidate = found[index]
            let slot = postings.slot(of: candidate.id)
            nodes.append(
                NearestNode(
                    firstRow: Row(rawValue: postings.first(slot)),
                    lastRow: Row(rawValue: postings.last(slot)),
                    count: Int(postings.count(slot)), similarity: scratch.vector.presented(candidate.score)))
            total += Int(postings.count(slot))
            if total >= wanted { break }
        }
        return nodes
    }
}
