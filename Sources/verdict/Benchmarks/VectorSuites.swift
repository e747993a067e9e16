import Decisions
import VectorIndex

/// Measures recall and speed of the index over files that every engine reads.
enum IndexSuite {
    /// Measures; with `tellsCodes` lines have what only matters when quantizations are compared.
    static func run(_ options: IndexBenchmark.Options, tellsCodes: Bool) throws {
        var options = options
        // Only smaller codes leave their exact form in a file.
        let scratch = options.quantization == .none ? nil : try Interruption.temporaryDirectory()
        defer { scratch?.remove() }
        if let scratch {
            options.scratchDirectory = scratch.path
        } else {
            try Interruption.endAtOnce()
        }
        try VectorSuites.run { [options] print in
            let benchmark = try IndexBenchmark(options)
            VectorSuites.tell(benchmark.element)
            try benchmark.run { line in
                var object = line.json(tellsCodes ? options.quantization : nil)
                if options.isInserted { object["inserted"] = .bool(true) }
                print(object)
            }
        }
    }
}

/// Measures the index in use: inserts beside searches, filters, tenants.
///
/// The line of inserts tells apart those that are linked at once (`inserts`, `searchable`, `insert_p50_us`,
/// `insert_p99_us`, and of the searches beside them `search_p50_us` and `search_p99_us`), as where a store measures how
/// new an entry is, from those that are acknowledged once every search finds them and linked by another thread
/// (`appends`, `found`, `append_p50_us`, `append_p99_us`, `append_search_p99_us`), as where nobody asks: with how many
/// that thread linked in a second of linking (`linked_per_s`) and how many waited at most (`tail_most`).
enum SearchSuite {
    static func run(_ options: IndexBenchmark.Options) throws {
        try VectorSuites.run { print in
            let benchmark = try SearchBenchmark(options)
            VectorSuites.tell(benchmark.element)
            try benchmark.run { print($0.json(suite: "search", options.quantization)) }
        }
    }
}

/// Measures the index over its life: opened, with a large group, with half of its rows replaced over and
/// over.
enum LifeSuite {
    static func run(_ options: IndexBenchmark.Options) throws {
        var options = options
        let scratch = try Interruption.temporaryDirectory()
        defer { scratch.remove() }
        options.scratchDirectory = scratch.path
        try VectorSuites.run { [options] print in
            let benchmark = try SearchBenchmark(options)
            VectorSuites.tell(benchmark.element)
            try benchmark.runLife { print($0.json(suite: "life", options.quantization)) }
        }
    }
}

/// What the suites over files of vectors have in common.
enum VectorSuites {
    /// Prints each line as soon as it is known.
    static func run(_ body: ((JSONObject) -> Void) throws -> Void) throws {
        var closed: (any Error)?
        do {
            try body { line in
                do {
                    try StandardOutput.shared.write(json: line)
                    try StandardOutput.shared.flushNow()
                } catch {
                    closed = error
                }
            }
        } catch let error as IndexError {
            throw CommandFailure.failed("\(error)")
        }
        if let closed { throw closed }
    }

    /// Says what the vectors are taken as, beside the lines.
    static func tell(_ element: VectorElement) {
        StandardError.write("bench: the vectors are taken as \(element)\n")
    }
}

extension IndexBenchmark.Line {
    /// The line as the command prints it.
    func json(_ quantization: Quantization?) -> JSONObject {
        var object: JSONObject = [
            "engine": .string("verdict"), "n": .integer(vectors), "m": .integer(maximumLinks),
            "efc": .integer(constructionBreadth), "ef": .integer(breadth),
            "recall10": .decimal(recall10, digits: 4),
            "qps_1t": .decimal(queriesPerSecondOneThread, digits: 0),
            "qps_2t": .decimal(queriesPerSecondAllThreads, digits: 0),
            "p50_us": .decimal(medianMicroseconds, digits: 1),
            "p99_us": .decimal(percentile99Microseconds, digits: 1),
            "build_s": .decimal(buildSeconds, digits: 2), "mem_mb": .decimal(memoryMegabytes, digits: 1),
            "distances_per_query": .decimal(distancesPerQuery, digits: 1),
            "hops_per_query": .decimal(hopsPerQuery, digits: 1),
        ]
        guard let quantization else { return object }
        object["quantization"] = .string(quantization.rawValue)
        // Without smaller codes there is nothing that scoring again would mend.
        let raw = quantization == .none ? recall10 : rawRecall10
        object["raw_recall10"] = .decimal(raw, digits: 4)
        object["training_s"] = .decimal(trainingSeconds, digits: 2)
        object["resident_mb"] = .decimal(residentMegabytes, digits: 1)
        return object
    }
}

