import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import VectorStores

/// An incident's evidence as lines: the verdict and the reason first, then what they rest on.
struct EvidencePage {
    let incident: Incident
    /// The instant ages count from: now, or the end of an old log.
    let now: Timestamp
    /// Whether that is the end of an old log.
    var isLogEnd = false
    /// The oldest decision there is; what is usual counts from it.
    var oldest: Timestamp?
    /// Whose decisions these are, where they are many's and known.
    var principals: [String] = []
    /// What they got since, once it is known.
    var reach = Reach.unasked
    let width: Int
    let glyphs: GlyphSet

    /// How long after its last member an incident counts as going on, in seconds.
    static let activeSeconds = 600.0

    private let labelWidth = 9

    var lines: [Line] {
        if incident.isOfNoDecision { return verdict + signalSubject + standing + why + triage }
        return verdict + subject + standing + why + neighbours + got + since + who + day + timeline + channels
            + novelty + triage
    }

    private var decision: Decision { incident.evidence.decision }

    private var verdict: [Line] {
        let role = DecisionText.role(incident.severity)
        let isRecent = now.secondsSince1970 - incident.last.secondsSince1970 <= Self.activeSeconds
        var spans = [
            Span(
                DecisionText.sign(incident.severity) + " " + incident.severity.rawValue.uppercased(), role,
                .bold),
            Span("  \(incident.id)", .text, .bold), Span("  \(incident.state.rawValue)", .accent),
            Span("  " + counted, .text), Span("  \(span)", .muted),
        ]
        if incident.isOfNoDecision {
            spans.append(signalStanding)
        } else if isRecent {
            spans.append(Span("   " + (isLogEnd ? "log ends here" : "still active"), .warning))
        } else {
            let quiet = "   quiet for \(Age.short(since: incident.last, now: now))"
            // The header says when an old log ends; here it is said where the line has room.
            let atEnd = quiet + " when the log ends"
            let hasRoom = Line(spans + [Span(atEnd, .muted)]).displayWidth + stateGrowth <= width
            spans.append(Span(isLogEnd && hasRoom ? atEnd : quiet, .muted))
        }
        let wrapped = Paragraph([Line(spans)]).wrapped(width: width)
        // A longer state, once it is taken, must not shift what stands below.
        let room = Line(spans).displayWidth + stateGrowth
        return wrapped.count == 1 && room > width ? wrapped + [.empty] : wrapped
    }

    private var counted: String {
        incident.isOfNoDecision ? signalCount : Quantity.counted(incident.count, "decision")
    }

    /// Cells that the longest state takes more than this one.
    private var stateGrowth: Int { Self.longestState - incident.state.rawValue.count }

    private static let longestState = Incident.State.allCases.map(\.rawValue.count).max() ?? 0

    /// From when to when, without repeating the day.
    private var span: String {
        let first = Clock.near(incident.first, now: now)
        if incident.first == incident.last { return first }
        let sameDay = incident.first.dayNumber == incident.last.dayNumber
        return first + " .. " + (sameDay ? Clock.seconds(incident.last) : Clock.near(incident.last, now: now))
    }

    private var subject: [Line] {
        let key = incident.key
        let actions = incident.actions.isEmpty ? decision.actions : incident.actions
        let isMany = incident.resourceCount > 1
        let target = isMany ? DecisionText.kind(incident) + "/*" : DecisionText.resource(decision)
        let addresses =
            incident.addresses.isEmpty ? [decision.source.ip].compactMap { $0 } : incident.addresses
        let own: [Query] = incident.isOfManyPrincipals ? [] : [equals("principal", key.principal)]
        let kind: [Query] = key.kind == IncidentBook.burstName ? [] : [equals("kind", key.kind)]
        var spans = [
            Span(principalName, .identifier, .bold).leading(to: own.isEmpty ? nil : query(own)), Span("  "),
        ]
        spans += listed(actions, 3) { query(own + kind + [equals("action", $0)]) }
        spans += [
            Span(" "),
            Span(target, .text).leading(
                to: isMany
                    ? (kind.isEmpty ? nil : query(kind)) : resourceQuery(DecisionText.resource(decision))),
            Span("  "), DecisionText.sign(key.effect), Span(" "),
            Span(key.effect.rawValue, DecisionText.role(key.effect))
                .leading(to: query(own + kind + [equals("effect", key.effect.rawValue)])),
            Span("   tenant ", .muted),
            Span(ConsoleState.tenantName(key.tenant), .identifier).leading(to: query([])),
        ]
        if !addresses.isEmpty {
            spans.append(Span("  from ", .muted))
            spans += listed(addresses, 2) { query([equals("ip", $0)]) }
        }
        return Paragraph([Line(spans)]).wrapped(width: width)
    }

    /// Who has it and until when it is put off; nothing where there is nothing to tell.
    private var standing: [Line] {
        let parts = TriageText.standing(incident, now: now)
        return parts.isEmpty ? [] : section("NOW", [[Span(parts.joined(separator: " · "), .accent)]])
    }

    private var principalName: String {
        guard incident.isOfManyPrincipals else { return incident.key.principal }
        return principals.isEmpty ? "many principals" : Quantity.counted(principals.count, "principal")
    }

