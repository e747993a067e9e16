public import Decisions

/// A story that is looked for whoever it is told of: decisions like one, by other principals.
///
/// Compared is what is left of a decision without who and where: ``TokenKind/ofWhoAndWhere``.
public struct Hunt: Sendable, Hashable, Identifiable {
    /// Four characters that are easy to say.
    public var id: String
    /// What is hunted, in words: `get secrets, allow`.
    public var name: String
    /// Who saved it.
    public var author: String
    /// When it was saved, by the wall clock.
    public var created: Timestamp
    /// The incident it was made of; `nil` when it is of none.
    public var incident: String?
    /// The decision whose shape is hunted, without what is not compared; its principal is not counted.
    public var decision: Decision
    /// Who took it away and when; `nil` while it is live.
    public var removed: Removal?

    /// Who took a hunt away, and when.
    public struct Removal: Sendable, Hashable {
        /// The person.
        public var who: String
        /// The time.
        public var time: Timestamp

        /// Creates a removal.
        public init(who: String, time: Timestamp) {
            self.who = who
            self.time = time
        }
    }

    /// The collection of the records.
    public static let collection = "hunts"
    /// The most hunts that are live at once: each decision that is scored is compared with each of them.
    public static let maximumLive = 20
    /// The most hunts that are kept after they were taken away, to be brought back.
    public static let maximumRemoved = 20
    /// The least cosine of two shapes that are the same story; with another effect it is .61 at most.
    public static let leastSimilarity = 0.8

    /// Creates a hunt for what a decision did; long names are cut, and what is not compared is left out.
    public init(
        id: String, decision: Decision, author: String, created: Timestamp, incident: String? = nil
    ) {
        self.id = id
        name = Self.name(of: decision)
        self.author = author
        self.created = created
        self.incident = incident
        var shape = decision.abridged
        shape.principal.roles = []
        shape.policies = []
        shape.source = Source()
        shape.extras = JSONObject()
        self.decision = shape
    }

    /// What a decision did, in words.
    public static func name(of decision: Decision) -> String {
        let actions = decision.actions.prefix(3).map { Reasons.short($0, to: 40) }.joined(separator: ",")
        let kind = Reasons.short(decision.resource.kind, to: 60)
        return "\(actions) \(kind), \(decision.effect.rawValue)"
    }

    /// What of a decision is compared.
    public static func shape(of decision: Decision) -> Embedding {
        DecisionEmbedder().embed(decision, leavingOut: TokenKind.ofWhoAndWhere)
    }

    /// The cosine of two decisions' shapes.
    public static func similarity(_ left: Decision, _ right: Decision) -> Double {
        FlipSearch.cosine(shape(of: left), shape(of: right))
    }

    /// Whether a decision is the same story by somebody else, by a given cosine of the shapes.
    func isHit(by decision: Decision, similarity: Double) -> Bool {
        similarity >= Self.leastSimilarity && !isOwn(decision)
    }

    /// Whether a decision is of the principal that the hunt was made of.
    public func isOwn(_ decision: Decision) -> Bool {
        ByteKey(decision.tenant) == ByteKey(self.decision.tenant)
            && ByteKey(decision.principal.id) == ByteKey(self.decision.principal.id)
    }
}

/// What a hunt found since it was saved.
public struct HuntTally: Sendable, Hashable {
    /// How many decisions were the same story.
    public var hits = 0
    /// The newest hits, newest first, at most ``maximumRecent``.
    public var recent: [Hit] = []

    /// The most hits that are kept.
    public static let maximumRecent = 8
    /// The collection of the records, which the process that detects writes.
    public static let collection = "hunt_hits"

    /// A decision that is the same story.
    public struct Hit: Sendable, Hashable {
        /// When it was decided.
        public var time: Timestamp
        /// In which tenant.
        public var tenant: String
        /// By whom.
        public var principal: String
        /// The identifier it is stored under.
        public var id: String
        /// The cosine of the shapes.
        public var similarity: Double

        /// Creates a hit.
        public init(time: Timestamp, tenant: String, principal: String, id: String, similarity: Double) {
            self.time = time
            self.tenant = tenant
            self.principal = principal
            self.id = id
            self.similarity = similarity
        }
    }

    /// A tally without hits.
    public init() {}

    /// Counts a hit.
    mutating func add(_ hit: Hit) {
        if hits < .max { hits += 1 }
        recent.insert(hit, at: 0)
        if recent.count > Self.maximumRecent { recent.removeLast() }
    }

    /// The newest hit.
    public var last: Hit? { recent.first }
}

/// A live hunt and what it found.
public struct HuntStatus: Sendable, Hashable, Identifiable {
    /// The hunt.
    public var hunt: Hunt
    /// What it found.
    public var tally: HuntTally

    /// Its name.
    public var id: String { hunt.id }

    /// Joins both.
    public init(hunt: Hunt, tally: HuntTally = HuntTally()) {
        self.hunt = hunt
        self.tally = tally
    }
}

/// What a person wants done to hunts.
public enum HuntOrder: Sendable, Hashable {
    /// A decision's shape is hunted from now on.
    case save(Decision, incident: String?)
    /// A hunt is taken away.
    case remove(String)
    /// A hunt that was taken away is brought back.
    case restore(String)
}
