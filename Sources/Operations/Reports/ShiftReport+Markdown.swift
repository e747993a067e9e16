import AnomalyDetection
public import Decisions
import VectorStores

extension ShiftReport {
    /// The report as Markdown.
    public var markdown: String {
        var text = "# Shift handover: \(MarkdownText.code(store))\n\n\(from) to \(to)\n\n\(summary)\n"
        text += section("Waiting for somebody", open.map { line($0) })
        text += section("In work", byAssignee)
        text += section("Put off", snoozed.map { line($0) })
        text += section(
            "Silent sources",
            silent.map {
                "\(MarkdownText.code($0.key.principal)) since \($0.signal?.raised ?? $0.first), \($0.id); "
                    + MarkdownText.prose(IncidentWords.standing($0))
            })
        text += section("Began in this shift", opened.map { "\($0.first) \(line($0))" })
        text += section("Resolved in this shift", closed.map { line($0.incident, $0.entry) })
        text += section("Notes", notes)
        text += section(
            "Who", people.map { "\(MarkdownText.code($0.who)): \(PrintedNumber.counted($0.acts, "act"))" })
        text += section("Done to the store", acts.map { line($0) })
        text += "\n## Where to go on\n\n"
        return text + MarkdownText.commands(commands)
    }

    /// The counts in a sentence.
    public var summary: String {
        let critical = open.count { $0.severity == .critical }
        let worst = critical > 0 ? " (\(critical) critical)" : ""
        return "\(open.count) waiting\(worst), \(taken.count) in work, \(snoozed.count) put off, "
            + "\(PrintedNumber.counted(silent.count, "silent source")); in this shift \(opened.count) began and "
            + "\(closed.count) were resolved."
    }

    private func section(_ title: String, _ lines: [String]) -> String {
        "\n## \(title)\n\n" + (lines.isEmpty ? "none\n" : lines.map { "- \($0)\n" }.joined())
    }

    private func line(_ incident: Incident) -> String {
        let key = incident.key
        let why = incident.why.first.map { ": " + MarkdownText.prose($0) } ?? ""
        return "**\(incident.severity.rawValue)** \(incident.id) \(MarkdownText.code(key.principal)) on "
            + "\(MarkdownText.code(key.kind)) (\(key.effect.rawValue)), tenant \(MarkdownText.code(key.tenant)), "
            + "\(IncidentWords.count(incident)), last \(incident.last); "
            + MarkdownText.prose(IncidentWords.standing(incident)) + why
    }

    private func line(_ incident: Incident, _ entry: Incident.TriageEntry) -> String {
        let resolution = incident.resolution.map { " as \($0.words)" } ?? ""
        return "\(entry.time) \(incident.id)\(resolution) by \(MarkdownText.code(entry.who)): "
            + "\(MarkdownText.code(incident.key.principal)) on \(MarkdownText.code(incident.key.kind))"
    }

    private func line(_ entry: ActivityEntry) -> String {
        "\(entry.event.time) \(MarkdownText.code(entry.event.who)) \(MarkdownText.prose(entry.sentence))"
    }

    /// What is in work, under who works on it; what nobody was given stands under who took it on.
    private var byAssignee: [String] {
        func name(_ incident: Incident) -> String {
            incident.assignee ?? incident.history.last { $0.to == .acknowledged }?.who ?? ""
        }
        return taken.sorted { (name($0), $0.severity.rawValue) < (name($1), $1.severity.rawValue) }
            .map { "\(MarkdownText.code(name($0))): \(line($0))" }
    }

    private var notes: [String] {
        stories.flatMap { incident in
            incident.notes.filter { $0.time >= from && $0.time <= to }.map { note in
                "\(note.time) \(incident.id) \(MarkdownText.code(note.who)): \(MarkdownText.prose(note.text))"
            }
        }
    }

    private var commands: [String] {
        let place = ["--store", store]
        let first = (open + taken).first.map {
            [ShellWord.line(["verdict", "console"] + place + ["--incident", $0.id])]
        }
        return (first ?? []) + [
            ShellWord.line(["verdict", "anomalies", "state:new or state:reopened"] + place)
        ]
    }

    /// The same facts as one object.
    public var json: JSONObject {
        func ids(_ incidents: [Incident]) -> JSONValue { .array(incidents.map { .string($0.id) }) }
        func number(_ count: Int) -> JSONValue { .number(String(count)) }
        var severities = JSONObject()
        for severity in Incident.Severity.allCases.reversed() {
            severities[severity.rawValue] = number(open.count { $0.severity == severity })
        }
        return [
            "store": .string(store), "from": .string(from.description), "to": .string(to.description),
            "open": ids(open), "open_by_severity": .object(severities), "acknowledged": ids(taken),
            "assignees": .object(assignees), "snoozed": .array(snoozed.map(Self.snooze)),
            "silent_sources": .array(silent.map { .string($0.key.principal) }), "opened": ids(opened),
            "closed": .array(
                closed.map { closed in
                    .object([
                        "id": .string(closed.incident.id), "who": .string(closed.entry.who),
                        "time": .string(closed.entry.time.description),
                        "resolution": closed.incident.resolution.map { .string($0.rawValue) } ?? .null,
                    ])
                }),
            "acts": .array(acts.map(\.json)),
        ]
    }

    private var assignees: JSONObject {
        var counts: [String: Int] = [:]
        for incident in open + taken { counts[incident.assignee ?? "", default: 0] += 1 }
        var object = JSONObject()
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) { object[name] = .number(String(count)) }
        return object
    }

    private static func snooze(_ incident: Incident) -> JSONValue {
        var object: JSONObject = ["id": .string(incident.id), "until": .null, "decisions": .null]
        switch incident.snooze {
        case .until(let time)?: object["until"] = .string(time.description)
        case .members(let count)?: object["decisions"] = .number(String(max(0, count - incident.count)))
        case nil: break
        }
        return .object(object)
    }
}
