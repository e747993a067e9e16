import Decisions
import VectorStores

/// The exit codes every command shares.
enum CommandExit: Int32, Error {
    /// Done.
    case done = 0
    /// Failed; one sentence said what, where and what to do.
    case failed = 1
    /// The command line, query, address or size is not usable.
    case usage = 2
    /// Done, but some input was rejected.
    case someRejected = 3
    /// Cancelled by the person.
    case cancelled = 130
}

/// A failure with the sentence it is told in.
struct CommandFailure: Error {
    var exit: CommandExit
    var message: String

    /// A failure of the work itself.
    static func failed(_ message: String) -> CommandFailure {
        CommandFailure(exit: .failed, message: message)
    }

    /// A command line that cannot be used.
    static func usage(_ message: String) -> CommandFailure {
        CommandFailure(exit: .usage, message: message)
    }
}

/// The exit code of an error from a store.
func exitForStoreError(_ error: any Error) -> CommandExit {
    if error is QueryError { return .usage }
    guard let error = error as? StoreError else { return .failed }
    switch error.code {
    case .usage, .ambiguousID: return .usage
    case .cancelled: return .cancelled
    default: return .failed
    }
}

/// The sentence of an error; errors of this project describe themselves.
func describe(_ error: any Error) -> String {
    "\(error)"
}
