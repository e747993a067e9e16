/// Something that was to come about did not in time.
struct Overdue: Error, CustomStringConvertible {
    var description: String
}

/// How long a test waits for what another process does, before it fails.
///
/// Generous, as the machine may be busy; a test that passes never waits longer than it must.
let patienceSeconds = 120.0

/// Asks again, some times a second, until the answer is yes.
func eventually(
    _ what: @autoclosure () -> String, seconds: Double = patienceSeconds, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
        if try await condition() { return }
        if ContinuousClock.now > deadline { throw Overdue(description: "not in \(seconds) s: \(what())") }
        try await Task.sleep(for: .milliseconds(30))
    }
}
