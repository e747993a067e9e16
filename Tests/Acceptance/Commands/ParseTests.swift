import Foundation
import Testing

extension Commands {
    @Suite struct Parse {
        @Test func `native lines come out as they went in, absent fields absent`() async throws {
            let run = try await verdict("parse", Fixture.path("native.jsonl"))
            #expect(run.status == 0, "\(run.errors)")
            let given = try Fixture.lines("native.jsonl").map(JSON.init(parsing:))
            let printed = try run.objects()
            #expect(printed.count == given.count)
            for (before, after) in zip(given, printed) {
                for key in before.keys where key != "time" {
                    #expect(after[key] == before[key], "\(key) of \(before)")
                }
                #expect(after.keys == before.keys, "\(before)")
            }
        }

        @Test func `times keep their digits and epoch numbers get six`() async throws {
            let printed = try await verdict("parse", Fixture.path("native.jsonl")).objects()
            #expect(
                printed.compactMap { $0["time"].text } == [
                    "2026-01-05T09:00:00.120Z", "2026-01-05T09:00:01Z", "2026-01-05T09:00:02.123456789Z",
                    "2026-01-05T09:00:03.250000Z", "2026-01-05T09:00:04Z", "2026-01-05T09:00:05Z",
                    "2026-01-05T09:00:06Z",
                ])
        }

        @Test func `what was parsed parses to itself`() async throws {
            for name in ["native.jsonl", "kubernetes.audit.jsonl", "hostile.jsonl"] {
                let once = try await verdict("parse", Fixture.path(name))
                let twice = try await verdict("parse", "-", input: once.output)
                #expect(once.status == 0 && twice.status == 0)
                #expect(twice.output == once.output)
                #expect(!once.output.isEmpty)
            }
        }

        @Test(arguments: ["kubernetes.audit.jsonl", "kubernetes.eventlist.json"])
        func `audit events have the canonical form that was written by hand`(name: String) async throws {
            let golden = try Fixture.lines("kubernetes.canonical.jsonl").map(JSON.init(parsing:))
            for format in ["auto", "kubernetes"] {
                let run = try await verdict("parse", "--canonical", "--format", format, Fixture.path(name))
                #expect(run.status == 0, "\(run.errors)")
                #expect(try run.objects() == golden)
            }
        }

        @Test(arguments: Fixture.samples + [("malformed.jsonl", "openfga")])
        func `every documented sample has the canonical form that was written by hand`(
            name: String, format: String
        ) async throws {
            let written = try String(
                contentsOfFile: Fixture.samplePath("golden.canonical.json"), encoding: .utf8)
            let golden = try JSON(parsing: written)[name].items
            #expect(!golden.isEmpty)
            for format in ["auto", format] {
                let run = try await verdict(
                    "parse", "--canonical", "--format", format, Fixture.samplePath(name))
                #expect(run.status == (name == "malformed.jsonl" ? 3 : 0), "\(run.errors)")
                #expect(try run.objects() == golden)
            }
        }

        @Test func `audit events become native lines`() async throws {
            let printed = try await verdict("parse", Fixture.path("kubernetes.audit.jsonl")).objects()
            #expect(printed.count == 6)
            let first = try #require(printed.first)
            #expect(first["id"].text == "0d1e2f3a-0000-4000-8000-000000000001")
            #expect(first["effect"].text == "deny")
            #expect(first["duration_us"].number == 4250)
            #expect(first["source"]["format"].text == "kubernetes")
            #expect(first["cache_hit"] == .absent)
        }

        @Test func `an unknown format is a usage error that lists the known ones`() async throws {
            let run = try await verdict("parse", "--format", "syslog", Fixture.path("native.jsonl"))
            #expect(run.status == 2)
            #expect(run.errors.contains("kubernetes"))
        }

        @Test func `an empty input is no error`() async throws {
            let run = try await verdict("parse", "-", input: "")
            #expect(run.status == 0)
            #expect(run.output.isEmpty)
        }
    }

    @Suite struct Embed {
        @Test func `a vector has 384 whole counts and a scale that makes it a unit`() async throws {
            for name in ["native.jsonl", "kubernetes.audit.jsonl", "hostile.jsonl"] {
                let run = try await verdict("embed", Fixture.path(name))
                #expect(run.status == 0, "\(run.errors)")
                let vectors = try run.objects()
                #expect(!vectors.isEmpty)
                for vector in vectors {
                    #expect(vector.keys == ["id", "recipe", "counts", "scale"])
                    let counts = vector["counts"].items.compactMap(\.integer)
                    #expect(counts.count == 384)
                    #expect(counts.allSatisfy { (-127...127).contains($0) })
                    let scale = try #require(vector["scale"].number)
                    let length = counts.reduce(0.0) { $0 + Double($1 * $1) * scale * scale }.squareRoot()
                    #expect(abs(length - 1) < 1e-6, "\(length)")
                }
            }
        }

        @Test func `the same decision has the same vector`() async throws {
            let first = try await verdict("embed", Fixture.path("native.jsonl"))
            let second = try await verdict("embed", "-", input: try Fixture.text("native.jsonl"))
            #expect(first.output == second.output)
            let turned = NativeLog.line("a").replacingOccurrences(of: #"["clerk"]"#, with: #"["x","y"]"#)
            let pair = try await verdict(
                "embed", "-", input: turned + turned.replacingOccurrences(of: #""x","y""#, with: #""y","x""#))
            let counts = try pair.objects().map { $0["counts"] }
            #expect(counts[0] == counts[1])
        }

        @Test func `different decisions have different vectors`() async throws {
            let lines = NativeLog.line("a") + NativeLog.line("b", effect: "deny")
            let counts = try await verdict("embed", "-", input: lines).objects().map { $0["counts"] }
            #expect(counts.count == 2 && counts[0] != counts[1])
        }

        @Test func `vectors can be written for other programs`() async throws {
            let folder = try TemporaryFolder()
            let run = try await verdict(
                "embed", "--fvecs", folder.path("out.fvecs"), Fixture.path("native.jsonl"))
            #expect(run.status == 0, "\(run.errors)")
            let bytes = try folder.bytes("out.fvecs")
            #expect(bytes.count == 7 * (4 + 384 * 4))
            #expect(Array(bytes.prefix(4)) == [0x80, 0x01, 0, 0])
        }
    }
}
