import Synchronization

/// Runs questions as tasks, each with a deadline; a newer question of a kind stops the older one.
final class RequestRunner: Sendable {
    private let answerer: ConsoleAnswerer
    private let clock: any ConsoleClock
    private let inbox: ConsoleInbox
    private let running = Mutex<[RequestTicket: Task<Void, Never>]>([:])

    init(answerer: ConsoleAnswerer, clock: any ConsoleClock, inbox: ConsoleInbox) {
        self.answerer = answerer
        self.clock = clock
        self.inbox = inbox
    }

    /// Asks in the background; the answer goes to the inbox.
    func run(_ question: ConsoleQuestion, _ ticket: RequestTicket) {
        if ticket.kind.isSuperseding { cancel(ticket.kind) }
        let (answerer, clock, inbox) = (answerer, clock, inbox)
        let task = Task {
            let answer = await Self.answer(question, ticket.kind, answerer, clock)
            inbox.put(.answer(answer, ticket))
            self.forget(ticket)
        }
        running.withLock { $0[ticket] = task }
    }

    /// Stops what runs under a kind.
    func cancel(_ kind: RequestKind) {
        running.withLock { tasks in
            for (ticket, task) in tasks where ticket.kind == kind {
                task.cancel()
                tasks[ticket] = nil
            }
        }
    }

    /// Stops everything.
    func cancelAll() {
        for kind in RequestKind.allCases { cancel(kind) }
    }

    private func forget(_ ticket: RequestTicket) {
        running.withLock { $0[ticket] = nil }
    }

    /// The answer, or that it took too long: whichever comes first.
    private static func answer(
        _ question: ConsoleQuestion, _ kind: RequestKind, _ answerer: ConsoleAnswerer,
        _ clock: any ConsoleClock
    ) async -> ConsoleAnswer {
        await withTaskGroup(of: ConsoleAnswer.self) { group in
            group.addTask { await answerer.answer(question) }
            group.addTask {
                do {
                    try await clock.sleep(milliseconds: Int64(kind.deadlineSeconds) * 1_000)
                    return .failed("no answer within \(kind.deadlineSeconds) s; it was given up")
                } catch {
                    return .failed("stopped before an answer came")
                }
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .failed("no answer came")
        }
    }
}
