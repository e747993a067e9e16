import Testing

/// The commands of the built program.
///
/// One process at a time: the machine is shared with the other tests.
@Suite(.serialized) enum Commands {}

/// The counts of an ingest.
struct IngestCounts: Equatable {
    var read = 0
    var accepted = 0
    var duplicates = 0
    var merged = 0
    var conflicts = 0
    var skipped = 0
    var rejected = 0

    init(
        read: Int, accepted: Int = 0, duplicates: Int = 0, merged: Int = 0, conflicts: Int = 0,
        skipped: Int = 0, rejected: Int = 0
    ) {
        self.read = read
        self.accepted = accepted
        self.duplicates = duplicates
        self.merged = merged
        self.conflicts = conflicts
        self.skipped = skipped
        self.rejected = rejected
    }

    init(_ json: JSON) throws {
        func count(_ key: String) throws -> Int { try #require(json[key].integer, "\(key) of \(json)") }
        read = try count("read")
        accepted = try count("accepted")
        duplicates = try count("duplicates")
        merged = try count("merged")
        conflicts = try count("conflicts")
        skipped = try count("skipped")
        rejected = try count("rejected")
    }

    /// Whether everything read was counted once.
    var addUp: Bool { read == accepted + duplicates + merged + conflicts + skipped + rejected }

    /// What the same input must give when it is ingested again.
    var again: IngestCounts {
        IngestCounts(
            read: read, duplicates: accepted + merged + conflicts + duplicates, skipped: skipped,
            rejected: rejected)
    }
}

extension TemporaryFolder {
    /// Ingests text into the store of this folder and gives the counts.
    @discardableResult
    func ingest(_ text: String, _ options: String...) async throws -> IngestCounts {
        let file = try write(text, to: "ingested.jsonl")
        return try await ingest(files: [file], options)
    }

    /// Ingests files into the store of this folder and gives the counts.
    @discardableResult
    func ingest(files: [String], _ options: [String] = []) async throws -> IngestCounts {
        let run = try await verdict(["ingest", "--store", store, "--json"] + options + files)
        #expect([0, 3].contains(run.status), "\(run.errors)")
        let counts = try IngestCounts(try run.object())
        #expect(counts.addUp, "\(counts)")
        return counts
    }

    /// What the store of this folder says of itself.
    func stats() async throws -> JSON {
        let run = try await verdict("stats", "--store", store, "--json")
        #expect(run.status == 0, "\(run.errors)")
        return try run.object()
    }

    /// What a search of the store of this folder finds.
    func search(_ words: String...) async throws -> JSON {
        let run = try await verdict(["search", "--store", store, "--json"] + words)
        #expect(run.status == 0, "\(run.errors)")
        return try run.object()
    }
}
