public import Decisions
public import Operations
public import TerminalUI

/// Draws one frame without a terminal: keys go through the same update as a person's.
public struct FrameRenderer: Sendable {
    /// What is drawn.
    public enum Subject: Sendable, Hashable {
        /// A numbered view.
        case view(ConsoleView)
        /// The help, over the overview.
        case help

        /// A subject by its name: a view's name or `help`.
        public init?(name: String) {
            if name == "help" {
                self = .help
            } else if let view = ConsoleView(rawValue: name) {
                self = .view(view)
            } else {
                return nil
            }
        }

        /// Every name a subject can be called by.
        public static let names = ConsoleView.allCases.map(\.rawValue) + ["help"]
    }

    /// What is drawn.
    public var subject: Subject
    /// How large.
    public var size: Size
    /// Which glyphs.
    public var glyphs: GlyphSet
    /// What the clock shows.
    public var now: Timestamp

    /// Milliseconds between two keys: more than any question stays deaf.
    static let keyMilliseconds: Int64 = 500

    /// A renderer of a subject at a size.
    public init(_ subject: Subject, size: Size, now: Timestamp, glyphs: GlyphSet = .braille) {
        self.subject = subject
        self.size = size
        self.now = now
        self.glyphs = glyphs
    }

    /// A console that stands still, ready to be drawn.
    public struct Picture: Sendable {
        let state: ConsoleState

        /// Draws it.
        public func draw() -> Surface {
            var surface = Surface(size: state.size, glyphs: state.glyphs)
            state.draw(on: &surface)
            return surface
        }
    }

    /// Draws a snapshot after keys were pressed; the client answers before the next key.
    public func frame(
        _ snapshot: ConsoleSnapshot, keys: [Key] = [], client: any ConsoleClient
    ) async -> Surface {
        await picture(snapshot, keys: keys, client: client).draw()
    }

    /// The console as it stands after keys were pressed.
    public func picture(
        _ snapshot: ConsoleSnapshot, keys: [Key] = [], client: any ConsoleClient
    ) async -> Picture {
        var view = ConsoleView.overview
        if case .view(let wanted) = subject { view = wanted }
        var state = ConsoleState(size: size, now: now, glyphs: glyphs, view: view)
        var milliseconds: Int64 = 0
        let answerer = ConsoleAnswerer(client: client)
        func run(_ action: ConsoleAction) async {
            var pending = state.update(action)
            while !pending.isEmpty {
                guard case .ask(let question, let ticket) = pending.removeFirst() else { continue }
                pending += state.update(.answer(await answerer.answer(question), ticket))
            }
        }
        await run(.tick(now: now, milliseconds: 0))
        await run(.snapshot(snapshot))
        if view != .overview {
            // A view is shown as its key shows it: Search has asked its first question.
            await run(.key(.character(Character(String(view.number))), milliseconds: 0))
        }
        for key in keys {
            milliseconds += Self.keyMilliseconds
            await run(.tick(now: now, milliseconds: milliseconds))
            await run(.key(key, milliseconds: milliseconds))
        }
        if subject == .help, keys.isEmpty { await run(.key(.character("?"), milliseconds: milliseconds)) }
        return Picture(state: state)
    }
}
