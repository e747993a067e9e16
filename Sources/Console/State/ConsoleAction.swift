public import Decisions
public import Operations
public import TerminalUI

/// Something that happened to the console.
public enum ConsoleAction: Equatable, Sendable {
    /// A key was pressed, at a time of a clock that never goes back.
    case key(Key, milliseconds: Int64)
    /// Text was pasted; never a command.
    case paste(String)
    /// The terminal has another size.
    case resize(Size)
    /// Time passed.
    case tick(now: Timestamp, milliseconds: Int64)
    /// There is a newer picture of the program.
    case snapshot(ConsoleSnapshot)
    /// The mouse was used.
    case mouse(MouseEvent, milliseconds: Int64)
    /// What became of a text for the clipboard.
    case clipboard(ClipboardAnswer)
    /// A question was answered.
    case answer(ConsoleAnswer, RequestTicket)
}
