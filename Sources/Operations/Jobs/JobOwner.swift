/// Who runs a job: a person, and the process that works for them.
public struct JobOwner: Sendable, Hashable, CustomStringConvertible {
    /// The person.
    public var user: String
    /// The machine's name.
    public var host: String
    /// The process's number.
    public var processID: Int
    /// What the process was started as: `verdict rebuild`.
    public var command: String

    /// Creates an owner.
    public init(user: String, host: String, processID: Int, command: String) {
        self.user = user
        self.host = host
        self.processID = processID
        self.command = command
    }

    /// Whether the same process works for both, whoever asked for it.
    func isSameProcess(as other: JobOwner) -> Bool {
        (host, processID, command) == (other.host, other.processID, other.command)
    }

    /// The owner in a sentence: `ada@alpha (pid 812)`.
    public var description: String { "\(user)@\(host) (pid \(processID))" }
}
