/// The files of directories that were passed over as no logs.
public struct LeftOutFiles: Sendable, Hashable {
    /// How many.
    public private(set) var count = 0
    /// The names of the first of them.
    public private(set) var first: [String] = []

    /// How many names are kept.
    public static let maximumNames = 3

    /// No files.
    public init() {}

    mutating func add(_ name: String) {
        count += 1
        if first.count < Self.maximumNames { first.append(name) }
    }

    /// What was left out, and what to do about it; `nil` when nothing was.
    public var sentence: String? {
        guard count > 0 else { return nil }
        let names = first.joined(separator: ", ") + (count > first.count ? ", …" : "")
        let files =
            count == 1
            ? "1 file that is no log by its name" : "\(count) files that are no logs by their names"
        return "left out \(files): \(names); a file that is named itself is read"
    }
}
