import Decisions
import Locks
import VectorStores

extension PostgresLog {
    /// How long looking for what was missed may take.
    private static let missedLimit = Duration.seconds(300)

    func watchArrivals(
        since positions: [JSONValue], into mirror: StoreMirror
    ) throws(StoreError) -> [[EntryIdentity]?] {
        do throws(PostgresError) {
            let deadline = ContinuousClock.now + Self.missedLimit
            return try pool.withConnection(deadline: deadline) { connection throws(PostgresError) in
                try threads.cancelling(connection.cancellation) { () throws(PostgresError) in
                    try catchUp(connection, mirror)
                    return try place.withLock { place throws(PostgresError) in
                        guard let now = ServerSnapshot(place.snapshot) else {
                            throw PostgresError(
                                .protocolViolation, "\(address): the server tells no snapshot")
                        }
                        let here = ArrivalPosition(snapshot: now, more: Set(place.own))
                        var missed: [[EntryIdentity]?] = []
                        for position in positions {
                            missed.append(
                                try self.missed(since: position, until: here, place, connection, mirror))
                        }
                        place.isWatched = true
                        place.arrived = []
                        let own = place.own
                        arrivals.withLock { $0.begin(at: now, own: own) }
                        return missed
                    }
                }
            }
        } catch {
            throw StoreError(error)
        }
    }

    /// The entries that were stored between two positions, as far as they are there; `nil` where the changes since the
    /// first are gone.
    private func missed(
        since json: JSONValue, until here: ArrivalPosition, _ place: borrowing Place,
        _ connection: PostgresConnection, _ mirror: StoreMirror
    ) throws(PostgresError) -> [EntryIdentity]? {
        guard let position = ArrivalPosition(json: json) else { return nil }
        let oldest = position.oldest
        let answer = try connection.run(
            """
            select transaction, id, sequence, tenant from verdict_changes
            where kind = 'i' and transaction >= \(.xid8(oldest))
            union all
            select value::xid8, null, 0, null from verdict_records
            where collection = 'verdict.mirror' and key = 'pruned' and value::numeric > \("\(oldest)")::numeric
            order by 3
            """, deadline: .now + Self.missedLimit)
        var missed: [EntryIdentity] = []
        var seen: Set<EntryIdentity> = []
        for row in answer.rows {
            guard let id = try row.optionalText(1) else { return nil }
            let transaction = try row.xid8(0)
            guard here.covers(transaction), !position.covers(transaction),
                let identity = place.names.owner(
                    of: place.names.layout.rowID(tenant: try row.optionalText(3) ?? "", id: id), in: mirror),
                seen.insert(identity).inserted
            else { continue }
            missed.append(identity)
        }
        return missed
    }

    func takeArrivals() -> [EntryIdentity] { arrivals.withLock { $0.take() } }

    var arrivalPosition: JSONValue? { arrivals.withLock { $0.position?.json } }

    func takeReceipt() -> UInt64? { arrivals.withLock { $0.takeReceipt() } }

    func confirm(_ receipt: UInt64) -> Bool { arrivals.withLock { $0.confirm(receipt) } }

    func ignoreArrivals() {
        place.withLock { place in
            place.isWatched = false
            place.arrived = []
            place.released = []
            arrivals.withLock { $0.end() }
        }
    }

    /// Hands over what came with the changes that were read now; only when all of them were.
    func tellArrivals(_ place: inout Place) {
        guard place.isWatched, let snapshot = ServerSnapshot(place.snapshot) else { return }
        let arrived = place.arrived
        place.arrived = []
        place.released = []
        arrivals.withLock { $0.add(arrived, upTo: snapshot) }
    }
}
