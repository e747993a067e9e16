import Decisions
import VectorStores

/// The lessons in effect, as scoring asks for them: by tenant.
struct LessonTable: Sendable, Hashable {
    private var tenants: [ByteKey: TenantLessons] = [:]

    /// No lessons.
    init() {}

    /// The lessons of a list that are in effect at an instant.
    init(_ lessons: some Sequence<Lesson>, at now: Timestamp) {
        for lesson in lessons where lesson.isActive(at: now) {
            tenants[ByteKey(lesson.tenant), default: TenantLessons()].add(lesson)
        }
    }

    /// The lessons of a tenant; `nil` when there are none.
    func lessons(of tenant: String) -> TenantLessons? {
        tenants.isEmpty ? nil : tenants[ByteKey(DecisionFacts.kept(tenant))]
    }

    /// The entries of a tenant that are no neighbours.
    func withheld(of tenant: String) -> Set<EntryIdentity> {
        guard let members = lessons(of: tenant)?.members else { return [] }
        return Set(members.map { EntryIdentity(tenant: tenant, id: $0.text) })
    }
}

/// The lessons of one tenant.
struct TenantLessons: Sendable, Hashable {
    /// What ordinary decisions are found by.
    private struct Story: Sendable, Hashable {
        var principal: ByteKey
        var kind: ByteKey
        var effect: Effect
    }

    private struct Taught: Sendable, Hashable {
        var actions: Set<ByteKey>
        var lesson: String
    }

    private var ordinary: [Story: [Taught]] = [:]
    /// What was counted and shall not count.
    private(set) var withheld = WithheldCounts()
    /// The entries that are no neighbours.
    private(set) var members: Set<ByteKey> = []
    private var vectors: [SparseVector] = []

    /// The most vectors of one tenant that neighbours are looked for among; each costs some 26 products for each
    /// decision.
    static let maximumVectors = 512

    mutating func add(_ lesson: Lesson) {
        switch lesson.kind {
        case .ordinary:
            for shape in lesson.shapes {
                let story = Story(
                    principal: ByteKey(shape.principal), kind: ByteKey(shape.kind), effect: shape.effect)
                ordinary[story, default: []].append(
                    Taught(actions: Set(shape.actions.map { ByteKey($0) }), lesson: lesson.id))
            }
        case .withheld:
            for shape in lesson.shapes { withheld.add(shape) }
            members.formUnion(lesson.members.map { ByteKey($0) })
            vectors += lesson.vectors.prefix(max(0, Self.maximumVectors - vectors.count))
        }
    }

    /// The lesson by which a decision is ordinary; `nil` when it is by none.
    func lesson(of decision: Decision) -> String? {
        if ordinary.isEmpty { return nil }
        let story = Story(
            principal: ByteKey(DecisionFacts.kept(decision.principal.id)),
            kind: ByteKey(DecisionFacts.kept(decision.resource.kind)), effect: decision.effect)
        guard let taught = ordinary[story] else { return nil }
        let actions = Set(decision.actions.map { ByteKey(DecisionFacts.kept($0)) })
        return taught.first { actions.isSubset(of: $0.actions) }?.lesson
    }

    /// Whether a withheld entry may be among the ten nearest, whose mean cosine is told.
    func mayBeNear(_ embedding: Embedding, mean: Float) -> Bool {
        vectors.contains { $0.similarity(to: embedding) >= mean }
    }
}

/// What is known of a decision's parts once lessons are minded.
extension PriorCounts {
    /// How often a taught shape counts as seen.
    static let taughtTimes: UInt32 = 100

    /// The counts as if the decision had been seen a hundred times before.
    mutating func countAsFamiliar() {
        func more(_ count: inout UInt32) { count = CounterTable.saturated(count, plus: Self.taughtTimes) }
        more(&principal)
        more(&kind)
        more(&principalKind)
        more(&principalEffect)
        more(&principalScope)
        more(&address)
        more(&principalAddress)
        more(&principalHour)
        more(&action.action)
        more(&action.principalAction)
        more(&action.kindAction)
        more(&action.actionEffect)
        more(&action.whole)
        kindPrincipals = max(kindPrincipals, 1)
    }
}
