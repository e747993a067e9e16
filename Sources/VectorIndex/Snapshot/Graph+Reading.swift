extension Graph {
    /// Reads a graph; every number that will be used as an index is checked.
    ///
    /// The tree and the directory are made anew, side by side: neither reads what the other writes.
    convenience init(reading reader: SnapshotReader, kernel: KernelLevel?) throws(IndexError) {
        let header = try SnapshotHeader(reader, kernel: kernel)
        let configuration = header.configuration
        let count = header.slots
        // Lists had 2m places once, with product codes or without, and later with those a quarter more than m.
        let length = try reader.length(.links)
        let before = [2 * configuration.maximumLinks, configuration.maximumLinks * 5 / 4]
        let links = before.first { length == count * $0 * MemoryLayout<UInt32>.stride }
        try self.init(configuration, layout: header.layout, groundLinks: count > 0 ? links : nil)
        try arena.read(reader, count: count, quantization: header.present)
        try readLevels(reader, count: count)
        try readUpperLinks(reader)
        try readLinks(reader)
        try readPostings(reader, rows: header.rows)
        let highest = (0..<count).reduce(0) { max($0, Int(levels[UInt32($1)])) }
        // Without an entry nothing was linked yet, and everything is compared.
        isUnlinked = header.entry == Graph.none && freeSlots.count < count
        guard
            isUnlinked
                ? header.topLevel == 0
                : header.topLevel == highest
                    && (header.entry == Graph.none
                        || !isFree(header.entry) && Int(levels[header.entry]) == highest)
        else { throw reader.damaged(.configuration, "its entry is not on the top layer") }
        entry = header.entry
        topLevel = header.topLevel
        WorkerThreads.run(2) { thread in
            if thread == 0 {
                directory = NodeDirectory(of: liveSlots) { hash(slot: $0) }
            } else if !isUnlinked {
                growTree(scratch: SearchScratch(configuration, layout: header.layout))
            }
        }
        // Centroids of nothing tell nothing; walks then compare the full codes.
        guard header.present.hasOwnCodes, !header.present.isTrained || header.trainedOn > 0 else { return }
        quantized = try QuantizedCodes(
            header.present, stride: arena.stride, trainedOn: header.trainedOn, reading: reader, count: count)
    }

    /// The slots with rows: a dead node may have been replaced by one of the same vector, so it is not to be
    /// found.
    private var liveSlots: [UInt32] {
        var slots: [UInt32] = []
        slots.reserveCapacity(liveCount)
        for slot in 0..<UInt32(slotCount) where isLive(slot) { slots.append(slot) }
        return slots
    }

    private func readLevels(_ reader: SnapshotReader, count: Int) throws(IndexError) {
        try reader.copy(.levels, to: levels, count: count)
        try reader.copy(.partitions, to: partitionOfNode, count: count)
        var total = 0
        for slot in 0..<UInt32(count) {
            guard levels[slot] < SearchScratch.layerLimit else { throw reader.damaged(.levels) }
            total += Int(levels[slot])
            // A slot without a partition is free, and on no upper layer.
            let partition = partitionOfNode[slot]
            guard partition < Partition.limit || partition == Graph.none && levels[slot] == 0 else {
                throw reader.damaged(.partitions)
            }
            if partition == Graph.none { freeSlots.append(slot) }
        }
        guard upper.hasRoom(levels: total) else { throw reader.damaged(.levels) }
        slotCount = count
    }

    private func readUpperLinks(_ reader: SnapshotReader) throws(IndexError) {
        let links = try reader.array(.upperLinks, of: UInt32.self)
        var next = 0
        for slot in 0..<UInt32(slotCount) where levels[slot] > 0 {
            let layers = Int(levels[slot])
            guard links.count - next >= layers * upper.width else { throw reader.damaged(.upperLinks) }
            upper.add(slot, levels: layers)
            for layer in 1...layers {
                let row = unsafe upper.row(slot, layer: layer)
                for index in 0..<upper.width {
                    let target = links[next]
                    next += 1
                    guard
                        target == Graph.none
                            || (target < slotCount && target != slot && levels[target] >= layer)
                    else { throw reader.damaged(.upperLinks) }
                    unsafe row[index] = target
                }
            }
        }
        guard next == links.count else { throw reader.damaged(.upperLinks) }
    }

    private func readLinks(_ reader: SnapshotReader) throws(IndexError) {
        try reader.copy(.links, to: ground.links, count: slotCount * ground.width)
        let end = UInt32(slotCount)
        let width = ground.width
        var isSound = true
        for slot in 0..<end {
            let row = unsafe ground.row(slot)
            for index in 0..<width {
                let target = unsafe row[index]
                // The way down a tree would not end at a node that is its own child.
                isSound = isSound && (target == Graph.none || (target < end && target != slot))
            }
        }
        if isSound, !freeSlots.isEmpty {
            for index in 0..<slotCount * width {
                let target = unsafe ground.links.base[index]
                isSound = isSound && (target == Graph.none || !isFree(target))
            }
        }
        guard isSound else { throw reader.damaged(.links) }
    }

    private func readPostings(_ reader: SnapshotReader, rows total: Int) throws(IndexError) {
        let counts = try reader.array(.postingCounts, of: UInt32.self)
        let rows = try reader.array(.postingRows, of: UInt32.self)
        guard counts.count == slotCount, counts.reduce(0, { $0 + Int($1) }) == rows.count, rows.count == total
        else { throw reader.damaged(.postingCounts, "its sum is impossible") }
        var next = 0
        var highest: UInt32 = 0
        for slot in 0..<UInt32(slotCount) {
            let count = Int(counts[Int(slot)])
            if isFree(slot), count == 0 { continue }
            for row in rows[next..<next + count] {
                guard row < Row.limit, postings.slot(of: row) == Graph.none, !isFree(slot) else {
                    throw reader.damaged(.postingRows, "row \(row) is impossible or repeated")
                }
                postings.append(row, to: slot)
                highest = max(highest, row)
            }
            next += count
            enterPartition(slot, rows: count)
            if count == 0 { tombstoneCount += 1 }
        }
        rowCount = rows.count
        rowEnd = rows.isEmpty ? 0 : Int(highest) + 1
    }

    private func enterPartition(_ slot: UInt32, rows: Int) {
        let partition = partitionOfNode[slot]
        let nodes = partitions[partition] ?? PartitionNodes()
        if nodes.slots.isEmpty { partitions[partition] = nodes }
        nodes.slots.append(slot)
        nodes.live += rows > 0 ? 1 : 0
        nodes.rows += rows
    }
}
