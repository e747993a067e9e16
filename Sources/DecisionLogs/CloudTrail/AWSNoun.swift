/// The kinds of resources that AWS calls are about, told from the calls' names.
enum AWSNoun {
    /// `s3` of `s3.amazonaws.com`.
    static func service(of eventSource: String) -> String {
        let name = eventSource.utf8.prefix { $0 != UInt8(ascii: ".") }
        return name.isEmpty ? eventSource : String(Substring(name))
    }

    /// `Instance` of `RunInstances`: what is left without the interface's version, the verb and the plural.
    ///
    /// The plural is taken off without knowing English (`Access` becomes `Acces`): a kind only has to be the same
    /// for every call about it. A name that is but a verb (`Decrypt`) is its own noun.
    static func noun(of eventName: String) -> String {
        var name = withoutVersion(eventName.utf8[...])
        if name.isEmpty { name = eventName.utf8[...] }
        let noun = withoutVerb(name)
        if !noun.isEmpty { name = noun }
        if name.count > 1, name.last == UInt8(ascii: "s") { name = name.dropLast() }
        return String(Substring(name))
    }

    /// Takes a version off, a date that a revision may follow: `20150331`, `20150331v2`.
    private static func withoutVersion(_ name: Substring.UTF8View) -> Substring.UTF8View {
        let digits = name.reversed().prefix(while: isDigit).count
        let front = name.dropLast(digits)
        if digits > 0, front.last == UInt8(ascii: "v"), endsInDate(front.dropLast()) {
            return front.dropLast(9)
        }
        return endsInDate(name) ? name.dropLast(8) : name
    }

    private static func endsInDate(_ name: Substring.UTF8View) -> Bool {
        let date = name.suffix(8)
        return date.count == 8 && date.allSatisfy(isDigit)
    }

    /// Takes the first word off, and `Batch` in front of it.
    private static func withoutVerb(_ name: Substring.UTF8View) -> Substring.UTF8View {
        if name.starts(with: "Batch".utf8) {
            let rest = name.dropFirst(5)
            let verb = firstWord(of: rest)
            if verb > 0 { return rest.dropFirst(verb) }
        }
        return name.dropFirst(firstWord(of: name))
    }

    /// How many bytes the word in front has: a capital letter and small ones.
    private static func firstWord(of name: Substring.UTF8View) -> Int {
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let smalls = UInt8(ascii: "a")...UInt8(ascii: "z")
        guard let first = name.first, capitals.contains(first) else { return 0 }
        let rest = name.dropFirst().prefix { smalls.contains($0) }.count
        return rest == 0 ? 0 : rest + 1
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
