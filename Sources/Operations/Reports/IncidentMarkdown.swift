public import AnomalyDetection
import Decisions
import VectorStores

/// An incident as Markdown: for a ticket, a chat or the page of a post-mortem.
public struct IncidentMarkdown {
    private let incident: Incident
    private let store: String?
    private let reach: IncidentReach?

    /// An incident of a store; without the store's name or address the commands name none, and without what they got
    /// since that is left out.
    public init(_ incident: Incident, store: String?, reach: IncidentReach? = nil) {
        self.incident = incident
        self.store = store
        self.reach = reach
    }

    /// The document.
    public var text: String {
        heading + facts + list("Why", incident.why.map(MarkdownText.prose)) + neighbours + novelty + gains
            + list("What they got", incident.isOfNoDecision ? [] : reach?.lines(MarkdownText.code) ?? [])
            + triage + notes
            + "\n## Commands\n\n" + MarkdownText.commands(commands)
    }

    private var heading: String {
        let key = incident.key
        return
            "# \(incident.severity.rawValue.uppercased()) \(incident.id): \(MarkdownText.code(key.principal)) on "
            + "\(MarkdownText.code(key.kind)), \(key.effect.rawValue)\n\n"
    }

    private var facts: String {
        let key = incident.key
        var lines = [
            "state: \(IncidentWords.standing(incident))",
            "tenant: \(MarkdownText.code(key.tenant))",
            "seen: \(IncidentWords.count(incident)), from \(incident.first) to \(incident.last)",
            "actions: \(codes(incident.actions))",
        ]
        if !incident.addresses.isEmpty { lines.append("from: \(codes(incident.addresses))") }
        let score = Int((incident.score * 1_000).rounded())
        lines.append("score: \(score / 1_000).\(String(1_000 + score % 1_000).dropFirst())")
        return lines.map { "- \($0)\n" }.joined()
    }

    private var neighbours: String {
        if incident.isOfNoDecision { return "" }
        func line(_ name: String, _ past: Evidence.Neighbour?) -> String? {
            guard let past else { return nil }
            let decision = past.decision
            let target =
                decision.resource.id.map { "\(decision.resource.kind)/\($0)" } ?? decision.resource.kind
            let differs = past.differs.isEmpty ? "" : "; differs: \(past.differs.joined(separator: ", "))"
            return "\(name): \(MarkdownText.code(decision.principal.id)) "
                + "\(MarkdownText.code(decision.actions.joined(separator: ","))) \(MarkdownText.code(target)), "
                + decision.effect.rawValue + differs
        }
        let lines = [
            line("the nearest", incident.evidence.nearest),
            line("its own nearest", incident.evidence.nearestOwn),
        ].compactMap(\.self)
        return list("Nearest past decisions", lines.isEmpty ? ["none is near"] : lines)
    }

    /// The parts of the score, and which tokens make it far.
    private var novelty: String {
        if incident.isOfNoDecision { return "" }
        let channels = incident.evidence.channels
        func percent(_ share: Double) -> String {
            let tenths = Int((min(max(share, 0), 1) * 1_000).rounded(.down))
            return "\(tenths / 10).\(tenths % 10) %"
        }
        let parts =
            "stranger than the past by distance \(percent(channels.distance)), rarity "
            + "\(percent(channels.rarity)), first seen \(percent(channels.firstSeen))"
        let tokens = incident.evidence.novelTokens.map {
            "new: \(MarkdownText.code($0.token)), \(percent($0.share)) of the vector"
        }
        return list("What is new", [parts] + tokens)
    }

    private var gains: String {
        let more = incident.resourceCount - incident.resources.count
        return list(
            incident.key.effect == .deny ? "What was tried" : "What was reached",
            incident.resources.map(MarkdownText.code) + (more > 0 ? ["and \(more) more"] : []))
    }

    private var triage: String {
        list(
            "Triage",
            incident.history.map { "\($0.time) \(MarkdownText.code($0.who)) \(IncidentWords.act($0))" })
    }

