import Foundation
import PostgresTesting
import Testing

#if canImport(Glibc)
    import Glibc
#endif

extension Commands {
    /// Several processes that write one store on a server: one of them detects, and another goes on when it is gone.
    @Suite struct TwoWriters {
        private static func intrusion(_ round: Int, _ file: String, _ count: Int) -> String {
            (0..<count).map { number in
                let seconds = 10_600 + round * 600 + number
                return NativeLog.line(
                    "x-\(round)-\(file)-\(number)", at: seconds, kind: "secret-\(round)",
                    resource: "vault-\(number)", action: "exfiltrate", effect: "deny",
                    address: "203.0.\(round).\(1 + number)")
            }.joined()
        }

        private func incidents(_ store: String) async throws -> [JSON] {
            let run = try await verdict("anomalies", "--store", store, "--json")
            #expect(run.status == 0, "\(run.errors)")
            return try run.objects()
        }

        private func follow(_ file: String, _ store: String) throws -> VerdictProcess {
            try VerdictProcess(["ingest", "--follow", "--store", store, file])
        }

        @Test func `two processes that write and are killed in turn lose no alert and repeat none`()
            async throws
        {
            let database = try StoreDatabase(.eighteenWithVectors)
            defer { database.drop() }
            let folder = try TemporaryFolder()
            var files = [
                try folder.write(NativeLog.routine(1050), to: "a.jsonl"),
                try folder.write(NativeLog.routine(40, tenant: "globex", prefix: "g"), to: "b.jsonl"),
            ]
            var stored = 1050
            var writers = [try follow(files[0], database.address)]
            try await eventually("the quiet past is stored") { try database.rows() == stored }
            writers.append(try follow(files[1], database.address))
            stored += 40
            try await eventually("the second writes too") { try database.rows() == stored }
            var expected: Set<String> = []
            for round in 0..<4 {
                for (place, name) in ["a", "b"].enumerated() {
                    try folder.append(Self.intrusion(round, name, 3), to: "\(name).jsonl")
                    expected.formUnion((0..<3).map { "x-\(round)-\(name)-\($0)" })
                    files[place] = folder.path("\(name).jsonl")
                }
                stored += 6
                try await eventually("both have stored what came") { try database.rows() == stored }
                // Whatever of it is scored by now.
                let victim = round % 2
                writers[victim].child.signal(SIGKILL)
                #expect(try await writers[victim].result().status == 128 + SIGKILL)
                writers[victim] = try follow(files[victim], database.address)
            }
            try await eventually("everything strange is in an incident") {
                let members = try await incidents(database.address).flatMap { $0["members"].items }
                return Set(members.compactMap(\.text)) == expected
            }
            for writer in writers {
                writer.child.signal(SIGINT)
                let result = try await writer.result()
                #expect([0, 130].contains(result.status), "\(result.errors)")
            }
            let found = try await incidents(database.address)
            let members = found.flatMap { $0["members"].items.compactMap(\.text) }
            #expect(members.count == expected.count && Set(members) == expected)
            #expect(found.compactMap { $0["count"].integer }.reduce(0, +) == expected.count)
            // A log that is read again by somebody else alerts nobody.
            let again = try await verdict(["ingest", "--store", database.address, "--json"] + files)
            #expect(try again.object()["accepted"].integer == 0)
            #expect(try await incidents(database.address) == found)
        }

        @Test func `what another program writes into the table is scored while a process detects`()
            async throws
        {
            let database = try StoreDatabase(.eighteenWithVectors)
            defer { database.drop() }
            let folder = try TemporaryFolder()
            let file = try folder.write(NativeLog.routine(1050), to: "a.jsonl")
            let strange = try folder.write(Self.intrusion(1, "sql", 4), to: "x.jsonl")
            let other = try StoreDatabase(.eighteenWithVectors)
            defer { other.drop() }
            _ = try await verdict("ingest", "--store", other.address, strange)
            let detecting = try follow(file, database.address)
            try await eventually("the quiet past is stored") { try database.rows() == 1050 }
            // As its own tables would be filled by a program that knows nothing of Verdict.
            let copied = try await shell(
                """
                psql -d "$FROM" -c "copy (select * from decision_inbox union all select * from decision_vectors) \
                to stdout" | psql -d "$TO" -c "copy decision_vectors from stdin"
                """, environment: ["FROM": other.address, "TO": database.address])
            #expect(copied.status == 0, "\(copied.errors)")
            try await eventually("it is an incident") {
                try await incidents(database.address).contains { $0["count"].integer == 4 }
            }
            detecting.child.signal(SIGINT)
            _ = try await detecting.result()
            #expect(try await incidents(database.address).count == 1)
        }
    }
}
