import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import VectorStores

@testable import Console

/// A console driven by key names, without a terminal, a client or a clock.
struct Harness {
    var state: ConsoleState
    var milliseconds: Int64 = 0
    /// Everything that was asked for so far.
    var requests: [ConsoleRequest] = []

    init(
        _ view: ConsoleView = .overview, width: Int = 120, height: Int = 36,
        snapshot: ConsoleSnapshot? = Fixture.snapshot(), incident: String? = nil
    ) {
        state = ConsoleState(
            size: Size(width: width, height: height), now: Fixture.now, view: view, incident: incident)
        if let snapshot { take(.snapshot(snapshot)) }
    }

    mutating func take(_ action: ConsoleAction) { requests += state.update(action) }

    /// Presses keys half a second apart and returns what they asked for.
    @discardableResult
    mutating func press(_ keys: String, apart: Int64 = 500) -> [ConsoleRequest] {
        let before = requests.count
        for key in Key.sequence(keys) {
            milliseconds += apart
            take(.key(key, milliseconds: milliseconds))
        }
        return Array(requests[before...])
    }

    /// Answers the newest question of a kind.
    mutating func answer(_ answer: ConsoleAnswer, _ kind: RequestKind) {
        guard let ticket = ticket(kind) else { return }
        take(.answer(answer, ticket))
    }

    /// The newest ticket of a kind.
    func ticket(_ kind: RequestKind) -> RequestTicket? {
        questions.last { $0.1.kind == kind }?.1
    }

    /// What was asked of the client so far.
    var questions: [(ConsoleQuestion, RequestTicket)] {
        requests.compactMap { request in
            if case .ask(let question, let ticket) = request { return (question, ticket) }
            return nil
        }
    }

    /// The picture as text.
    var picture: String {
        var surface = Surface(size: state.size, glyphs: state.glyphs)
        state.draw(on: &surface)
        return surface.plainText
    }
}
