import Glibc
import Locks

extension HNSWIndex {
    /// Writes the index to a file, whole or not at all; searches go on, inserts wait.
    ///
    /// Answers the file's checksum.
    ///
    /// With a quantization, what only rescores is from then on read from that file, which may be removed but must
    /// not be changed.
    @discardableResult
    public func writeSnapshot(to path: String) throws(IndexError) -> UInt32 {
        let writer = try SnapshotWriter(path: path)
        let (failure, version) = guarded.withReadingVersioned { (graph, version) -> (IndexError?, UInt64) in
            do throws(IndexError) {
                try graph.write(to: writer)
                return (nil, version)
            } catch {
                return (error, version)
            }
        }
        if let failure { throw failure }
        try writer.finish()
        if configuration.quantization != .none {
            try leaveExactForm(in: path, writer.ranges, version: version)
        }
        return writer.checksum
    }

    /// Maps what only rescores from a file, if nothing was written since; the graph is kept from changing
    /// meanwhile.
    private func leaveExactForm(
        in path: String, _ ranges: [SnapshotSection: Range<Int>], version: UInt64
    ) throws(IndexError) {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .file(path: path, action: "opened", code: errno) }
        defer { close(file) }
        let failure = guarded.withReadingVersioned { (graph, current) -> IndexError? in
            guard current == version else { return nil }
            do throws(IndexError) {
                try graph.arena.leave(
                    in: file, ranges, path: path, quantization: graph.presentQuantization)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Opens an index from a file; a damaged or foreign one is refused with the section named.
    ///
    /// The kernel is a matter of this machine, so it is given anew. With the checksum that its writing
    /// answered, another whole file in its place is refused too.
    public convenience init(
        snapshot path: String, kernel: KernelLevel? = nil, checksum: UInt32? = nil
    ) throws(IndexError) {
        let reader = try SnapshotReader(path: path)
        if let checksum, checksum != reader.checksum {
            throw .snapshot(
                path: path, section: "header", problem: "it is another file than was written here")
        }
        self.init(graph: try Graph(reading: reader, kernel: kernel))
    }
}

extension Graph {
    /// The numbers of the configuration section, in order.
    private var header: [UInt64] {
        [
            UInt64(configuration.dimension), UInt64(configuration.element.rawValue),
            UInt64(configuration.metric.rawValue), UInt64(configuration.maximumLinks),
            UInt64(configuration.constructionBreadth), UInt64(configuration.searchBreadth),
            configuration.seed,
            UInt64(slotCount), UInt64(entry), UInt64(topLevel), UInt64(rowCount),
            UInt64(arena.layout.blockBytes),
            UInt64(Quantization.allCases.firstIndex(of: configuration.quantization) ?? 0),
            UInt64(Quantization.allCases.firstIndex(of: presentQuantization) ?? 0),
            UInt64(quantized?.codebook?.trainedOn ?? 0),
        ]
    }

    func write(to writer: SnapshotWriter) throws(IndexError) {
        let count = slotCount
        let sections =
            SnapshotSection.allCases.count - (quantized == nil ? SnapshotSection.quantized.count : 0)
        try writer.writeHeader(sections: sections)
        try writer.write(.configuration, header)
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
            while row != PostingTable.none {
                rows.append(row)
                row = postings.next(row)
            }
        }
        try writer.write(.upperLinks, upperLinks)
        try writer.write(.postingCounts, counts)
        try writer.write(.postingRows, rows)
        try quantized?.write(to: writer, count: count)
    }

    /// Reads a graph; every number that will be used as an index is checked.
    convenience init(reading reader: SnapshotReader, kernel: KernelLevel?) throws(IndexError) {
        let header = try reader.array(.configuration, of: UInt64.self)
        func damaged(_ section: SnapshotSection, _ problem: String) -> IndexError {
            .snapshot(path: reader.path, section: section.name, problem: problem)
        }
        // Files of before quantization end their header earlier.
        guard header.count == 12 || header.count == 15, [0, 64, 128].contains(header[11]),
            header.enumerated().allSatisfy({ $0.offset == 6 || $0.element <= UInt32.max }),
            let element = VectorElement(rawValue: UInt32(header[1])),
            let metric = Metric(rawValue: UInt32(header[2]))
        else { throw damaged(.configuration, "its values are impossible") }
        var configuration = IndexConfiguration(dimension: Int(header[0]), element: element, metric: metric)
        configuration.maximumLinks = Int(header[3])
        configuration.constructionBreadth = Int(header[4])
        configuration.searchBreadth = Int(header[5])
        configuration.seed = header[6]
        configuration.kernel = kernel
        let numbers = header.count == 15 ? Array(header[12...13]) : [0, 0]
        guard let wanted = Quantization(number: numbers[0]), let present = Quantization(number: numbers[1])
        else { throw damaged(.configuration, "its values are impossible") }
        configuration.quantization = wanted
        let isSparse = header[11] > 0
        let layout: CodeLayout = isSparse ? .sparse(blockBytes: Int(header[11])) : .dense
        let areBoundsKept = (try? configuration.validated()) != nil
        guard areBoundsKept, !isSparse || configuration.dimension <= CodeLayout.longestSparse else {
            throw damaged(.configuration, "its values are impossible")
        }
        let count = Int(header[7])
        // Lists were as long with product codes as without, once.
        let full = 2 * configuration.maximumLinks
        let isFull = try reader.length(.links) == count * full * MemoryLayout<UInt32>.stride
        try self.init(configuration, layout: layout, groundLinks: isFull && count > 0 ? full : nil)
        guard count <= Graph.nodeLimit, header[8] == Graph.none || header[8] < count else {
            throw damaged(.configuration, "its values are impossible")
        }
        try arena.read(reader, count: count, quantization: present)
        try readNodes(reader, count: count)
        try readPostings(reader, rows: Int(header[10]))
        entry = UInt32(header[8])
        topLevel = Int(header[9])
        let highest = (0..<count).reduce(0) { max($0, Int(levels[UInt32($1)])) }
        guard topLevel == highest,
            entry == Graph.none
                ? freeSlots.count == count : !isFree(entry) && Int(levels[entry]) == highest
        else { throw damaged(.configuration, "its entry is not on the top layer") }
        growTree(scratch: SearchScratch(configuration, layout: layout))
        // Centroids of nothing tell nothing; walks then compare the full codes.
        guard present.hasOwnCodes, !present.isTrained || header[14] > 0 else { return }
        quantized = try QuantizedCodes(
            present, stride: arena.stride, trainedOn: Int(header[14]), reading: reader, count: count)
    }

    private func readNodes(_ reader: SnapshotReader, count: Int) throws(IndexError) {
        let levels = try reader.array(.levels, of: UInt8.self)
        let partitions = try reader.array(.partitions, of: UInt32.self)
        let upperLinks = try reader.array(.upperLinks, of: UInt32.self)
        let total = levels.reduce(0) { $0 + Int($1) }
        func damaged(_ section: SnapshotSection) -> IndexError {
            .snapshot(path: reader.path, section: section.name, problem: "its values are impossible")
        }
        guard levels.count == count, levels.allSatisfy({ $0 < SearchScratch.layerLimit }),
            upper.hasRoom(levels: total)
        else { throw damaged(.levels) }
        // A slot without a partition is free, and on no upper layer.
        guard partitions.count == count,
            partitions.indices.allSatisfy({
                partitions[$0] < Partition.limit || partitions[$0] == Graph.none && levels[$0] == 0
            })
        else { throw damaged(.partitions) }
        guard upperLinks.count == total * upper.width else { throw damaged(.upperLinks) }
        directory = NodeDirectory(capacity: count)
        for slot in 0..<count {
            partitionOfNode[UInt32(slot)] = partitions[slot]
            if partitions[slot] == Graph.none {
                slotCount = slot + 1
                freeSlots.append(UInt32(slot))
                continue
            }
            register(
                UInt32(slot), partition: partitions[slot], hash: hash(slot: UInt32(slot)),
                level: Int(levels[slot]))
        }
        var next = 0
        for slot in 0..<UInt32(count) {
            for layer in Swift.stride(from: 1, through: Int(levels[Int(slot)]), by: 1) {
                let row = unsafe upper.row(slot, layer: layer)
                for index in 0..<upper.width {
                    let target = upperLinks[next]
                    next += 1
                    guard
                        target == Graph.none
                            || (target < count && target != slot && levels[Int(target)] >= layer)
                    else { throw damaged(.upperLinks) }
                    unsafe row[index] = target
                }
            }
        }
        // Last, because registering a node empties its links.
        try reader.copy(.links, to: ground.links, count: count * ground.width)
        for index in 0..<count * ground.width {
            let target = unsafe ground.links.base[index]
            guard target == Graph.none || (target < count && partitions[Int(target)] != Graph.none),
                // The way down a tree would not end at a node that is its own child.
                Int(target) != index / ground.width
            else { throw damaged(.links) }
        }
    }

    private func readPostings(_ reader: SnapshotReader, rows total: Int) throws(IndexError) {
        let counts = try reader.array(.postingCounts, of: UInt32.self)
        let rows = try reader.array(.postingRows, of: UInt32.self)
        guard counts.count == slotCount, counts.reduce(0, { $0 + Int($1) }) == rows.count, rows.count == total
        else {
            throw .snapshot(
                path: reader.path, section: SnapshotSection.postingCounts.name,
                problem: "its sum is impossible")
        }
        var next = 0
        for slot in 0..<slotCount {
            for _ in 0..<counts[slot] {
                let row = rows[next]
                next += 1
                guard row < Row.limit, postings.slot(of: row) == PostingTable.none, !isFree(UInt32(slot))
                else {
                    throw .snapshot(
                        path: reader.path, section: SnapshotSection.postingRows.name,
                        problem: "row \(row) is impossible or repeated")
                }
                attach(row, to: UInt32(slot))
            }
        }
        // A dead node may have been replaced by one of the same vector, so it is not to be found.
        for slot in 0..<UInt32(slotCount) where !isLive(slot) && !isFree(slot) {
            directory.remove(hash(slot: slot), slot: slot)
        }
    }
}
