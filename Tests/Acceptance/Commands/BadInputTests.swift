import Foundation
import Testing

extension Commands {
    @Suite struct BadInput {
        @Test func `bad lines are told with file, line and reason, ten at most, and good ones go in`()
            async throws
        {
            let folder = try TemporaryFolder()
            let path = Fixture.path("malformed.jsonl")
            let run = try await verdict("ingest", "--store", folder.store, "--json", path)
            #expect(run.status == 3)
            let answer = try run.object()
            let counts = try IngestCounts(answer)
            // Lines 5 and 11 are good; 3, 4 and 10 are empty in one way or another.
            #expect(counts.accepted == 2)
            #expect(counts.read == 18)
            #expect(counts.addUp)
            #expect(counts.rejected >= 13)
            let rejects = answer["rejects"].items
            #expect(rejects.count == 10)
            #expect(rejects.allSatisfy { $0["file"].text == path })
            #expect(rejects.compactMap { $0["line"].integer } == [1, 2, 6, 7, 8, 9, 12, 13, 14, 15])
            #expect(rejects.allSatisfy { $0["reason"].text?.isEmpty == false })
            #expect(run.errors.contains("malformed.jsonl:1"))
        }

        @Test func `parsing tells rejects apart from its answer`() async throws {
            let run = try await verdict("parse", Fixture.path("malformed.jsonl"))
            #expect(run.status == 3)
            #expect(try run.objects().compactMap { $0["id"].text } == ["m-1", "m-6"])
            #expect(run.errors.contains("malformed.jsonl:2"))
        }

        @Test func `a line of 50 MB is rejected and the next one read`() async throws {
            let folder = try TemporaryFolder()
            var log = Data(#"{"id":"huge","padding":""#.utf8)
            log.append(Data(repeating: UInt8(ascii: "x"), count: 50_000_000))
            log.append(Data("\"}\n".utf8))
            log.append(Data(NativeLog.line("after").utf8))
            let counts = try await folder.ingest(files: [try folder.write(log, to: "huge.jsonl")])
            #expect(counts == IngestCounts(read: 2, accepted: 1, rejected: 1))
        }

        @Test(arguments: [65, 5_000, 1_000_000])
        func `nesting deeper than the limit is rejected`(depth: Int) async throws {
            let folder = try TemporaryFolder()
            let good = NativeLog.line("good")
            let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            let deep = String(good.dropLast(2)).replacingOccurrences(of: "good", with: "deep")
            let counts = try await folder.ingest(deep + #","deep":"# + nested + "}\n" + good)
            #expect(counts == IngestCounts(read: 2, accepted: 1, rejected: 1))
        }

        @Test func `bytes that are no text are rejected`() async throws {
            let folder = try TemporaryFolder()
            var log = Data(NativeLog.line("one").utf8)
            log.append(contentsOf: [0xff, 0xfe, 0x00, 0x0a])
            log.append(Data(NativeLog.line("bad-@").utf8.map { $0 == UInt8(ascii: "@") ? 0xc3 : $0 }))
            log.append(Data(NativeLog.line("two").utf8))
            let counts = try await folder.ingest(files: [try folder.write(log, to: "bytes.jsonl")])
            #expect(counts == IngestCounts(read: 4, accepted: 2, rejected: 2))
        }

        @Test func `a last line without an end and one with a carriage return are read`() async throws {
            let folder = try TemporaryFolder()
            let log =
                NativeLog.line("one").replacingOccurrences(of: "\n", with: "\r\n")
                + String(NativeLog.line("two").dropLast())
            #expect(try await folder.ingest(log) == IngestCounts(read: 2, accepted: 2))
        }

        @Test func `a truncated compressed file is a reject that names it`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(NativeLog.routine(200), to: "cut.jsonl")
            let cutting = try await shell("gzip -c \(file) | head -c 700 > \(file).gz")
            #expect(cutting.status == 0)
            let run = try await verdict("ingest", "--store", folder.store, "--json", file + ".gz")
            #expect(run.status == 3)
            #expect(run.errors.contains("cut.jsonl.gz"))
        }

        @Test func `one bad file among several is a reject, and the others are read`() async throws {
            let folder = try TemporaryFolder()
            try folder.write(NativeLog.routine(5, prefix: "a"), to: "logs/a.jsonl")
            let middle = try folder.write(NativeLog.routine(200, prefix: "b"), to: "b.jsonl")
            try folder.write(NativeLog.routine(5, prefix: "c"), to: "logs/c.jsonl")
            let packing = try await shell(
                """
                cd \(folder.path("logs")) && gzip -c \(middle) | head -c 1000 > b.jsonl.gz
                (gzip -c \(middle); echo trailing) > ../d.jsonl.gz
                """)
            #expect(packing.status == 0)
            let (missing, trailing) = (folder.path("missing.jsonl"), folder.path("d.jsonl.gz"))
            let run = try await verdict(
                "ingest", "--store", folder.store, "--json", missing, folder.path("logs"), trailing)
            #expect(run.status == 3)
            let answer = try run.object()
            let counts = try IngestCounts(answer)
            #expect(counts.addUp)
            #expect(counts.rejected == 3)
            #expect(counts.accepted == 210)
            #expect(counts.duplicates > 0)
            let files = answer["rejects"].items.compactMap { $0["file"].text }
            #expect(files == [missing, folder.path("logs/b.jsonl.gz"), trailing])
            let parsed = try await verdict("parse", missing, folder.path("logs"))
            #expect(parsed.status == 3)
            #expect(parsed.lines.count == 10 + counts.duplicates)
        }

        @Test func `a log in a folder whose name is not UTF-8 is a reject, not passed over`() async throws {
            let folder = try TemporaryFolder()
            try folder.write(NativeLog.routine(5), to: "logs/a.jsonl")
            let copying = try await shell(
                "cd \(folder.path("logs")) && cp a.jsonl $'b\\xe9.jsonl' && cp a.jsonl $'notes\\xe9.md'")
            #expect(copying.status == 0)
            let run = try await verdict("ingest", "--store", folder.store, "--json", folder.path("logs"))
            #expect(run.status == 3)
            #expect(try IngestCounts(run.object()) == IngestCounts(read: 6, accepted: 5, rejected: 1))
            #expect(run.errors.contains("b\u{FFFD}.jsonl:1: its name is not UTF-8"), "\(run.errors)")
        }

        @Test func `nothing in a name reaches the terminal raw`() async throws {
            let folder = try TemporaryFolder()
            let counts = try await folder.ingest(files: [Fixture.path("hostile.jsonl")])
            #expect(counts == IngestCounts(read: 13, accepted: 13))
            for command in [
                ["search", "-k", "20"], ["search", "--like", "h-1"], ["tenants"], ["anomalies"], ["stats"],
                ["health"], ["delete", "--dry-run", "effect:deny"],
            ] {
                let run = try await verdict([command[0], "--store", folder.store] + command.dropFirst())
                #expect(run.status == 0, "\(command): \(run.errors)")
                #expect(run.output.hostileScalars.isEmpty, "\(command): \(run.output.hostileScalars)")
                #expect(run.errors.hostileScalars.isEmpty, "\(command)")
            }
        }

        @Test func `hostile text goes through JSON unchanged`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(files: [Fixture.path("hostile.jsonl")])
            let run = try await verdict("search", "--store", folder.store, "--json", "-k", "20")
            #expect(run.lines.count == 1)
            #expect(run.output.hostileScalars.isEmpty)
            let lines = try Fixture.lines("hostile.jsonl").map(JSON.init(parsing:))
            let stored = try run.object()["results"].items
            #expect(Set(stored.compactMap { $0["id"].text }) == Set(lines.compactMap { $0["id"].text }))
            let agents = Set(stored.compactMap { $0["metadata"]["source"]["agent"].text })
            #expect(agents == Set(lines.compactMap { $0["source"]["agent"].text }))
        }

