import Decisions
import VectorStores

/// The hunts of a store, what each found, and whether a decision is one that they look for.
///
/// Pure. A decision costs one embedding and a product of some ten numbers for each live hunt, at most
/// ``Hunt/maximumLive``; nothing where there is none.
struct HuntWatch: Sendable {
    /// Every hunt that is kept, those that were taken away too.
    private(set) var hunts: [String: Hunt] = [:]
    private var tallies: [String: HuntTally] = [:]
    /// The revision of each hunt's record.
    private var revisions: [String: UInt64] = [:]
    /// Hunts whose tally is not saved yet.
    private(set) var changed: Set<String> = []
    /// Hunts that found something which is not told yet.
    private(set) var untold: Set<String> = []
    private var live: [Shape] = []

    /// What is compared of a hunt: the few counts that are not zero.
    private struct Shape: Sendable {
        var hunt: Hunt
        var places: [(slot: Int, count: Int)]
        var scale: Double

        init(_ hunt: Hunt) {
            self.hunt = hunt
            let embedding = Hunt.shape(of: hunt.decision)
            places = embedding.counts.indices.filter { embedding.counts[$0] != 0 }
                .map { (slot: $0, count: Int(embedding.counts[$0])) }
            scale = Double(embedding.scale)
        }

        func cosine(_ other: Embedding) -> Double {
            var sum = 0
            for place in places { sum += place.count * Int(other.counts[place.slot]) }
            return Double(sum) * scale * Double(other.scale)
        }
    }

    /// The live hunts with what they found, the oldest first.
    var status: [HuntStatus] {
        live.map { HuntStatus(hunt: $0.hunt, tally: tallies[$0.hunt.id] ?? HuntTally()) }
    }

    /// What a hunt found.
    func tally(of id: String) -> HuntTally { tallies[id] ?? HuntTally() }

    /// Takes a hunt as it is saved; says whether that changes anything.
    ///
    /// What is older than what is known is not taken: the store tells changes later than their writer knows them.
    mutating func adopt(hunt record: Record) throws(IncidentError) -> Bool {
        guard record.revision >= revisions[record.key] ?? 0 else { return false }
        let hunt: Hunt? = if let value = record.value { try Hunt(json: value) } else { nil }
        revisions[record.key] = hunt == nil ? nil : record.revision
        guard hunts[record.key] != hunt else { return false }
        hunts[record.key] = hunt
        if hunt == nil {
            tallies[record.key] = nil
            changed.remove(record.key)
            untold.remove(record.key)
        }
        live = hunts.values.filter { $0.removed == nil }
            .sorted { ($0.created, $0.id) < ($1.created, $1.id) }
            .prefix(Hunt.maximumLive).map(Shape.init)
        return true
    }

    /// Takes what a hunt found as it is saved.
    mutating func adopt(tally record: Record) {
        tallies[record.key] = record.value.flatMap { try? HuntTally(json: $0) }
    }

    /// Counts a decision where a hunt looks for it; says whether one does.
    @discardableResult
    mutating func look(at decision: Decision, storedID: String) -> Bool {
        if live.isEmpty { return false }
        let shape = Hunt.shape(of: decision)
        var isHit = false
        for one in live {
            let similarity = one.cosine(shape)
            guard one.hunt.isHit(by: decision, similarity: similarity) else { continue }
            func short(_ text: String) -> String {
                Reasons.short(text, to: Decision.maximumEvidenceCharacters)
            }
            tallies[one.hunt.id, default: HuntTally()].add(
                HuntTally.Hit(
                    time: decision.time, tenant: short(decision.tenant),
                    principal: short(decision.principal.id),
                    id: short(storedID), similarity: (similarity * 1e6).rounded() / 1e6))
            changed.insert(one.hunt.id)
            untold.insert(one.hunt.id)
            isHit = true
        }
        return isHit
    }

    /// The signals of what was found since it was last told.
    mutating func signals(at now: Timestamp) -> [Signal] {
        let told = untold.sorted()
        untold = []
        return told.compactMap { id in
            guard let hunt = hunts[id], hunt.removed == nil, let hit = tally(of: id).last else { return nil }
            let hits = tally(of: id).hits
            return .huntHit(hunt, hits: hits, last: hit, noticed: now)
        }
    }

    /// The writes of the tallies that changed.
    var changes: [RecordChange] {
        changed.sorted().map {
            RecordChange(collection: HuntTally.collection, key: $0, value: tally(of: $0).json)
        }
    }

    /// Says that tallies were saved as they are.
    mutating func saved(_ ids: some Sequence<String>) {
        changed.subtract(ids)
    }

    /// Forgets what is not saved, and everything else.
    mutating func reset() { self = HuntWatch() }
}

extension Signal {
    /// A decision that is the same story as a saved hunt's, by somebody else.
    static func huntHit(_ hunt: Hunt, hits: Int, last hit: HuntTally.Hit, noticed: Timestamp) -> Signal {
        let tenant = hit.tenant.isEmpty ? "" : " in \(Reasons.short(hit.tenant))"
        let noun = PrintedNumber.counted(hits, "hit")
        return Signal(
            kind: .huntHit, subject: "\(hunt.id) \(hunt.name)", raised: noticed,
            why: [
                "\(Reasons.short(hit.principal))\(tenant) did what is hunted at \(hit.time): decision "
                    + "\(Reasons.short(hit.id)), cos \(Reasons.hundredths(hit.similarity))",
                "hunt \(hunt.id) of \(Reasons.short(hunt.author)): \(hunt.name), \(noun) so far",
            ])
    }
}
