import Foundation
import PostgresTesting
import Testing

extension Commands {
    /// Decisions that move from memory to a server and back as `.pgcopy`.
    @Suite struct Moving {
        /// A row of a binary COPY, its metadata as JSON without what only storage needs.
        private struct Row: Hashable {
            var embedding: Data
            var id: String
            var metadata: JSON
        }

        private static func rows(_ bytes: Data) throws -> Set<Row> {
            var rest = bytes.dropFirst(19)
            func take(_ count: Int) -> Data {
                defer { rest = rest.dropFirst(count) }
                return Data(rest.prefix(count))
            }
            func number(_ bytes: Data) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
            var rows: Set<Row> = []
            while true {
                let columns = number(take(2))
                if columns == 0xFFFF { break }
                let fields = (0..<columns).map { _ in take(number(take(4))) }
                var metadata = try JSON(parsing: String(decoding: fields[2].dropFirst(), as: UTF8.self))
                var id = String(decoding: fields[0], as: UTF8.self)
                if let original = metadata["original_id"].text { id = original }
                if case .object(var members) = metadata {
                    members["original_id"] = nil
                    metadata = .object(members)
                }
                #expect(rows.insert(Row(embedding: fields[1], id: id, metadata: metadata)).inserted)
            }
            return rows
        }

        private func run(_ words: [String]) async throws -> JSON {
            let run = try await verdict(words + ["--json"])
            #expect(run.status == 0, "\(words): \(run.errors)")
            return try run.object()
        }

        private func answers(_ store: String) async throws -> [JSON] {
            var answers: [JSON] = []
            for words in [
                ["-k", "50"], ["-k", "20", "tenant:globex not effect:deny"],
                ["--like", "r-00007", "tenant:acme", "-k", "20", "--exact"],
                ["--like", "r-00007", "tenant:globex", "-k", "20", "--exact"],
            ] {
                let answer = try await run(["search", "--store", store] + words)
                #expect(!answer["results"].items.isEmpty)
                answers.append(answer["results"])
            }
            return answers
        }

        private func filled(_ folder: TemporaryFolder) async throws {
            try await folder.ingest(
                NativeLog.routine(300) + NativeLog.routine(40, tenant: "globex")
                    + NativeLog.intrusion(5, from: 9))
            // A server has no zero character, and says U+FFFD in its place.
            try await folder.ingest(
                try Fixture.text("hostile.jsonl").replacing("\\u0000", with: "\u{FFFD}"))
        }

        @Test(arguments: ["psql", "import"])
        func `memory moves to a server and back without losing or changing anything`(way: String)
            async throws
        {
            let folder = try TemporaryFolder()
            try await filled(folder)
            let database = try StoreDatabase(.eighteenWithVectors)
            defer { database.drop() }
            let (there, back) = (folder.path("there.pgcopy"), folder.path("back.pgcopy"))
            let written = try await run(["export", "--store", folder.store, there])
            if way == "psql" {
                let copied = try await shell(
                    #"psql -d "$TO" -c "\copy decision_vectors from '$FILE' with (format binary)""#,
                    environment: ["TO": database.address, "FILE": there])
                #expect(copied.status == 0, "\(copied.errors)")
            } else {
                let read = try await run(["import", "--store", database.address, there])
                #expect(read["vectors"] == written["vectors"])
            }
            try await self.check(folder.store, database.address)
            let returned = try await run(["export", "--store", database.address, back])
            #expect(returned["vectors"] == written["vectors"])
            let other = "memory:" + folder.path("other")
            #expect(try await run(["import", "--store", other, back])["vectors"] == written["vectors"])
            try await self.check(folder.store, other)
            let again = folder.path("again.pgcopy")
            _ = try await run(["export", "--store", other, again])
            let rows = try Self.rows(try folder.bytes("there.pgcopy"))
            #expect(rows.count == written["vectors"].integer)
            #expect(try Self.rows(try folder.bytes("back.pgcopy")) == rows)
            #expect(try Self.rows(try folder.bytes("again.pgcopy")) == rows)
        }

        /// The same answers and tenants; what was flagged is known where the decisions were scored.
        private func check(_ one: String, _ other: String) async throws {
            #expect(try await answers(one) == answers(other))
            func tenants(_ store: String) async throws -> [JSON] {
                let run = try await verdict("tenants", "--store", store, "--json")
                return try run.objects().map { tenant in
                    guard case .object(var members) = tenant else { return tenant }
                    members["anomalies"] = nil
                    return .object(members)
                }
            }
            let (here, there) = try await (tenants(one), tenants(other))
            #expect(here == there && here.count >= 2)
        }

        @Test func `memory moves to a server without pgvector and back`() async throws {
            let folder = try TemporaryFolder()
            try await filled(folder)
            let database = try StoreDatabase(.fifteen)
            defer { database.drop() }
            let archive = folder.path("there.pgcopy")
            let written = try await run(["export", "--store", folder.store, archive])
            let read = try await run(["import", "--store", database.address, archive])
            #expect(read["vectors"] == written["vectors"])
            try await check(folder.store, database.address)
            _ = try await run(["export", "--store", database.address, folder.path("back.pgcopy")])
            let rows = try Self.rows(try folder.bytes("there.pgcopy"))
            #expect(try Self.rows(try folder.bytes("back.pgcopy")) == rows)
        }
    }
}
