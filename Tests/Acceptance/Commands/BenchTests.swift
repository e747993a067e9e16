import Foundation
import Testing

extension Commands {
    /// `verdict bench` over a small data set.
    @Suite struct Bench {
        /// Base, queries and best scores, as other programs write them.
        private static func dataSet() async throws -> TemporaryFolder {
            let folder = try TemporaryFolder()
            var vectors: [[[Float]]] = []
            for (name, seed, count) in [("base", "3", "400"), ("query", "4", "12")] {
                let log = try await verdict(
                    "generate", "--seed", seed, "--decisions", count, "--tenants", "2", "--days", "1")
                let file = try folder.write(log.output, to: name + ".jsonl")
                let run = try await verdict("embed", "--fvecs", folder.path(name + ".fvecs"), file)
                #expect(run.status == 0, "\(run.errors)")
                vectors.append(Self.vectors(try folder.bytes(name + ".fvecs")))
            }
            var truth = Data()
            for query in vectors[1] {
                let scores = vectors[0].map { base in zip(base, query).reduce(0) { $0 + $1.0 * $1.1 } }
                Self.append(scores.sorted(by: >).prefix(100), to: &truth)
            }
            try folder.write(truth, to: "truth.fvecs")
            return folder
        }

        private static func vectors(_ bytes: Data) -> [[Float]] {
            let words = stride(from: 0, to: bytes.count, by: 4).map { start in
                (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
            }
            let width = Int(words[0]) + 1
            return stride(from: 0, to: words.count, by: width).map { start in
                words[start + 1..<start + width].map { Float(bitPattern: $0) }
            }
        }

        private static func append(_ vector: some Collection<Float>, to bytes: inout Data) {
            for word in [UInt32(vector.count)] + vector.map(\.bitPattern) {
                for shift in [0, 8, 16, 24] as [UInt32] {
                    bytes.append(UInt8(truncatingIfNeeded: word >> shift))
                }
            }
        }

        @Test(arguments: ["auto", "floats", "counts"])
        func `the index suite prints a line for each breadth`(element: String) async throws {
            let folder = try await Self.dataSet()
            let run = try await verdict(
                "bench", "--data", folder.url.path, "--seconds", "0.01", "--efc", "40", "--element", element)
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.errors.contains(element == "floats" ? "floats" : "counts"))
            let lines = try run.objects()
            #expect(
                lines.map { $0["ef"].integer } == [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 400])
            for line in lines {
                #expect(
                    line.keys == [
                        "engine", "n", "m", "efc", "ef", "recall10", "qps_1t", "qps_2t", "p50_us", "p99_us",
                        "build_s", "mem_mb", "distances_per_query", "hops_per_query",
                    ])
                #expect(line["n"].integer == 400 && line["efc"].integer == 40)
            }
            #expect(lines.last?["recall10"].number == 1)
        }

        @Test func `the index suite measures what was inserted one by one`() async throws {
            let folder = try await Self.dataSet()
            let run = try await verdict(
                "bench", "--data", folder.url.path, "--seconds", "0.01", "--inserted", "--ef", "24,400")
            #expect(run.status == 0, "\(run.errors)")
            let lines = try run.objects()
            #expect(lines.map { $0["ef"].integer } == [24, 400])
            #expect(lines.last?["recall10"].number == 1)
        }

        @Test func `every kernel of this processor can be chosen, and no other`() async throws {
            let folder = try await Self.dataSet()
            func run(_ kernel: String) async throws -> VerdictProcess.Result {
                try await verdict(
                    "bench", "--data", folder.url.path, "--seconds", "0.01", "--efc", "8", "--kernel", kernel
                )
            }
            let offered = try await run("abacus").errors
            #expect(offered.contains("scalar"))
            for kernel in ["scalar", "avx2", "avx512-vnni", "avx512-vbmi", "neon"] {
                let run = try await run(kernel)
                if offered.contains(kernel) {
                    #expect(run.status == 0, "\(kernel): \(run.errors)")
                    #expect(try run.objects().last?["recall10"].number == 1)
                } else {
                    #expect(run.status == 2)
                    #expect(run.errors.contains("not '\(kernel)'") && run.output.isEmpty)
                }
            }
        }

        @Test func `the search suite prints inserts, filters and tenants`() async throws {
            let folder = try await Self.dataSet()
            let run = try await verdict(
                "bench", "--suite", "search", "--data", folder.url.path, "--seconds", "0.01", "--json")
            #expect(run.status == 0, "\(run.errors)")
            let lines = try run.objects()
            let common: Set = ["suite", "measure", "n", "m", "efc", "ef", "recall10"]
            let searched: Set = ["complete", "strangers", "p50_us", "p99_us"]
            let keys: [String: Set<String>] = [
                "insert": [
                    "inserts", "searchable", "insert_p50_us", "insert_p99_us", "search_p50_us",
                    "search_p99_us", "appends", "found", "append_p50_us", "append_p99_us",
                    "append_search_p99_us", "linked_per_s", "tail_most",
                ],
                "filter": searched.union(["labels", "percent", "matching", "strategy"]),
                "tenants": searched.union(["tenants", "scope"]),
            ]
            for line in lines {
                let own = try #require(keys[line["measure"].text ?? ""], "\(line)")
                #expect(line.keys == common.union(own))
                #expect((line["recall10"].number ?? 0) > 0.95, "\(line)")
            }
            let inserts = try #require(lines.first { $0["measure"].text == "insert" })
            #expect(inserts["found"].number == 1 && inserts["searchable"].number == 1)
            #expect(inserts["appends"].number == inserts["inserts"].number)
            #expect((inserts["linked_per_s"].number ?? 0) > 0)
            #expect(lines.count { $0["measure"].text == "filter" } == 10)
            #expect(lines.count { $0["measure"].text == "tenants" } == 4)
        }

        @Test func `the life suite prints opening, a group and rounds`() async throws {
            let folder = try await Self.dataSet()
            let run = try await verdict(
                "bench", "--suite", "life", "--data", folder.url.path, "--seconds", "0.01", "--quantization",
                "sq8")
            #expect(run.status == 0, "\(run.errors)")
            let lines = try run.objects()
            let common: Set = [
                "suite", "measure", "quantization", "n", "m", "efc", "ef", "recall10", "complete",
                "strangers", "p50_us", "p99_us",
            ]
            let keys: [String: Set<String>] = [
                "opening": ["seconds", "file_mb"], "group": ["identical", "scope"],
                "round": ["round", "rows", "nodes", "tombstones", "unreachable", "counted_mb", "mem_mb"],
            ]
            for line in lines {
                #expect(line.keys == common.union(try #require(keys[line["measure"].text ?? ""])), "\(line)")
            }
            #expect(
                lines.map { $0["measure"].text } == ["opening", "group", "group"]
                    + [String](repeating: "round", count: 6))
        }

        @Test func `chosen breadths and codes are measured with what only codes have`() async throws {
            let folder = try await Self.dataSet()
            for codes in ["none", "pq8"] {
                let run = try await verdict(
                    "bench", "--data", folder.url.path, "--seconds", "0.01", "--ef", "48,96",
                    "--quantization", codes)
                #expect(run.status == 0, "\(run.errors)")
                let lines = try run.objects()
                #expect(lines.map { $0["ef"].integer } == [48, 96])
                for line in lines {
                    #expect(line["quantization"].text == codes)
                    #expect((line["raw_recall10"].number ?? 2) <= (line["recall10"].number ?? 0))
                    #expect(line["training_s"].number != nil && line["resident_mb"].number != nil)
                }
            }
            let run = try await verdict("bench", "--data", folder.url.path, "--ef", "48,")
            #expect(run.status == 2 && run.errors.contains("--ef"))
        }

        @Test func `the filters suite prints a line for each form, label and share`() async throws {
            let run = try await verdict(
                "bench", "--suite", "filters", "--decisions", "1000", "--seconds", "0.01", "--json")
            #expect(run.status == 0, "\(run.errors)")
            let lines = try run.objects()
            #expect(lines.count == 41)
            #expect(Set(lines.map { $0["form"].text }) == ["none", "equals", "contains", "range", "mixed"])
            #expect(lines[0]["form"].text == "none" && lines[0]["percent"].number == 100)
            for line in lines {
                #expect(
                    line.keys == [
                        "suite", "decisions", "distinct", "form", "labels", "percent", "query", "strategy",
                        "recall10", "complete", "found", "first_us", "p50_us", "p99_us",
                    ])
                #expect((line["recall10"].number ?? 0) > 0.95, "\(line)")
                #expect(line["complete"].number == 1, "\(line)")
                // A thousandth of a thousand is one.
                #expect(line["found"].number == (line["percent"].number == 0.1 ? 1 : 10), "\(line)")
                #expect((line["p50_us"].number ?? 2) <= (line["p99_us"].number ?? 1))
            }
        }

        @Test func `the store suite finds what it inserted, scored or not`() async throws {
            let run = try await verdict("bench", "--suite", "store", "--decisions", "1000", "--json")
            #expect(run.status == 0, "\(run.errors)")
            let lines = try run.objects()
            #expect(lines.map { $0["form"].text } == ["plain", "scored"])
            for line in lines {
                #expect(line["inserts"].number == 250 && line["accepted"].number == 250, "\(line)")
                #expect(line["found"].number == 1, "\(line)")
                for kind in ["insert", "search"] {
                    let (middle, most) = (
                        line["\(kind)_p50_us"].number ?? 0, line["\(kind)_p99_us"].number ?? 0
                    )
                    #expect(middle > 0 && middle <= most, "\(line)")
                }
            }
        }

        @Test func `the embed suite tells what a vector must be like`() async throws {
            let line = try await verdict("bench", "--suite", "embed", "--decisions", "1000").object()
            #expect(line["repeatable"].flag == true)
            #expect((line["length_error"].number ?? 1) < 1e-6)
            #expect((line["collision_percent"].number ?? 100) < 1)
        }

        @Test func `the engine suite accounts for every check`() async throws {
            let line = try await verdict("bench", "--suite", "engine", "--decisions", "5000").object()
            #expect(line["checks"].integer == 5_000)
            let recorded = try #require(line["recorded"].integer)
            #expect(recorded + (line["dropped"].integer ?? 0) == 5_000)
            #expect(line["delivered"].integer == recorded)
            for key in ["record_p50_ns", "record_p99_ns", "clock_ns", "recording_added_us"] {
                #expect(line[key].number != nil, "\(key)")
            }
        }

        @Test func `recording for some time carries all of it into a store`() async throws {
            let run = try await verdict(
                "bench", "--suite", "engine", "--decisions", "1000", "--minutes", "0.03")
            #expect(run.status == 0, "\(run.errors)")
            let lines = try run.objects()
            #expect(lines.map { $0["measure"].text } == ["calls", "steady"])
            let line = try #require(lines.last)
            #expect(line["recorded"].integer == 1_800)
            #expect(line["carried"].integer == 1_800 && line["lost"].integer == 0)
            #expect(line["mode_change_most_ms"].number ?? 0 > 0)
            // Two of the suite's own, and the run of the worker in one of them.
            #expect(line["tasks_start"].integer == 3 && line["tasks_end"].integer == 3)
        }

        @Test func `a log is measured from its file by processor time`() async throws {
            let line = try await verdict(
                "bench", "--suite", "ingest", "--log", Fixture.path("kubernetes.audit.jsonl")
            ).object()
            #expect(line["measure"].text == "log" && line["rejected"].integer == 0)
            #expect(line["lines_per_core_second"].number ?? 0 > 0)
            #expect(line["scored"].integer == line["accepted"].integer)
            #expect(line["distinct"].integer ?? 0 > 0)
            let folder = try TemporaryFolder()
            let gone = try await verdict("bench", "--suite", "ingest", "--log", folder.path("gone.jsonl"))
            #expect(gone.status == 1 && gone.errors.contains("gone.jsonl"))
        }

        /// The suites that take long, and what shows in their scratch folder that they are at it.
        private static let endless: [(words: [String], sign: String)] = [
            (["--suite", "index"], ""), (["--suite", "search"], ""), (["--suite", "life"], "/index"),
            // What only rescores lies in the folder.
            (["--suite", "index", "--quantization", "pq8"], "/index"),
            (["--suite", "ingest", "--decisions", "1000000"], "verdict-"),
        ]

        @Test(arguments: endless.indices, [SIGINT, SIGTERM])
        func `the first signal ends a measurement, which leaves nothing behind`(
            suite: Int, signal: Int32
        ) async throws {
            let (words, sign) = Self.endless[suite]
            let folder = try await Self.dataSet()
            try folder.write("", to: "scratch/here")
            let process = try VerdictProcess(
                ["bench", "--data", folder.url.path, "--seconds", "3600"] + words,
                environment: ["TMPDIR": folder.path("scratch")])
            // What measures for an hour must not outlive a test that fails.
            defer { process.child.signal(SIGKILL) }
            try await eventually("it measures") {
                guard !sign.isEmpty else { return process.errorsSoFar.contains("taken as") }
                let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path("scratch"))
                return paths.contains { $0.contains(sign) }
            }
            process.child.signal(signal)
            #expect(try await process.result().status == (signal == SIGINT ? 130 : 128 + SIGTERM))
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path("scratch")) == ["here"])
        }

        @Test func `a figure over vectors is measured for three seconds unless somebody says else`()
            async throws
        {
            let help = try await verdict("bench", "--help").output.split { $0.isWhitespace }.joined(
                separator: " ")
            #expect(help.contains("How long each figure over vectors is measured, at least. (default: 3.0)"))
        }

        @Test func `a folder without vectors fails in one sentence`() async throws {
            let folder = try TemporaryFolder()
            let run = try await verdict("bench", "--data", folder.url.path)
            #expect(run.status == 1)
            #expect(run.output.isEmpty && run.errors.contains("base.fvecs"))
        }
    }
}