        @Test func `times at the ends of the calendar are kept`() async throws {
            let folder = try TemporaryFolder()
            let log = ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.5Z", "9999-12-31T23:59:59Z"].enumerated()
                .map { number, time in
                    NativeLog.line("t-\(number)").replacingOccurrences(of: "2026-01-05T00:00:00Z", with: time)
                }.joined()
            #expect(try await folder.ingest(log) == IngestCounts(read: 3, accepted: 3))
            let times = try await folder.search()["results"].items.compactMap { $0["metadata"]["time"].text }
            #expect(times == ["9999-12-31T23:59:59Z", "1969-12-31T23:59:59.5Z", "0001-01-01T00:00:00Z"])
        }

        @Test func `a full disk is a failure, said in one sentence`() async throws {
            let run = try await shell("$VERDICT parse \(Fixture.path("native.jsonl")) > /dev/full")
            #expect(run.status == 1)
            #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        }

        @Test func `a closed pipe is silent`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(NativeLog.routine(2000), to: "long.jsonl")
            let run = try await shell("$VERDICT parse \(file) | head -1 > /dev/null; exit ${PIPESTATUS[0]}")
            #expect(run.status == 0)
            #expect(run.errors.isEmpty, "\(run.errors)")
        }
    }
}

extension String {
    /// The control, escape and direction characters in the text, but for line ends.
    var hostileScalars: [String] {
        unicodeScalars.filter { scalar in
            scalar != "\n"
                && (scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
                    || (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
                    || (0x200e...0x200f).contains(scalar.value))
        }.map { String($0.value, radix: 16) }
    }
}
