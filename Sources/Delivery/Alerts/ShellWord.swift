/// Words of a command that a person pastes into a shell.
public enum ShellWord {
    /// The word as a POSIX shell reads it back: in single quotes unless it is plain.
    ///
    /// Control characters, which a terminal would act on while they are pasted, become question marks.
    public static func quoted(_ word: String) -> String {
        var safe = ""
        for scalar in word.unicodeScalars {
            safe.unicodeScalars.append(scalar.properties.generalCategory == .control ? "?" : scalar)
        }
        if !safe.isEmpty, safe.utf8.allSatisfy(isPlain) { return safe }
        return "'" + safe.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
            + "'"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "="), UInt8(ascii: "+"),
            UInt8(ascii: ","):
            true
        default: false
        }
    }
}
