import Decisions
import VectorIndex

/// Measures recall and speed of the index over files that every engine reads.
enum IndexSuite {
    static func run(folder: String, threads: Int, kernel: String?) throws {
        var options = IndexBenchmark.Options(directory: folder)
        options.threads = threads
        if let kernel {
            guard let level = KernelLevel(name: kernel), level.isAvailable else {
                let known = KernelLevel.allCases.filter(\.isAvailable).map(\.name).joined(separator: ", ")
                throw CommandFailure.usage("--kernel takes one of \(known), not '\(printable(kernel))'")
            }
            options.kernel = level
        }
        do {
            let benchmark = try IndexBenchmark(options)
            var closed: (any Error)?
            try benchmark.run { line in
                do {
                    try StandardOutput.shared.write(json: line.json)
                    try StandardOutput.shared.flushNow()
                } catch {
                    closed = error
                }
            }
            if let closed { throw closed }
        } catch let error as IndexError {
            throw CommandFailure.failed("\(error)")
        }
    }
}

extension IndexBenchmark.Line {
    /// The line as the command prints it.
    var json: JSONObject {
        [
            "engine": .string("verdict"), "n": .integer(vectors), "m": .integer(maximumLinks),
            "efc": .integer(constructionBreadth), "ef": .integer(breadth),
            "recall10": .decimal(recall10, digits: 4),
            "qps_1t": .decimal(queriesPerSecondOneThread, digits: 0),
            "qps_2t": .decimal(queriesPerSecondAllThreads, digits: 0),
            "p50_us": .decimal(medianMicroseconds, digits: 1),
            "p99_us": .decimal(percentile99Microseconds, digits: 1),
            "build_s": .decimal(buildSeconds, digits: 2), "mem_mb": .decimal(memoryMegabytes, digits: 1),
        ]
    }
}
