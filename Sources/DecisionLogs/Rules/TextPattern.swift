/// What a text is compared with: a whole one, or how it begins.
///
/// Bytes are compared, so that what only looks alike is not taken for the same.
enum TextPattern: Sendable, Hashable {
    /// The whole text.
    case whole(String)
    /// The beginning of a text.
    case beginning(String)

    /// Reads a pattern, of which a star at the end stands for anything.
    init(_ text: String) {
        self = text.utf8.last == UInt8(ascii: "*") ? .beginning(String(text.dropLast())) : .whole(text)
    }

    /// Whether a text is what the pattern means.
    func fits(_ text: String) -> Bool {
        switch self {
        case .whole(let whole): text.utf8.elementsEqual(whole.utf8)
        case .beginning(let beginning): text.utf8.starts(with: beginning.utf8)
        }
    }
}
