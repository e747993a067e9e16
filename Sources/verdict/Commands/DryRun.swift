import DecisionLogs
import Decisions
import Operations
import TerminalUI

/// What `ingest --dry-run` tells: format, how full each field is, five mapped examples, what rules would leave out,
/// what the log cannot show, and what a day of it brings.
enum DryRun {
    /// Events dated later than this past the wall clock are not believed, as a store does not believe them.
    private static let believedSeconds: Int64 = 86_400

    static func run(_ logs: LogOptions, parser: LineParser, json: Bool) throws {
        let started = ContinuousClock().now
        // Rules are looked at here and not by the parser, so that each can tell what it would do.
        let reading = LineParser(
            format: parser.format, tenantRule: parser.tenantRule, mappings: parser.mappings)
        var report = FormatReport(
            rules: parser.rules, latest: WallClock.now().advanced(bySeconds: believedSeconds))
        let remainder = try LogReading.forEachItem(of: logs, by: reading) { report.add($0) }
        try StandardOutput.shared.write(
            json
                ? jsonText(report, remainder, seconds: started.secondsUntilNow)
                : text(report, logBytes: remainder.bytes))
        if report.rejected > 0 { throw CommandExit.someRejected }
    }

    private static func jsonText(
        _ report: FormatReport, _ remainder: LogReading.Remainder, seconds: Double
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
        writer.value(.array(remainder.rejects.map { .object($0.json) }))
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
        writer.key("rules")
        writer.value(.array(report.rules.map { .object($0.json) }))
        writer.key("log")
        writer.value(.object(report.volume.json(logBytes: remainder.bytes)))
        writer.key("per_day")
        writer.value(report.volume.day(logBytes: remainder.bytes).map { .object($0.json) } ?? .null)
        writer.key("not_shown")
        writer.value(
            .array(
                report.gaps.map { .object(["format": .string($0.format), "what": .string($0.sentence)]) }))
        writer.key("examples")
        writer.beginArray()
        for example in report.examples { example.write(to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.text + "\n"
    }

    private static func text(_ report: FormatReport, logBytes: Int) -> String {
        let formats = report.formats.sorted { $0.value > $1.value }.map { "\($0.key) \(grouped($0.value))" }
        var text = counted(report.decisions, "decision")
        if !formats.isEmpty { text += " (\(formats.joined(separator: ", ")))" }
        text += ", \(grouped(report.skipped)) skipped"
        if report.leftOut > 0 { text += " (\(grouped(report.leftOut)) left out by rules)" }
        text += ", \(grouped(report.rejected)) rejected; nothing was stored\n\n"
        var table = TextTable([("FIELD", .left), ("FILLED", .right)])
        for (name, share) in report.filledShares {
            table.append([name, fixed(share * 100, digits: 1) + " %"])
        }
        text += table.text
        text += rulesText(report)
        text += report.volume.text(logBytes: logBytes)
        text += gapsText(report)
        if !report.examples.isEmpty { text += "\nMapped examples:\n" }
        for example in report.examples { text += printable(example.nativeLine()) + "\n" }
        return text
    }

    private static func rulesText(_ report: FormatReport) -> String {
        guard !report.rules.isEmpty else { return "" }
        let all = report.decisions + report.leftOut
        var table = TextTable([("MEANT", .right), ("LEFT OUT", .right), ("", .right), ("RULE", .left)])
        for rule in report.rules {
            let share = all == 0 ? 0 : Double(rule.leftOut) / Double(all) * 100
            table.append(
                [grouped(rule.meant), grouped(rule.leftOut), fixed(share, digits: 1) + " %", rule.rule])
        }
        return "\n" + table.text
    }

    private static func gapsText(_ report: FormatReport) -> String {
        let gaps = report.gaps
        guard !gaps.isEmpty else { return "" }
        var table = TextTable([("FORMAT", .left), ("WHAT THIS LOG CANNOT SHOW", .left)])
        for gap in gaps { table.append([gap.format, gap.sentence]) }
        return "\n" + table.text
    }
}

extension FormatReport.RuleCount {
    /// The count as the command prints it.
    fileprivate var json: JSONObject {
        ["rule": .string(rule), "meant": .integer(meant), "left_out": .integer(leftOut)]
    }
}

extension LogVolume {
    /// What was read, as the command prints it.
    fileprivate func json(logBytes: Int) -> JSONObject {
        [
            "first": .time(first), "last": .time(last),
            "seconds": spanSeconds.map { JSONValue.decimal($0, digits: 3) } ?? .null, "rows": .integer(rows),
            "bytes": .integer(logBytes), "line_bytes": .integer(lineBytes), "misdated": .integer(misdated),
        ]
    }

    /// What was read, and what a day brings by that.
    fileprivate func text(logBytes: Int) -> String {
        guard let first, let last, let spanSeconds else { return misdatedText }
        let span = Self.spanText(spanSeconds)
        var text =
            "\nFrom \(first) to \(last), \(span): \(counted(rows, "row")), \(bytesText(logBytes)) of log.\n"
        if let day = day(logBytes: logBytes) {
            let part = spanSeconds < 86_400 ? ", a part of a day: peaks and nights may differ" : ""
            text += """
                A day brings about \(grouped(day.rows)) rows and \(Self.sizeText(day.logBytes)) of log as it \
                lies there; a store keeps
                \(Self.sizeText(day.lineBytes)) of native lines of that, before vectors and index. That is the average \
                over \(span)\(part).

                """
        } else {
            text += "What a day brings cannot be told from that: name files that span more.\n"
        }
        return text + misdatedText
    }

    private var misdatedText: String {
        misdated == 0
            ? ""
            : "\(counted(misdated, "event")) \(misdated == 1 ? "is" : "are") dated before 2000 or more than a "
                + "day ahead, and not in that.\n"
    }

    private static func sizeText(_ bytes: Double) -> String {
        Int(exactly: bytes.rounded()).map(bytesText) ?? "–"
    }

    private static func spanText(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: fixed(seconds, digits: 0) + " s"
        case ..<7_200: fixed(seconds / 60, digits: 0) + " min"
        case ..<172_800: fixed(seconds / 3_600, digits: 0) + " h"
        default: fixed(seconds / 86_400, digits: 1) + " days"
        }
    }
}

extension LogVolume.Day {
    /// The estimate as the command prints it.
    fileprivate var json: JSONObject {
        [
            "rows": .decimal(rows, digits: 0), "bytes": .decimal(logBytes, digits: 0),
            "line_bytes": .decimal(lineBytes, digits: 0),
        ]
    }
}
