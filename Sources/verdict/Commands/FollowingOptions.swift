import ArgumentParser
import Operations

/// How a command follows logs.
struct FollowingOptions: ParsableArguments {
    @Flag(name: .long, help: "Read followed files from their first lines, not from where they were left.")
    var fromStart = false

    @Option(
        name: .customLong("reorder"),
        help: ArgumentHelp(
            "Hold followed decisions back for so long to sort them by their times; 0 not to.",
            valueName: "seconds"))
    var reorderSeconds = FollowOptions.usualReorderSeconds

    func validate() throws {
        guard (0...FollowOptions.longestReorderSeconds).contains(reorderSeconds) else {
            throw ValidationError(
                "--reorder takes 0 to \(FollowOptions.longestReorderSeconds) seconds; not \(reorderSeconds)")
        }
    }
}