    private var who: [Line] {
        // As many names as two lines hold; the members tell the rest.
        for count in stride(from: min(12, principals.count), to: 0, by: -1) {
            let names = listed(principals, count, .identifier) { query([equals("principal", $0)]) }
            let lines = section("WHO", [names])
            if lines.count <= 2 || count == 1 { return lines }
        }
        return []
    }

    private var why: [Line] {
        var seen: Set<String> = []
        let reasons = (incident.why + incident.evidence.counters).filter { seen.insert($0).inserted }
        let values = ReasonValues(incident)
        return section("WHY", reasons.map { linked(values.parts(ofReason: $0)) })
    }

    private var neighbours: [Line] {
        var lines: [Line] = []
        if let nearest = incident.evidence.nearest {
            lines += section("NEAREST", [neighbour(nearest)])
        } else {
            lines += section("NEAREST", [[Span("no past decision is near", .muted)]])
        }
        if let own = incident.evidence.nearestOwn {
            lines += section("ITS OWN", [neighbour(own)])
        } else {
            lines += section("ITS OWN", [[Span("it decided nothing before", .muted)]])
        }
        return lines
    }

    /// A past decision, the fields that differ in the colour of a warning.
    private func neighbour(_ neighbour: Evidence.Neighbour) -> [Span] {
        let past = neighbour.decision
        let differs = Set(neighbour.differs)
        func field(_ names: [String], _ text: String, _ parts: [Query]) -> Span {
            Span(text, names.contains(where: differs.contains) ? .warning : .text).leading(to: query(parts))
        }
        let who = equals("principal", past.principal.id)
        let kind = equals("kind", past.resource.kind)
        var spans = [
            Span("cos " + Self.cosine(neighbour.similarity) + "  ", .muted),
            field(["principal"], past.principal.id, [who]), Span(" "),
            field(
                ["action", "actions"], past.actions.joined(separator: ","),
                [who] + past.actions.prefix(1).map { equals("action", $0) }), Span(" "),
            field(["kind"], past.resource.kind, [kind]),
        ]
        if let id = past.resource.id, !id.isEmpty {
            spans.append(field(["resource", "id"], "/" + id, [kind, equals("resource", id)]))
        }
        spans += [Span(" "), DecisionText.sign(past.effect)]
        if !neighbour.differs.isEmpty {
            spans += [Span("  differs: ", .muted), Span(neighbour.differs.joined(separator: ", "), .warning)]
        }
        return spans
    }

    private var got: [Line] {
        let resources = incident.resources.isEmpty ? [DecisionText.resource(decision)] : incident.resources
        let verb =
            switch incident.key.effect {
            case .allow: "allowed"
            case .deny: "denied"
            case .conditional: "conditional"
            }
        var spans = [
            Span("\(Quantity.grouped(incident.count)) \(verb)", DecisionText.role(incident.key.effect)),
            Span(": "),
        ]
        spans += listed(resources, max(1, (width - 40) / 16)) { resourceQuery($0) }
        if incident.resourceCount > 1 { spans.append(Span("  (\(incident.resourceCount) distinct)", .muted)) }
        return section("GOT", [spans])
    }

    private var novelty: [Line] {
        let tokens = incident.evidence.novelTokens.prefix(6)
        guard !tokens.isEmpty else { return [] }
        let values = ReasonValues(incident)
        return section(
            "NEW",
            tokens.map { token in
                linked(values.parts(ofToken: token.token))
                    + [Span("  \(Quantity.percent(token.share)) of the vector", .muted)]
            })
    }

    private var triage: [Line] {
        section(
            "TRIAGE",
            incident.history.suffix(5).map { entry in
                [
                    Span(Clock.near(entry.time, now: now) + "  ", .muted), Span(entry.who, .identifier),
                    Span("  " + Self.act(entry)),
                ]
            })
    }

    /// What somebody did; of a note what it says.
    private static func act(_ entry: Incident.TriageEntry) -> String {
        guard entry.act != .acknowledge else { return "\(entry.from.rawValue) → \(entry.to.rawValue)" }
        let note = entry.note.map { ": \($0.text)" } ?? ""
        return IncidentWords.act(entry) + note
    }

    /// Lines under a heading that stands in the margin; wrapped so that nothing is cut off.
    func section(_ title: String, _ rows: [[Span]]) -> [Line] {
        let room = max(8, width - labelWidth)
        let margin = String(repeating: " ", count: labelWidth)
        return rows.enumerated().flatMap { index, spans in
            Paragraph([Line(spans)]).wrapped(width: room).enumerated().map { part, line in
                let isFirst = index == 0 && part == 0
                let head = isFirst ? title + margin.dropFirst(title.count) : margin
                return Line([Span(head, .title, .bold)] + line.spans)
            }
        }
    }

    /// The first of a list, and that there are more.
    static func few(_ items: [String], _ count: Int) -> String {
        items.prefix(count).joined(separator: ", ") + (items.count > count ? ", …" : "")
    }

    /// A cosine without its leading zero: `.46`.
    static func cosine(_ value: Double) -> String {
        let text = Quantity.fixed(value, decimals: 2)
        return text.hasPrefix("0.") ? String(text.dropFirst()) : text
    }
}
