import Decisions

/// What an insert will do with each of its entries, decided before anything is written.
package struct InsertPlan {
    /// One entry's fate.
    package struct Step {
        /// What will be done.
        package var disposition: InsertOutcome.Disposition
        /// The identifier it is or will be stored under.
        package var storedID: String
    }

    /// One step per entry, in order.
    package private(set) var steps: [Step] = []

    /// Decisions this batch will have stored, so that later entries of it meet earlier ones.
    private var pending: [EntryIdentity: Decision] = [:]

    /// Decides for entries in order.
    ///
    /// `stored` looks up what the store already holds; `expired` says what becomes of a decision that
    /// is too old to be stored, `nil` for any other; `isRetired` whether retention removed an entry.
    init(
        entries: [Entry], stored: (EntryIdentity) -> Decision?,
        expired: (EntryIdentity, Timestamp) -> InsertOutcome.Disposition?,
        isRetired: (EntryIdentity) -> Bool
    ) {
        steps.reserveCapacity(entries.count)
        for entry in entries {
            let decision = entry.decision
            var identity = EntryIdentity(decision)
            let step =
                settled(decision, from: &identity, stored: stored)
                ?? expired(identity, decision.time).map { Step(disposition: $0, storedID: identity.id) }
                ?? keptBeside(identity, decision, stored: stored, isRetired: isRetired)
                ?? Step(
                    disposition: identity.id.utf8.count == decision.id.utf8.count ? .accepted : .conflict,
                    storedID: identity.id)
            if entries.count > 1, step.disposition.isWritten {
                pending[EntryIdentity(tenant: decision.tenant, id: step.storedID)] = decision
            }
            steps.append(step)
        }
    }

    /// What becomes of a decision that is stored already, under an identity or one derived from it; `nil` when
    /// it is not, and `identity` then is free.
    private func settled(
        _ decision: Decision, from identity: inout EntryIdentity, stored: (EntryIdentity) -> Decision?
    ) -> Step? {
        while let taken = pending[identity] ?? stored(identity) {
            switch IdentityResolver.relation(of: decision, toStored: taken) {
            case .duplicate: return Step(disposition: .duplicate, storedID: identity.id)
            case .laterStage: return Step(disposition: .merged, storedID: identity.id)
            case .conflict: identity.id = IdentityResolver.derivedID(of: decision, from: identity.id)
            }
        }
        return nil
    }

    /// What becomes of a decision that was kept beside an entry which retention has removed: that its identity
    /// is free now makes no new decision of it.
    private func keptBeside(
        _ identity: EntryIdentity, _ decision: Decision, stored: (EntryIdentity) -> Decision?,
        isRetired: (EntryIdentity) -> Bool
    ) -> Step? {
        guard isRetired(identity) else { return nil }
        var beside = identity
        beside.id = IdentityResolver.derivedID(of: decision, from: identity.id)
        if let step = settled(decision, from: &beside, stored: stored) { return step }
        return isRetired(beside) ? Step(disposition: .duplicate, storedID: beside.id) : nil
    }
}

/// What names an entry: its tenant and the identifier it is stored under.
///
/// Both are compared by their bytes.
public struct EntryIdentity: Sendable {
    /// The tenant; `""` when there is none.
    public var tenant: String
    /// The identifier within the tenant.
    public var id: String

    /// Creates an identity.
    public init(tenant: String, id: String) {
        self.tenant = tenant
        self.id = id
    }

    /// The identity a decision comes with.
    init(_ decision: Decision) {
        self.init(tenant: decision.tenant, id: decision.id)
    }

    /// The same under a name that fits the key of a table: by it an entry that is gone is remembered.
    package var shortened: EntryIdentity {
        EntryIdentity(tenant: tenant, id: IdentityResolver.rowID(of: id, from: id, tenant: tenant))
    }

    /// Whether it is one of a tenant's.
    public func isInTenant(_ name: String) -> Bool { ByteKey(tenant) == ByteKey(name) }
}

extension EntryIdentity: Hashable {
    /// Whether tenant and identifier have the same bytes.
    public static func == (lhs: EntryIdentity, rhs: EntryIdentity) -> Bool {
        ByteKey(lhs.id) == ByteKey(rhs.id) && ByteKey(lhs.tenant) == ByteKey(rhs.tenant)
    }

    /// Feeds the bytes of both to the hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ByteKey(tenant))
        hasher.combine(ByteKey(id))
    }
}
