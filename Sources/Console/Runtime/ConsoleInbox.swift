import Locks
import Operations
import TerminalUI

/// What waits to be taken in: any task puts in, the runtime takes everything at once.
final class ConsoleInbox: Sendable {
    /// Something that came from outside.
    enum Item: Sendable {
        case terminal(TerminalEvent)
        case answer(ConsoleAnswer, RequestTicket)
        case clipboard(ClipboardAnswer)
        case snapshot(ConsoleSnapshot)
    }

    /// Everything that waited, what a person did first.
    struct Batch: Sendable {
        var events: [TerminalEvent] = []
        var answers: [(ConsoleAnswer, RequestTicket)] = []
        var clipboard: ClipboardAnswer?
        /// Only the newest picture counts.
        var snapshot: ConsoleSnapshot?
    }

    /// The most events kept while the runtime is busy; a stuck key must not fill the memory.
    static let maximumEvents = 4_096

    private let waiting = Mutex(Batch())
    /// Rings when something waits; one ring stands for any number of items.
    let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    init() {
        (bell, ringer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Puts something in and rings.
    func put(_ item: Item) {
        waiting.withLock { batch in
            switch item {
            case .terminal(let event):
                if batch.events.count < Self.maximumEvents { batch.events.append(event) }
            case .answer(let answer, let ticket): batch.answers.append((answer, ticket))
            case .clipboard(let answer): batch.clipboard = answer
            case .snapshot(let snapshot): batch.snapshot = snapshot
            }
        }
        ring()
    }

    /// Rings without putting anything in: time has passed.
    func ring() { ringer.yield() }

    /// Takes everything.
    func take() -> Batch {
        waiting.withLock { batch in
            defer { batch = Batch() }
            return batch
        }
    }
}
