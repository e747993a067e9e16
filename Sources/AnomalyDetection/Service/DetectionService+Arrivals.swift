import Decisions
import VectorStores

/// A store that others write too: what they store is scored by the one process that detects.
///
/// The store tells exactly up to where that was done, so that whoever takes over misses nothing and scores nothing
/// twice, whichever process stored it.
extension DetectionService {
    /// The key of a position in a record that says up to where something was saved.
    static let positionKey = "position"

    /// Begins to watch what others store; tells what they stored since what is saved, where the store knows that.
    func missedElsewhere(since saved: SavedPositions) async throws -> (missed: [Missed], isKnown: Bool) {
        caughtUp = []
        arrived = []
        beyond = ScoredBeyond()
        let positions = [saved.scoredPosition, saved.filedPosition, saved.savingPosition]
        guard let told = try await store.watchArrivals(since: positions.compactMap(\.self)) else {
            return ([], false)
        }
        isWatching = true
        scoredPosition = await store.arrivalPosition
        var rest = told.entries[...]
        let entries: [[StoredDecision]?] = positions.map { $0 == nil ? nil : rest.popFirst() ?? nil }
        needsPosition = saved.scoredPosition == nil
        guard let unscored = entries[0] else { return ([], false) }
        let unfiled = entries[1].map { Set($0.map(\.identity)) }
        let unsaved = entries[2].map { Set($0.map(\.identity)) }
        var missed = unscored.compactMap { stored -> Missed? in
            if saved.scoredBeyond.contains(stored.identity) { return nil }
            let isSaved =
                unsaved.map { !$0.contains(stored.identity) || saved.savingBeyond.contains(stored.identity) }
                ?? false
            if isSaved, saved.ahead.contains(ByteKey(stored.decision.tenant)) { return nil }
            let isFiled = unfiled.map {
                !$0.contains(stored.identity) || saved.filedBeyond.contains(stored.identity)
            }
            return Missed(stored: stored, isFiled: isFiled ?? false)
        }
        tellUnscored(countOldest(of: &missed, keeping: mostScored))
        if saved.leftBeyond > 0 {
            let counted = PrintedNumber.counted(saved.leftBeyond, "decision")
            note(problem: "\(counted) scored before a crash beyond what is remembered: counted once more")
        }
        return (missed, true)
    }

    /// Scores what others stored, when the store has changed.
    func lookForArrivals() async {
        guard isWatching, role == .detecting else { return }
        await takeTurn()
        defer { turns.pass() }
        await scoreArrivals()
    }

    /// Scores what others stored up to now; to be called by whoever has the turn.
    func scoreArrivals() async {
        guard isWatching, role == .detecting else { return }
        do {
            await notePosition()
            var told = try await store.arrivals()
            if !told.isEmpty {
                let identities = told.map(\.identity)
                told.removeAll { caughtUp.contains($0.identity) }
                caughtUp.subtract(identities)
            }
            arrived += told
            if arrived.isEmpty { return }
            let isUrgent = try await scoreArrived()
            outdated()
            await pinMembers()
            await saveOrTell { try await saveWhatIsDue(urgent: isUrgent) }
            published()
        } catch {
            // They stay in line, and so does the position.
            note(problem: "what others stored could not be scored: \(error)")
        }
    }

    /// Scores what is in line; says whether an incident was opened.
    private func scoreArrived() async throws -> Bool {
        var missed = arrived.map { Missed(stored: $0, isFiled: false) }
        // These are of the past by now, as those that are scored.
        for one in missed.dropLast(mostScored) { beyond.append(one.identity) }
        tellUnscored(countOldest(of: &missed, keeping: mostScored))
        arrived = missed.map(\.stored)
        var notYetPast = Set(missed.map(\.identity))
        var (isUrgent, done) = (false, 0)
        defer { arrived.removeFirst(done) }
        for one in missed {
            let novelty = try await novelty(of: one.stored, notYetPast: notYetPast)
            notYetPast.remove(one.identity)
            let change = await assess(one, novelty: novelty, notYetPast: notYetPast)
            beyond.append(one.identity)
            done += 1
            if change?.isNew == true { isUrgent = true }
        }
        filed = scored
        return isUrgent
    }

    /// Notes up to where everything is scored, for what is saved next.
    func notePosition() async {
        guard isWatching, arrived.isEmpty else { return }
        scoredPosition = await store.arrivalPosition
        beyond = ScoredBeyond()
    }

    /// Notes what this process stored and scored while others' entries stay in line: the position stands before it.
    func noteBeyond(_ entry: EntryIdentity) {
        if isWatching, !arrived.isEmpty { beyond.append(entry) }
    }

    /// What a record says of a position, with that of a store that others write.
    func position(_ fields: JSONObject) -> JSONValue {
        var fields = fields
        if isWatching, let scoredPosition {
            fields[Self.positionKey] = scoredPosition
            beyond.add(to: &fields)
            if beyond.left > 0, !beyond.isTold {
                beyond.isTold = true
                note(
                    problem:
                        "more than \(PrintedNumber.grouped(beyond.entries.count)) decisions were scored "
                        + "while others' wait: after a crash those beyond count once more")
            }
        }
        return .object(fields)
    }

    /// Leaves the scoring to another process.
    func stopWatching() async {
        guard isWatching else { return }
        isWatching = false
        arrived = []
        await store.ignoreArrivals()
    }
}
