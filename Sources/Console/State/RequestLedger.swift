/// Which questions are open, so that a stale answer is told from a fresh one.
struct RequestLedger: Equatable, Sendable {
    private var newest: [RequestKind: UInt64] = [:]
    private var open: [RequestKind: [UInt64: Int64]] = [:]

    /// A ticket for a new question, asked at a time of the console's own clock.
    mutating func issue(_ kind: RequestKind, milliseconds: Int64) -> RequestTicket {
        let generation = (newest[kind] ?? 0) + 1
        newest[kind] = generation
        if kind.isSuperseding { open[kind] = [:] }
        open[kind, default: [:]][generation] = milliseconds
        return RequestTicket(kind: kind, generation: generation)
    }

    /// Whether the answer to a ticket is still wanted; it is settled by asking.
    mutating func settle(_ ticket: RequestTicket) -> Bool {
        open[ticket.kind]?.removeValue(forKey: ticket.generation) != nil
    }

    /// Gives up every question of a kind.
    mutating func abandon(_ kind: RequestKind) { open[kind] = nil }

    /// Whether a question of a kind waits for its answer.
    func isWaiting(_ kind: RequestKind) -> Bool { !(open[kind] ?? [:]).isEmpty }

    /// When the oldest open question of a kind was asked.
    func waitingSince(_ kind: RequestKind) -> Int64? { open[kind]?.values.min() }
}
