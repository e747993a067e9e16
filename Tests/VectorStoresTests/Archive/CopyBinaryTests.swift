import Decisions
import Testing

@testable import VectorStores

@Suite struct CopyBinaryTests {
    private func stored(_ number: Int, tenant: String = "acme") -> StoredDecision {
        var decision = Decision(
            id: "d-\(number)",
            time: Timestamp(seconds: 1_700_000_000 + Int64(number), nanoseconds: 250_000_000),
            tenant: tenant, principal: Principal(id: "user-\(number % 7)", roles: ["clerk"]),
            resource: Resource(kind: "invoice", id: "inv-\(number)", scope: "eu"), actions: ["read"],
            effect: number % 3 == 0 ? .deny : .allow)
        decision.source = Source(ip: "10.0.0.\(number % 250)", agent: "web", format: "verdict")
        return StoredDecision(
            decision: decision, embedding: DecisionEmbedder().embed(decision), storedID: decision.id)
    }

    private func file(_ rows: [StoredDecision]) -> [UInt8] {
        var writer = CopyBinaryWriter()
        for row in rows { writer.append(row) }
        writer.finish()
        return writer.take()
    }

    @Test(arguments: [1, 3, 100, 4096, 1 << 20]) func `what is written is read back in pieces of any size`(
        size: Int
    ) throws {
        let rows = (0..<40).map { stored($0) }
        let bytes = file(rows)
        var reader = CopyBinaryReader()
        var entries: [Entry] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            for archived in try reader.read(bytes[start..<min(start + size, bytes.count)]) {
                entries.append(try archived.get().entry(embedder: DecisionEmbedder()))
            }
        }
        try reader.finish()
        #expect(entries.map(\.decision) == rows.map(\.decision))
        #expect(entries.map(\.embedding) == rows.map(\.embedding))
    }

    @Test func `a derived identifier comes back as the original`() throws {
        var row = stored(1)
        row.storedID = IdentityResolver.derivedID(of: row.decision, from: "d-1")
        var reader = CopyBinaryReader()
        let archived = try #require(try reader.read(file([row])).first).get()
        #expect(archived.id == row.storedID)
        let entry = try archived.entry(embedder: DecisionEmbedder())
        #expect(entry.decision == row.decision)
    }

    @Test func `an identifier that no key of a table takes has a short one, and comes back whole`() throws {
        let long = String(repeating: "\u{1F71A}", count: 600)
        var rows = [stored(1), stored(2), stored(3)]
        for place in rows.indices { rows[place].decision.id = long }
        rows[1].decision.tenant = "globex"
        rows[2].decision.principal.id = "mallory"
        for place in 0..<2 { rows[place].storedID = long }
        rows[2].storedID = IdentityResolver.derivedID(of: rows[2].decision, from: long)
        var reader = CopyBinaryReader()
        let archived = try reader.read(file(rows)).map { try $0.get() }
        #expect(archived.allSatisfy { $0.id.utf8.count <= 64 + 2 * 13 && $0.id.hasPrefix("\u{1F71A}") })
        #expect(Set(archived.map(\.id)).count == 3)
        let held = try archived.map { try $0.held(embedder: DecisionEmbedder()) }
        #expect(held.map(\.entry.decision) == rows.map(\.decision))
        #expect(held.map(\.storedID) == rows.map(\.storedID))
    }

    private func entries(_ rows: [StoredDecision]) throws -> [(id: String, decision: Decision)] {
        var reader = CopyBinaryReader()
        return try reader.read(file(rows)).map {
            let row = try $0.get()
            return (row.id, try row.entry(embedder: DecisionEmbedder()).decision)
        }
    }

    @Test(arguments: [
        "real-1", "victim", "victim~0123456789", "victim~0123456789ab", "victim~0123456789ab~",
        IdentityResolver.derivedID(ofTenant: "globex", from: "victim"),
    ])
    func `metadata of a log cannot rename a decision`(id: String) throws {
        var row = stored(1)
        row.decision.id = id
        row.decision.extras["original_id"] = .string("victim")
        row.storedID = id
        #expect(try entries([row]).map(\.decision) == [row.decision])
    }

    @Test func `an identifier derived twice comes back as the original`() throws {
        var row = stored(1)
        for _ in 0..<2 { row.storedID = IdentityResolver.derivedID(of: row.decision, from: row.storedID) }
        #expect(try entries([row]).map(\.decision) == [row.decision])
    }

    @Test func `tenants that share an identifier get rows of their own and keep it`() throws {
        var rows = [stored(1), stored(1, tenant: "globex"), stored(1, tenant: "initech"), stored(2)]
        rows[3].decision.id = "d-1"
        rows[3].storedID = IdentityResolver.derivedID(of: rows[3].decision, from: "d-1")
        // A client of another tenant chose the identifier that is derived for the conflict.
        rows.insert(stored(4, tenant: "globex"), at: 3)
        rows[3].decision.id = rows[4].storedID
        rows[3].storedID = rows[4].storedID
        let written = try entries(rows)
        #expect(Set(written.map(\.id)).count == rows.count)
        #expect(written[0].id == "d-1")
        #expect(written[1].id == IdentityResolver.derivedID(ofTenant: "globex", from: "d-1"))
        #expect(written.map(\.decision) == rows.map(\.decision))
    }

    @Test func `a zero character becomes the replacement character, an escaped backslash stays`() throws {
        var row = stored(1)
        row.decision.id = "d\0"
        row.storedID = "d\0"
        row.decision.principal.id = "nul\0and\\u0000"
        row.decision.extras = ["k\0": .array([.string("\0\0"), .string("\\\0")])]
        var reader = CopyBinaryReader()
        let archived = try #require(try reader.read(file([row])).first).get()
        #expect(archived.id == "d\u{FFFD}")
        let decision = try archived.entry(embedder: DecisionEmbedder()).decision
        #expect(decision.id == "d\u{FFFD}")
        #expect(decision.principal.id == "nul\u{FFFD}and\\u0000")
        #expect(
            decision.extras["k\u{FFFD}"]
                == .array([.string("\u{FFFD}\u{FFFD}"), .string("\\\u{FFFD}")]))
    }

    @Test func `a file that breaks off is said to, at every length`() throws {
        let bytes = file([stored(1), stored(2)])
        for length in 0..<bytes.count {
            var reader = CopyBinaryReader()
            let rows = try reader.read(bytes[..<length])
            #expect(rows.count <= 2)
            #expect(throws: ArchiveError.self) { try reader.finish() }
        }
    }

    @Test func `another file is refused`() {
        var reader = CopyBinaryReader()
        #expect(throws: ArchiveError.self) { try reader.read(Array("{\"id\":\"x\"}\n and more text".utf8)) }
    }

    /// Where the vector of the first row of a file begins, whose identifier has three letters.
    private static let vectorStart = 19 + 2 + 4 + 3 + 4

    @Test func `a vector that is not finite, zero or of another dimension is refused with its row`() throws {
        let good = file([stored(1), stored(2)])
        let start = Self.vectorStart
        var notFinite = good
        notFinite.replaceSubrange(start + 4..<start + 8, with: [0x7F, 0xC0, 0, 0])
        var zero = good
        zero.replaceSubrange(start + 4..<start + 4 + 384 * 4, with: [UInt8](repeating: 0, count: 384 * 4))
        var short = good
        short.replaceSubrange(start..<start + 2, with: [0, 3])
        for (bytes, word) in [(notFinite, "finite"), (zero, "zero"), (short, "3 dimensions")] {
            var reader = CopyBinaryReader()
            let rows = try reader.read(bytes)
            try reader.finish()
            let error = #expect(throws: ArchiveError.self) { try rows.first?.get() }
            #expect(error?.row == 1)
            #expect(error?.description.contains(word) == true)
            #expect(try rows.last?.get().id == "d-2", "the row behind it is read")
        }
    }

    @Test(arguments: [100, 1 << 20]) func `the rows before a broken one come first, then its number`(
        size: Int
    ) throws {
        let good = file([stored(1), stored(2)])
        var bytes = Array(good.dropLast(2))
        bytes += [0, 7]
        bytes += file([stored(3)]).dropFirst(19 + 2)
        var reader = CopyBinaryReader()
        var names: [String] = []
        let error = #expect(throws: ArchiveError.self) {
            for start in stride(from: 0, to: bytes.count, by: size) {
                for row in try reader.read(bytes[start..<min(start + size, bytes.count)]) {
                    names.append(try row.get().id)
                }
            }
            try reader.finish()
        }
        #expect(names == ["d-1", "d-2"])
        #expect(error?.description == "row 3: it has 7 columns instead of 4")
    }

    @Test(
        arguments: [
            (Int64.max, nil), (Int64.min, nil), (Int64.min + 1, nil), (300_000_000_000_000_000, nil),
            (0, "2000-01-01T00:00:00.000000Z"), (-1, "1999-12-31T23:59:59.999999Z"),
            (-63_082_281_600_000_000, "0001-01-01T00:00:00.000000Z"), (-63_082_281_600_000_001, nil),
        ] as [(Int64, String?)]) func `a time of storing beyond the calendar is none`(
            microseconds: Int64, time: String?
        ) throws
    {
        var bytes = file([stored(1)])
        let place = bytes.count - 2 - 8
        let word = UInt64(bitPattern: microseconds)
        for byte in 0..<8 { bytes[place + byte] = UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * byte)) }
        var reader = CopyBinaryReader()
        let rows = try reader.read(bytes)
        #expect(try rows.first?.get().createdAt?.description == time)
    }

    @Test(arguments: [1, 1 << 20]) func `a file that goes on after its end is said to`(size: Int) throws {
        let bytes = file([stored(1)]) + [0]
        var reader = CopyBinaryReader()
        var count = 0
        for start in stride(from: 0, to: bytes.count, by: size) {
            count += try reader.read(bytes[start..<min(start + size, bytes.count)]).count
        }
        #expect(count == 1)
        let error = #expect(throws: ArchiveError.self) { try reader.finish() }
        #expect(error?.description == "row 2: the file goes on after the mark of its end")
    }

    @Test func `a foreign vector is rounded and keeps its direction`() {
        var floats = [Float](repeating: 0, count: Embedding.dimension)
        for place in floats.indices { floats[place] = Float(place % 17) - 8 }
        let embedding = Embedding(rounding: floats)
        var dot: Float = 0
        var length: Float = 0
        for (count, float) in zip(embedding.counts, floats) {
            dot += Float(count) * embedding.scale * float
            length += float * float
        }
        #expect(dot / length.squareRoot() > 0.9999)
    }
}
