import DecisionLogs
import Decisions
import Operations
import TerminalUI

/// What `ingest --dry-run` tells: format, how full each field is, five mapped examples.
enum DryRun {
    static func run(_ logs: LogOptions, json: Bool) throws {
        let started = ContinuousClock().now
        var report = FormatReport()
        let rejects = try LogReading.forEachItem(logs) { report.add($0) }
        try StandardOutput.shared.write(
            json ? jsonText(report, rejects.first, seconds: started.secondsUntilNow) : text(report))
        if report.rejected > 0 { throw CommandExit.someRejected }
    }

    private static func jsonText(
        _ report: FormatReport, _ rejects: [IngestReport.Reject], seconds: Double
    ) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        // The counts of an ingest; nothing is compared with a store, so every decision counts as accepted.
        for (name, count) in [
            ("read", report.decisions + report.skipped + report.rejected), ("accepted", report.decisions),
            ("duplicates", 0), ("merged", 0), ("conflicts", 0), ("skipped", report.skipped),
            ("rejected", report.rejected),
        ] {
            writer.key(name)
            writer.integer(count)
        }
        writer.key("seconds")
        writer.number(fixed(seconds, digits: 3))
        writer.key("rejects")
        writer.value(.array(rejects.map { .object($0.json) }))
        writer.key("formats")
        writer.beginObject()
        for (format, count) in report.formats.sorted(by: { $0.key < $1.key }) {
            writer.key(format)
            writer.integer(count)
        }
        writer.endObject()
        writer.key("filled")
        writer.beginObject()
        for (name, share) in report.filledShares {
            writer.key(name)
            writer.number(fixed(share, digits: 4))
        }
        writer.endObject()
        writer.key("examples")
        writer.beginArray()
        for example in report.examples { example.write(to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.text + "\n"
    }

    private static func text(_ report: FormatReport) -> String {
        let formats = report.formats.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }
        var text = "\(report.decisions) decisions (\(formats.joined(separator: ", "))), "
        text += "\(report.skipped) skipped, \(report.rejected) rejected; nothing was stored\n\n"
        var table = TextTable([("FIELD", .left), ("FILLED", .right)])
        for (name, share) in report.filledShares {
            table.append([name, fixed(share * 100, digits: 1) + " %"])
        }
        text += table.text
        if !report.examples.isEmpty { text += "\nMapped examples:\n" }
        for example in report.examples { text += printable(example.nativeLine()) + "\n" }
        return text
    }
}
