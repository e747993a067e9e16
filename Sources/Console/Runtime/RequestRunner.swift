import Locks

/// Runs questions as tasks, each with a deadline; a newer question of a kind stops the older one.
final class RequestRunner: Sendable {
    private let answerer: ConsoleAnswerer
    private let clock: any ConsoleClock
    private let inbox: ConsoleInbox
    /// What works on each question that has no answer yet.
    private let open = Mutex<[RequestTicket: [Task<Void, Never>]]>([:])

    init(answerer: ConsoleAnswerer, clock: any ConsoleClock, inbox: ConsoleInbox) {
        self.answerer = answerer
        self.clock = clock
        self.inbox = inbox
    }

    /// Asks in the background; the answer goes to the inbox, or, when it takes too long, that it did.
    ///
    /// Question and deadline race as tasks of their own: work that does not heed its cancellation cannot
    /// hold the deadline up, and its late answer goes nowhere.
    func run(_ question: ConsoleQuestion, _ ticket: RequestTicket) {
        if ticket.kind.isSuperseding { cancel(ticket.kind) }
        open.withLock { $0[ticket] = [] }
        let (answerer, clock) = (answerer, clock)
        let work = Task { self.settle(ticket, await answerer.answer(question)) }
        let deadline = Task {
            let seconds = ticket.kind.deadlineSeconds
            guard (try? await clock.sleep(milliseconds: Int64(seconds) * 1_000)) != nil else { return }
            self.settle(ticket, .failed("no answer within \(seconds) s; it was given up"))
        }
        let isOpen = open.withLock { open in
            if open[ticket] == nil { return false }
            open[ticket] = [work, deadline]
            return true
        }
        // Answered before it could be noted down.
        if !isOpen { deadline.cancel() }
    }

    /// Stops what runs under a kind.
    func cancel(_ kind: RequestKind) {
        for ticket in open.withLock({ Array($0.keys) }) where ticket.kind == kind {
            settle(ticket, .failed("stopped before an answer came"))
        }
    }

    /// Stops everything.
    func cancelAll() {
        for kind in RequestKind.allCases { cancel(kind) }
    }

    /// Delivers the first answer to a ticket and stops what else works on it; later ones are dropped.
    private func settle(_ ticket: RequestTicket, _ answer: ConsoleAnswer) {
        guard let tasks = open.withLock({ $0.removeValue(forKey: ticket) }) else { return }
        inbox.put(.answer(answer, ticket))
        for task in tasks { task.cancel() }
    }
}
