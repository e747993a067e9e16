public import Decisions

/// What the resolution of one incident teaches the detector.
///
/// A lesson lies over what was counted and changes nothing of it, so that taking it back takes it back wholly.
public struct Lesson: Sendable, Hashable, Identifiable {
    /// The incident whose resolution it is; its name, too.
    public var incident: String
    /// What it does.
    public var kind: Kind
    /// What the incident turned out to be.
    public var resolution: Resolution
    /// Whose decisions it is about.
    public var tenant: String
    /// Who resolved the incident.
    public var author: String
    /// What is strange about the incident, in its own words.
    public var reason: String
    /// When it was resolved, by the wall clock.
    public var created: Timestamp
    /// When it stops by itself; `nil` when it does not.
    public var expires: Timestamp?
    /// That it ended, and how.
    public var end: TaughtEnd?
    /// What is ordinary, or how often each of these was counted and shall not count; at most ``maximumShapes``.
    public var shapes: [Shape]
    /// The entries that are no neighbours; of the withheld kind alone.
    public var members: [String]
    /// Their distinct vectors, at most ``maximumVectors``.
    public var vectors: [SparseVector]

    /// The collection that lessons are kept in.
    public static let collection = "lessons"
    /// The most shapes of one lesson.
    public static let maximumShapes = 64
    /// The most vectors of one lesson.
    public static let maximumVectors = 128
    /// The most lessons kept; of more the oldest that ended go, then the oldest.
    public static let maximumKept = 2_000
    /// How long a false positive is believed: a wrong alarm tells of the detector as it is now.
    public static let falsePositiveSeconds: Int64 = 14 * 86_400

    /// What a lesson does.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Decisions of these shapes are ordinary.
        case ordinary
        /// Its decisions count for nothing: neither as neighbours nor as past.
        case withheld
    }

    /// What decisions have in common.
    public struct Shape: Sendable, Hashable {
        /// Who.
        public var principal: String
        /// What kind of resource.
        public var kind: String
        /// The effect.
        public var effect: Effect
        /// The actions; a decision has the shape when it has no other ones.
        public var actions: [String]
        /// The scope, and the source address; of the withheld kind alone.
        public var scope: String?
        /// The source address.
        public var address: String?
        /// How many decisions had it.
        public var count: Int

        /// Creates a shape.
        public init(
            principal: String, kind: String, effect: Effect, actions: [String], scope: String? = nil,
            address: String? = nil, count: Int
        ) {
            self.principal = principal
            self.kind = kind
            self.effect = effect
            self.actions = actions
            self.scope = scope
            self.address = address
            self.count = count
        }
    }

    /// Creates a lesson.
    public init(
        incident: String, kind: Kind, resolution: Resolution, tenant: String, author: String, reason: String,
        created: Timestamp, expires: Timestamp? = nil, end: TaughtEnd? = nil, shapes: [Shape],
        members: [String] = [], vectors: [SparseVector] = []
    ) {
        self.incident = incident
        self.kind = kind
        self.resolution = resolution
        self.tenant = tenant
        self.author = author
        self.reason = reason
        self.created = created
        self.expires = expires
        self.end = end
        self.shapes = shapes
        self.members = members
        self.vectors = vectors
    }

    /// Its name, which is that of its incident.
    public var id: String { incident }

    /// Whether it counts at an instant.
    public func isActive(at now: Timestamp) -> Bool {
        end == nil && (expires.map { now < $0 } ?? true)
    }
}

extension Resolution {
    /// What it teaches.
    ///
    /// A false positive teaches as an expected one does, for a time.
    public var lesson: Lesson.Kind {
        switch self {
        case .truePositive: .withheld
        case .expected, .falsePositive: .ordinary
        }
    }
}

/// The non-zero counts of an embedding.
public struct SparseVector: Sendable, Hashable {
    /// Which dimensions, ascending.
    public private(set) var dimensions: [UInt16] = []
    /// Their counts.
    public private(set) var counts: [Int8] = []
    /// One over its length.
    let scale: Float

    /// The non-zero counts of an embedding.
    init(_ embedding: Embedding) {
        for (dimension, count) in embedding.counts.enumerated() where count != 0 {
            dimensions.append(UInt16(dimension))
            counts.append(count)
        }
        scale = embedding.scale
    }

    /// The cosine with an embedding; some 26 products.
    func similarity(to embedding: Embedding) -> Float {
        var sum = 0
        for (place, dimension) in dimensions.enumerated() {
            sum += Int(counts[place]) * Int(embedding.counts[Int(dimension)])
        }
        return Float(sum) * scale * embedding.scale
    }

    /// Three bytes for each count, as text.
    var text: String {
        var bytes: [UInt8] = []
        for (dimension, count) in zip(dimensions, counts) {
            bytes += [
                UInt8(truncatingIfNeeded: dimension), UInt8(truncatingIfNeeded: dimension >> 8),
                UInt8(bitPattern: count),
            ]
        }
        return Base64.encode(bytes[...])
    }

    /// Reads what ``text`` wrote; `nil` when it is something else.
    init?(text: String) {
        guard let bytes = Base64.decode(text), bytes.count.isMultiple(of: 3),
            bytes.count <= 3 * Embedding.dimension
        else { return nil }
        var counts = [Int8](repeating: 0, count: Embedding.dimension)
        for place in stride(from: 0, to: bytes.count, by: 3) {
            let dimension = Int(bytes[place]) | Int(bytes[place + 1]) << 8
            guard dimension < Embedding.dimension else { return nil }
            counts[dimension] = Int8(bitPattern: bytes[place + 2])
        }
        self.init(Embedding(counts: counts))
    }
}