    private var notes: String {
        list(
            "Notes",
            incident.notes.map { "\($0.time) \(MarkdownText.code($0.who)): \(MarkdownText.prose($0.text))" })
    }

    private var commands: [String] {
        let place = store.map { ["--store", $0] } ?? []
        var lines = [
            ShellWord.line(["verdict", "console"] + place + ["--incident", incident.id]),
            ShellWord.line(["verdict", "incident", incident.id, "ack"] + place),
        ]
        if !incident.isOfNoDecision {
            lines.append(ShellWord.line(["verdict", "search", IncidentWords.query(incident)] + place))
        }
        return lines
    }

    private func codes(_ texts: [String]) -> String { texts.map(MarkdownText.code).joined(separator: ", ") }

    private func list(_ title: String, _ lines: [String]) -> String {
        lines.isEmpty ? "" : "\n## \(title)\n\n" + lines.map { "- \($0)\n" }.joined()
    }
}

/// Incidents in words, for text that leaves the program.
public enum IncidentWords {
    /// Where its triage stands: `acknowledged, assigned to ana, snoozed until …`.
    public static func standing(_ incident: Incident) -> String {
        var parts = [incident.state.rawValue]
        if let resolution = incident.resolution { parts[0] += " as \(resolution.words)" }
        if let assignee = incident.assignee { parts.append("assigned to \(PrintedText.escaped(assignee))") }
        if let snooze = incident.snooze { parts.append(self.snooze(snooze, count: incident.count)) }
        return parts.joined(separator: ", ")
    }

    /// How many decisions it has, or how often that came which is none.
    public static func count(_ incident: Incident) -> String {
        PrintedNumber.counted(incident.count, incident.isOfNoDecision ? "time" : "decision")
    }

    /// Until when it is put off: `snoozed until 2026-…`, `snoozed for 7 more decisions`.
    public static func snooze(_ snooze: Snooze, count: Int) -> String {
        switch snooze {
        case .until(let time): "snoozed until \(time)"
        case .members(let wanted):
            "snoozed for \(PrintedNumber.counted(max(0, wanted - count), "more decision"))"
        }
    }

    /// What somebody did, in words: `resolved it as expected`.
    public static func act(_ entry: Incident.TriageEntry) -> String {
        switch entry.act {
        case .acknowledge: "acknowledged it"
        case .resolve: "resolved it" + (entry.after.resolution.map { " as \($0.words)" } ?? "")
        case .reopen: "reopened it"
        case .snooze:
            switch entry.after.snooze {
            case .until(let time)?: "put it off until \(time)"
            case .members(let count)?: "put it off until it has \(PrintedNumber.counted(count, "decision"))"
            case nil: "put it off"
            }
        case .wake: "ended its snooze"
        case .assign:
            entry.after.assignee.map { "gave it to \(PrintedText.escaped($0))" }
                ?? "took it from its assignee"
        case .note: "wrote a note"
        case .undo:
            entry.note == nil
                ? "took that back: \(entry.from.rawValue) → \(entry.to.rawValue)" : "took a note back"
        case .change: "\(entry.from.rawValue) → \(entry.to.rawValue)"
        }
    }

    /// A query that finds the decisions of its story.
    static func query(_ incident: Incident) -> String {
        let key = incident.key
        var parts: [String] = []
        if !key.tenant.isEmpty { parts.append("tenant:\(operand(key.tenant))") }
        if key.principal != IncidentBook.burstName { parts.append("principal:\(operand(key.principal))") }
        if key.kind != IncidentBook.burstName { parts.append("kind:\(operand(key.kind))") }
        parts.append("effect:\(key.effect.rawValue)")
        return parts.joined(separator: " ")
    }

    private static func operand(_ text: String) -> String {
        var result = "\""
        for character in text {
            if character == "\"" || character == "\\" { result.append("\\") }
            result.append(character)
        }
        return result + "\""
    }
}
