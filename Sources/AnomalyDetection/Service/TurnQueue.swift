/// Lets one piece of asynchronous work run at a time, in the order asked; for use inside an actor,
/// whose isolation alone lets others in at each `await`.
package struct TurnQueue {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// A free turn.
    package init() {}

    /// Takes the turn if it is free.
    package mutating func takeIfFree() -> Bool {
        guard !isTaken else { return false }
        isTaken = true
        return true
    }

    /// Waits in line; the turn is the waiter's when it is resumed.
    package mutating func wait(_ continuation: CheckedContinuation<Void, Never>) {
        waiting.append(continuation)
    }

    /// Hands the turn to the next in line.
    package mutating func pass() {
        if waiting.isEmpty {
            isTaken = false
        } else {
            waiting.removeFirst().resume()
        }
    }
}
