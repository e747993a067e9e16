extension Graph {
    func write(to writer: SnapshotWriter) throws(IndexError) {
        let count = slotCount
        let sections =
            SnapshotSection.allCases.count - (quantized == nil ? SnapshotSection.quantized.count : 0)
        try writer.writeHeader(sections: sections)
        try writer.write(.configuration, SnapshotHeader(self).numbers)
        try arena.write(to: writer, count: count)
        try writer.write(.links, ground.links, count: count * ground.width)
        try writer.write(.levels, levels, count: count)
        try writer.write(.partitions, partitionOfNode, count: count)
        var upperLinks: [UInt32] = []
        var counts: [UInt32] = []
        var rows: [UInt32] = []
        counts.reserveCapacity(count)
        rows.reserveCapacity(rowCount)
        for slot in 0..<UInt32(count) {
            for layer in stride(from: 1, through: Int(levels[slot]), by: 1) {
                let row = unsafe upper.row(slot, layer: layer)
                for index in 0..<upper.width { unsafe upperLinks.append(row[index]) }
            }
            counts.append(postings.count(slot))
            var row = postings.first(slot)
            while row != Graph.none {
                rows.append(row)
                row = postings.next(row)
            }
        }
        try writer.write(.upperLinks, upperLinks)
        try writer.write(.postingCounts, counts)
        try writer.write(.postingRows, rows)
        try quantized?.write(to: writer, count: count)
    }
}
