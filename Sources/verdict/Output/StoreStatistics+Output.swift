import Decisions
import Operations
import VectorStores

extension StoreStatistics {
    /// The numbers as the command prints them.
    func json(residentBytes: Int) -> JSONObject {
        var object: JSONObject = [
            "vectors": .integer(vectors), "distinct": .integer(distinct), "dimension": .integer(dimension),
            "recipe": .string(recipe),
            "distinct_share": .decimal(distinctShare, digits: 4),
            "index": .object(index.json),
            "memory_bytes": .integer(memoryBytes),
            "memory_parts": .object(partsJSON),
            "mapped_bytes": .integer(mappedBytes), "rss_bytes": .integer(residentBytes),
            "last_insert": .time(lastInsert), "tenants": .integer(tenants),
        ]
        if let server { object["server"] = .object(server.json) }
        return object
    }

    private var partsJSON: JSONObject {
        var object = JSONObject()
        for (name, bytes) in memoryParts.sorted(by: { $0.key < $1.key }) { object[name] = .integer(bytes) }
        return object
    }

    /// What a server tells of a table whose rows are no decisions, for people.
    var textOfOtherRows: String {
        var table = TextTable([("WHAT", .left), ("VALUE", .left)])
        table.append(["rows", grouped(vectors)])
        table.append(["distinct", "\(grouped(distinct)), by the server's estimate"])
        table.append(["tenants", tenants == 0 ? "no column is named" : grouped(tenants)])
        table.append(["dimension", "\(dimension)"])
        table.append(["recipe", recipe])
        table.append(["index", index.kernel.isEmpty ? "none" : index.kernel])
        if index.m > 0 { table.append(["graph", "m=\(index.m) ef_construction=\(index.efConstruction)"]) }
        table.append(["on disk", bytesText(diskBytes)])
        table.append(["newest row", newestDecision?.description ?? "-"])
        return table.text
    }

    /// The numbers for people.
    func text(residentBytes: Int) -> String {
        var table = TextTable([("WHAT", .left), ("VALUE", .left)])
        table.append(["vectors", grouped(vectors)])
        table.append(["distinct", grouped(distinct)])
        table.append(["tenants", grouped(tenants)])
        table.append(["dimension", "\(dimension)"])
        table.append(["recipe", recipe])
        table.append([
            "index",
            "m=\(index.m) ef_construction=\(index.efConstruction) quantization=\(index.quantization)",
        ])
        if let chosen = index.chosen {
            let standing = chosen.standing(present: index.quantization, distinct: distinct)
            table.append(["quantization", chosen.sentence(standing, distinct: distinct)])
        }
        if let training = index.trainingText { table.append(["trained on", training]) }
        table.append(["kernel", index.kernel])
        table.append([
            "graph",
            "\(counted(index.nodes, "node")), \(counted(index.tombstones, "tombstone")), "
                + "\(grouped(index.unreachable)) unreachable",
        ])
        table.append(["distinct share", "\(fixed(distinctShare * 100, digits: 1)) %"])
        if !index.layers.isEmpty {
            table.append(["layers", index.layers.map(grouped).joined(separator: " ")])
        }
        if let median = index.medianLinks { table.append(["links a node", index.linksText(median)]) }
        if let own = index.selfSearch {
            table.append([
                "self-recall",
                "\(fixed(own.recall * 100, digits: 2)) % of \(grouped(own.searches)) of its vectors",
            ])
            table.append([
                "cost of a search",
                "\(grouped(own.distances)) distances, \(fixed(own.hops, digits: 1)) hops",
            ])
        }
        table.append(["store memory", bytesText(memoryBytes)])
        for (name, bytes) in memoryParts.sorted(by: { ($0.value, $1.key) > ($1.value, $0.key) }) {
            table.append(["  \(name)", bytesText(bytes)])
        }
        if mappedBytes > 0 { table.append(["read from the file", bytesText(mappedBytes)]) }
        table.append(["process memory", bytesText(residentBytes)])
        table.append(["on disk", bytesText(diskBytes)])
        table.append(["conflicts", grouped(conflicts)])
        table.append(["newest decision", newestDecision?.description ?? "-"])
        table.append(["last insert", lastInsert?.description ?? "-"])
        for (name, value) in server?.rows ?? [] { table.append([name, value]) }
        return table.text
    }
}

extension StoreStatistics.IndexReport {
    /// The index as the command prints it.
    fileprivate var json: JSONObject {
        [
            "m": .integer(m), "ef_construction": .integer(efConstruction), "ef": .integer(ef),
            "quantization": .string(quantization), "kernel": .string(kernel), "nodes": .integer(nodes),
            "tombstones": .integer(tombstones), "unreachable": .integer(unreachable),
            "layers": .array(layers.map { .integer($0) }),
            "degrees": .array(degreeHistogram.map { .integer($0) }),
            "self_recall": selfSearch.map { .decimal($0.recall, digits: 4) } ?? .null,
            "distances_per_query": selfSearch.map { .decimal($0.distances, digits: 1) } ?? .null,
            "hops_per_query": selfSearch.map { .decimal($0.hops, digits: 1) } ?? .null,
            "training": training.map { .object(json(of: $0)) } ?? .null,
        ]
    }

    /// How many vectors its codes should have been trained on.
    private var vectorsNeeded: Int { QuantizationSetting(quantization)?.vectorsNeeded ?? 0 }

    private func json(of training: Training) -> JSONObject {
        [
            "vectors": .integer(training.vectors), "vectors_needed": .integer(vectorsNeeded),
            "centroids": .integer(training.centroids), "centroid_limit": .integer(training.centroidLimit),
        ]
    }

    /// What the codes were trained on, for people, and what to do where that was too little.
    fileprivate var trainingText: String? {
        guard let training else { return nil }
        let advice = training.vectors < vectorsNeeded ? "; run verdict rebuild when there are more" : ""
        return
            "\(grouped(training.vectors)) of \(grouped(vectorsNeeded)) vectors, \(grouped(training.centroids)) of "
            + "\(counted(training.centroidLimit, "centroid"))" + advice
    }

    /// The degree histogram for people: each number of links with how many nodes have it.
    fileprivate func linksText(_ median: Int) -> String {
        let counts = degreeHistogram.enumerated().filter { $0.element > 0 }
        let list = counts.map { "\($0.offset):\(grouped($0.element))" }.joined(separator: " ")
        return "median \(median) of \(degreeHistogram.count - 1) (\(list))"
    }
}

/// Bytes for people, in decimal units.
func bytesText(_ bytes: Int) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
        value /= 1000
        unit += 1
    }
    return unit == 0 ? "\(bytes) B" : "\(fixed(value, digits: 1)) \(units[unit])"
}
