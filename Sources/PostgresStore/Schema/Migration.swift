/// One numbered step of the schema; what was released is never changed, only added to.
package struct Migration: Sendable {
    /// Its place, from 1.
    package let number: Int
    /// What it makes, in a few words.
    package let name: String
    /// The tables it changes, when they are there before.
    let touched: [String]
    /// The lock it takes on them.
    let lock: LockLevel
    /// Whether a table is written anew.
    package let rewrites: Bool
    /// What it does.
    let work: Work

    /// What a migration does.
    enum Work: Sendable {
        /// Statements in one transaction; `nil` where the storage has no need of them.
        case script(@Sendable (EmbeddingStorage) -> String?)
        /// An index, beside writers where the table holds rows.
        case index(IndexDefinition)
    }

    /// How much others are kept waiting.
    enum LockLevel: String, Sendable {
        /// Only new things are made.
        case none
        /// Writers wait; readers do not.
        case shareRowExclusive = "SHARE ROW EXCLUSIVE"
        /// Writers wait until an index is built; readers do not.
        case share = "SHARE"
        /// Neither readers nor writers wait.
        case shareUpdateExclusive = "SHARE UPDATE EXCLUSIVE"
    }

    /// Creates a step of statements.
    init(
        _ number: Int, _ name: String, touching touched: [String] = [], lock: LockLevel = .none,
        script: @escaping @Sendable (EmbeddingStorage) -> String?
    ) {
        self.number = number
        self.name = name
        self.touched = touched
        self.lock = lock
        rewrites = false
        work = .script(script)
    }

    /// Creates a step that builds an index.
    init(_ number: Int, index: IndexDefinition) {
        self.number = number
        name = index.name
        touched = [index.table]
        lock = .shareUpdateExclusive
        rewrites = false
        work = .index(index)
    }

    /// The statements for a way to hold embeddings; `nil` where it has no need of this step.
    package func script(for storage: EmbeddingStorage) -> String? {
        switch work {
        case .script(let make): make(storage)
        case .index(let index): index.isNeeded(with: storage) ? index.statement(concurrently: false) : nil
        }
    }

    /// A digest over what it does with every storage, to tell whether a database was made by the same statements.
    package var checksum: String {
        let texts = EmbeddingStorage.allCases.map { script(for: $0) ?? "" }
        return Self.digest(texts.joined(separator: "\u{0}"))
    }

    /// FNV-1a over 64 bits: what is told apart are mistakes, not attacks.
    ///
    /// Source: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm", draft-eastlake-fnv.
    static func digest(_ text: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// What the database says about a migration that was applied.
package struct AppliedMigration: Sendable, Hashable {
    /// Its number.
    package var number: Int
    /// The name it had then.
    package var name: String
    /// The digest of its statements then.
    package var checksum: String
}
