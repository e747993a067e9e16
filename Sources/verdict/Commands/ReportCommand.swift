import ArgumentParser
import Decisions
import Operations
import VectorStores

/// Writes what a shift hands over to the next one.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write the shift handover as Markdown.",
        discussion: """
            Waiting by severity, in work by assignee, put off until when, what began and what was resolved, silent \
            sources, notes, and what was done to the store. Made from what the store keeps; nothing is changed.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "When the shift began: so long ago (8h), or an RFC 3339 time.", valueName: "age|time"))
    var since = "8h"

    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    /// The most entries of the activity log that are looked at.
    private static let maximumActs = 10_000

    func run() async throws {
        let now = try storeOptions.namedNow() ?? WallClock.now()
        let from = try start(before: now)
        let resolved = try storeOptions.resolveDurable()
        let store = try await StoreOpening.open(resolved, access: .read)
        let report: ShiftReport
        do {
            if let reason = await store.capabilities.noDecisionsReason {
                throw CommandFailure.usage(
                    "\(printable(resolved.name)): there is no shift to hand over, since \(reason)")
            }
            let incidents = try await IncidentReading.incidents(of: store) {
                StandardError.write("verdict: \(printable($0))\n")
            }
            report = ShiftReport(
                incidents: incidents, activity: try await ActivityLog.newest(Self.maximumActs, of: store),
                store: resolved.name, from: from, to: now)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        if output.json { return try StandardOutput.shared.write(json: report.json) }
        try StandardOutput.shared.write(report.markdown)
    }

    private func start(before now: Timestamp) throws -> Timestamp {
        if let span = RelativeTime(since), span.seconds != 0 {
            let seconds = span.seconds.magnitude
            return now.advanced(bySeconds: -Int64(seconds))
        }
        guard let time = Timestamp(since), time < now else {
            throw CommandFailure.usage(
                "--since takes an age such as 8h or an RFC 3339 time that is past, not '\(printable(since))'")
        }
        return time
    }
}
