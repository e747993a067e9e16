/// Why policies could not be read: the line, what is wrong there, and what to write instead.
public struct PolicyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The line of the policy text, from 1.
    public var line: Int
    /// What is wrong and what to do.
    public var problem: String

    /// Creates an error.
    public init(line: Int, problem: String) {
        self.line = line
        self.problem = problem
    }

    /// One sentence: where, what, what to do.
    public var description: String { "policies, line \(line): \(problem)" }
}