extension SearchBenchmark.Line {
    /// The line as the command prints it.
    func json(suite: String, _ quantization: Quantization) -> JSONObject {
        var object: JSONObject = ["suite": .string(suite), "measure": .string(measure.name)]
        if quantization != .none { object["quantization"] = .string(quantization.rawValue) }
        object["n"] = .integer(vectors)
        object["m"] = .integer(maximumLinks)
        object["efc"] = .integer(constructionBreadth)
        object["ef"] = .integer(breadth)
        for member in measure.json.members { object[member.key] = member.value }
        object["recall10"] = .decimal(search.recall10, digits: 4)
        let median = JSONValue.decimal(search.medianMicroseconds, digits: 1)
        let percentile99 = JSONValue.decimal(search.percentile99Microseconds, digits: 1)
        if case .inserts = measure {
            object["search_p50_us"] = median
            object["search_p99_us"] = percentile99
        } else {
            object["complete"] = .decimal(search.complete, digits: 4)
            object["strangers"] = .integer(search.strangers)
            object["p50_us"] = median
            object["p99_us"] = percentile99
        }
        return object
    }
}

extension SearchBenchmark.Measure {
    /// What the line calls it.
    fileprivate var name: String {
        switch self {
        case .inserts: "insert"
        case .filter: "filter"
        case .tenants: "tenants"
        case .opening: "opening"
        case .group: "group"
        case .round: "round"
        }
    }

    /// What only such a line has.
    fileprivate var json: JSONObject {
        switch self {
        case .inserts(let figures):
            [
                "inserts": .integer(figures.count), "searchable": .decimal(figures.searchable, digits: 4),
                "insert_p50_us": .decimal(figures.medianMicroseconds, digits: 1),
                "insert_p99_us": .decimal(figures.percentile99Microseconds, digits: 1),
                "appends": .integer(figures.appended.count),
                "found": .decimal(figures.appended.found, digits: 4),
                "append_p50_us": .decimal(figures.appended.medianMicroseconds, digits: 1),
                "append_p99_us": .decimal(figures.appended.percentile99Microseconds, digits: 1),
                "append_search_p99_us": .decimal(
                    figures.appended.searchPercentile99Microseconds, digits: 1),
                "linked_per_s": .decimal(figures.appended.linkedPerSecond, digits: 0),
                "tail_most": .integer(figures.appended.largestTail),
            ]
        case .filter(let labels, let percent, let matching, let strategy):
            [
                "labels": .string(labels.rawValue), "percent": .decimal(percent, digits: 1),
                "matching": .integer(matching), "strategy": .string(strategy.rawValue),
            ]
        case .tenants(let count, let scope):
            ["tenants": .integer(count), "scope": .string(scope.rawValue)]
        case .opening(let figures):
            [
                "seconds": .decimal(figures.seconds, digits: 3),
                "file_mb": .decimal(figures.fileMegabytes, digits: 1),
            ]
        case .group(let count, let scope):
            ["identical": .integer(count), "scope": .string(scope.rawValue)]
        case .round(let figures):
            [
                "round": .integer(figures.round), "rows": .integer(figures.rows),
                "nodes": .integer(figures.nodes), "tombstones": .integer(figures.tombstones),
                "unreachable": .integer(figures.unreachable),
                "counted_mb": .decimal(figures.countedMegabytes, digits: 2),
                "mem_mb": .decimal(figures.memoryMegabytes, digits: 1),
            ]
        }
    }
}
