/// A key or a password, which is never printed.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The secret itself, for what is sent.
    let text: String

    /// Takes a secret.
    public init(_ text: String) {
        self.text = text
    }

    /// Its bytes.
    var bytes: [UInt8] { Array(text.utf8) }

    /// What a log or a screen gets.
    public var description: String { "(secret)" }
    /// What a debugger gets.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
