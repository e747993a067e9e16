public import Decisions

/// What is handed to a store: a decision and its embedding.
public struct Entry: Sendable {
    /// The decision.
    public var decision: Decision
    /// Its embedding.
    public var embedding: Embedding

    /// Creates an entry.
    public init(decision: Decision, embedding: Embedding) {
        self.decision = decision
        self.embedding = embedding
    }
}

/// A decision as a store holds it.
public struct StoredDecision: Sendable, Hashable {
    /// The decision, with its original identifier.
    public var decision: Decision
    /// Its embedding.
    public var embedding: Embedding
    /// The identifier it is stored under: the original, or a derived `ID~H`.
    public var storedID: String

    /// Creates a stored decision.
    public init(decision: Decision, embedding: Embedding, storedID: String) {
        self.decision = decision
        self.embedding = embedding
        self.storedID = storedID
    }

    /// What names it: its tenant and the identifier it is stored under.
    public var identity: EntryIdentity {
        EntryIdentity(tenant: decision.tenant, id: storedID)
    }
}

/// What became of the entries of one insert, in their order.
public struct InsertReport: Sendable {
    /// One outcome per entry.
    public var outcomes: [InsertOutcome]
    /// What ``VectorStore/confirm(_:)`` takes when they are scored; `nil` where nobody else writes the store.
    public var receipt: UInt64?
    /// Whether it was asked how new the entries are.
    public var isMeasured = true

    /// Creates a report.
    public init(outcomes: [InsertOutcome]) {
        self.outcomes = outcomes
    }
}

/// What became of one inserted entry.
public struct InsertOutcome: Sendable, Hashable {
    /// What was done.
    public var disposition: Disposition
    /// The identifier it is stored under; differs from the entry's for a conflict.
    public var storedID: String
    /// How it compares with its tenant's past; absent when nothing was stored or measured.
    public var novelty: Novelty?

    /// The ways an insert can go.
    public enum Disposition: String, Sendable, Hashable, CaseIterable {
        /// Stored.
        case accepted
        /// The same decision is already there: nothing changed.
        case duplicate
        /// A later stage of a stored event: outcome, latency and vector followed.
        case merged
        /// Same identity, different content: stored beside under a derived identifier.
        case conflict
        /// Older than what the store keeps, and not known to have been stored: left out.
        case expired

        /// Whether the entry is stored as one of its own.
        package var isNew: Bool { self == .accepted || self == .conflict }

        /// Whether something of the entry is written.
        package var isWritten: Bool {
            switch self {
            case .accepted, .merged, .conflict: true
            case .duplicate, .expired: false
            }
        }
    }

    /// Creates an outcome.
    public init(disposition: Disposition, storedID: String, novelty: Novelty? = nil) {
        self.disposition = disposition
        self.storedID = storedID
        self.novelty = novelty
    }
}

/// How a vector compares with what its tenant held before it.
public struct Novelty: Sendable, Hashable {
    /// Mean cosine of the ten most similar past rows, repeats counted; a missing one counts 0.
    public var meanSimilarity: Float
    /// Cosine of the most similar past row; 0 when there is none.
    public var nearestSimilarity: Float
    /// The most similar past row's identifier; `nil` when there is none.
    public var nearestID: String?
    /// How many past rows have the identical vector.
    public var identicalRows: Int

    /// Creates a novelty.
    public init(meanSimilarity: Float, nearestSimilarity: Float, nearestID: String?, identicalRows: Int) {
        self.meanSimilarity = meanSimilarity
        self.nearestSimilarity = nearestSimilarity
        self.nearestID = nearestID
        self.identicalRows = identicalRows
    }
}
