/// What is wrong in a file, and where.
public struct ConfigurationError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The file's name; empty for text without one.
    public let file: String
    /// The line, from 1; nil when the file as a whole is meant.
    public let line: Int?
    /// What is wrong and what to do.
    public let problem: String

    /// A problem at a place.
    public init(file: String, line: Int? = nil, problem: String) {
        self.file = file
        self.line = line
        self.problem = problem
    }

    /// The place and the problem in one sentence.
    public var description: String {
        let place = [file, line.map(String.init) ?? ""].filter { !$0.isEmpty }.joined(separator: ":")
        return place.isEmpty ? problem : place + ": " + problem
    }
}
