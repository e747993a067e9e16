/// What is wrong with a rule or a place that somebody wrote, and what to write instead.
public struct LogSettingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
