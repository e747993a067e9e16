/// What a terminal reports.
public enum TerminalEvent: Sendable, Hashable {
    /// A key was pressed.
    case key(Key)
    /// Text was pasted; no part of it is a command.
    case paste(String)
    /// The mouse was used.
    case mouse(MouseEvent)
    /// The window got or lost the focus.
    case focus(Bool)
    /// The window has another size.
    case resize(Size)
    /// The program was stopped and is continued; the screen must be drawn anew.
    case resumed
    /// The terminal said whether its background is light.
    case background(isLight: Bool)
    /// The program is asked to end: a signal's number.
    case terminate(signal: Int32)
    /// The terminal is gone; nothing more will be reported.
    case closed
}

/// What was done with the mouse, and where.
public struct MouseEvent: Sendable, Hashable {
    /// What was done.
    public enum Action: Sendable, Hashable {
        /// The left button.
        case click
        /// The left button, twice.
        case doubleClick
        /// The middle button.
        case middleClick
        /// The right button.
        case rightClick
        /// The wheel away from the hand.
        case wheelUp
        /// The wheel toward the hand.
        case wheelDown
    }

    /// What was done.
    public let action: Action
    /// Where.
    public let location: Point

    /// A use of the mouse.
    public init(_ action: Action, at location: Point) {
        self.action = action
        self.location = location
    }
}
