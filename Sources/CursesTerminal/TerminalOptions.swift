import Glibc
public import TerminalUI

/// How the terminal is to be used.
public struct TerminalOptions: Sendable {
    /// Whether frames are bracketed so that the terminal shows each one whole.
    public enum SynchronizedOutput: String, Sendable {
        /// If the terminal says that it can.
        case automatic = "auto"
        /// Always.
        case on
        /// Never.
        case off
    }

    /// Where keys come from.
    public var inputDescriptor: Int32 = 0
    /// Where pictures go to.
    public var outputDescriptor: Int32 = 1
    /// The terminal's type; nil takes `TERM`.
    public var terminalType: String?
    /// How many colours; nil looks at the environment and the terminal.
    public var colorDepth: ColorDepth?
    /// Which glyphs; nil takes what the locale allows.
    public var glyphs: GlyphSet?
    /// Whether the mouse is used; when not, its mode is never enabled.
    public var usesMouse = false
    /// Whether frames are bracketed.
    public var synchronizedOutput = SynchronizedOutput.automatic
    /// Whether the terminal is asked for its background; the answer is an event, if it comes.
    public var asksBackground = false
    /// The window's title; empty leaves it alone.
    public var title = ""
    /// A file that keeps what libraries write to standard error meanwhile; it is printed at the end
    /// with or without one.
    public var errorLogPath: String?
    /// Where compiled terminal descriptions are kept; nil uses a directory that is removed again.
    public var cacheDirectory: String?
    /// How long a lone Escape waits for the rest of a sequence, in milliseconds.
    public var escapeDelayMilliseconds: Int32 = 25
    /// The size to assume where the descriptor is no terminal; tests draw into files with it.
    public var headlessSize: Size?
    /// Looks up a variable of the environment.
    public var environment: @Sendable (String) -> String?

    /// The usual options over an environment.
    public init(environment: @escaping @Sendable (String) -> String?) {
        self.environment = environment
    }
}

/// Why a terminal cannot be used.
public struct TerminalError: Error, CustomStringConvertible, Equatable {
    /// What, where, and what to do, in one sentence.
    public let description: String

    /// The system's words for an error number.
    static func reason(_ number: Int32) -> String {
        unsafe String(cString: strerror(number))
    }
}
