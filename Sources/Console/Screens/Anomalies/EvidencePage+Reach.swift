import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import VectorStores

extension EvidencePage {
    /// What is known of what they got.
    enum Reach: Equatable {
        /// Nobody asked.
        case unasked
        /// The store is asked.
        case waiting
        /// It gave no answer.
        case unanswered
        /// It answered.
        case known(IncidentReach)
    }

    /// What they got since the first decision, whether they go on, and who else comes from there.
    var since: [Line] {
        switch reach {
        case .unasked: []
        case .waiting: section("SINCE", [[Span("asking what they got …", .muted)]])
        case .unanswered: section("SINCE", [[Span("not answered; Esc and Enter ask again", .muted)]])
        case .known(let reach): since(reach)
        }
    }

    private func since(_ reach: IncidentReach) -> [Line] {
        let looked = reach.allowed + reach.denied + reach.conditional
        guard looked > 0 else {
            return section("SINCE", [[Span("nothing is stored of what they did since", .muted)]])
        }
        var rows = [counts(reach)]
        let room = max(2, (width - 30) / 18)
        if !reach.actions.isEmpty { rows.append(counted(reach.actions, room)) }
        if !reach.resources.isEmpty {
            let more =
                reach.resourceCount > min(room, reach.resources.count)
                ? [Span("  (\(reach.resourceCount) distinct)", .muted)] : []
            rows.append(counted(reach.resources, room) + more)
        }
        if !reach.addresses.isEmpty {
            rows.append([Span("from ", .muted)] + counted(reach.addresses, room))
        }
        let elapsed =
            reach.elapsedMicroseconds.isNaN
            ? "" : " in \(Quantity.microseconds(reach.elapsedMicroseconds))"
        rows[rows.count - 1].append(
            Span("   looked at \(Quantity.counted(reach.scanned, "row"))\(elapsed)", .muted))
        return section("SINCE", rows) + others(reach)
    }

    private func counts(_ reach: IncidentReach) -> [Span] {
        var spans = [Span("\(Quantity.grouped(reach.allowed)) allowed", reach.allowed > 0 ? .warning : .text)]
        if reach.denied > 0 { spans.append(Span(", \(Quantity.grouped(reach.denied)) denied")) }
        if reach.conditional > 0 {
            spans.append(Span(", \(Quantity.grouped(reach.conditional)) conditional"))
        }
        spans.append(Span(" since \(Clock.near(reach.since, now: now))", .muted))
        if reach.isCut {
            spans.append(Span(", of the newest \(Quantity.grouped(IncidentReach.maximumRows))", .muted))
        }
        if let last = reach.lastSeen {
            let isRecent = now.secondsSince1970 - last.secondsSince1970 <= Self.activeSeconds
            let words = isRecent && !isLogEnd ? "still active" : "last seen \(Clock.near(last, now: now))"
            spans += [Span("; ", .muted), Span(words, isRecent ? .warning : .text)]
        }
        return spans
    }

    private func counted(_ values: [IncidentReach.Counted], _ count: Int) -> [Span] {
        var spans: [Span] = []
        for value in values.prefix(count) {
            if !spans.isEmpty { spans.append(Span(", ")) }
            let query = value.query.utf8.count <= Query.maximumBytes ? value.query : nil
            spans += [Span(value.name).leading(to: query), Span(" \(Quantity.short(value.count))×", .muted)]
        }
        if values.count > count { spans.append(Span(", …")) }
        return spans
    }

    private func others(_ reach: IncidentReach) -> [Line] {
        if reach.addresses.isEmpty && incident.addresses.isEmpty { return [] }
        guard !reach.others.isEmpty else {
            return section("OTHERS", [[Span("nobody else came from there", .muted)]])
        }
        var spans: [Span] = []
        let room = max(2, (width - 24) / 20)
        for other in reach.others.prefix(room) {
            if !spans.isEmpty { spans.append(Span(", ")) }
            spans += [
                Span(other.principal, .identifier).leading(
                    to: query([equals("principal", other.principal)])),
                Span(" \(Age.short(since: other.last, now: now)) ago", .muted),
            ]
        }
        if reach.otherCount > min(room, reach.others.count) {
            spans.append(Span(", … (\(reach.otherCount)\(reach.othersAreCut ? " or more" : ""))", .muted))
        }
        return section("OTHERS", [[Span("from there: ", .muted)] + spans])
    }
}

/// Values that lead to a search for them, in the incident's own tenant.
extension EvidencePage {
    /// A comparison with a value of the evidence; of one that was cut its beginning is looked for.
    ///
    /// What was cut together with more before it is cut the sooner: `kept` is how many scalars were left to the value.
    func equals(_ field: String, _ value: String, kept: Int = EvidencePage.keptScalars) -> Query {
        // By scalars: the last one that is kept may make one character of it and the sign behind it.
        let scalars = value.unicodeScalars
        guard scalars.last == "…", scalars.count > kept else {
            return .comparison(Query.Comparison(field: field, operation: .equals, operands: [value]))
        }
        return .comparison(
            Query.Comparison(field: field, operation: .contains, operands: [String(scalars.dropLast())]))
    }

    /// How many scalars evidence keeps of a text.
    static let keptScalars = 512

    /// The text of a query in the incident's tenant; `nil` when no query may be so long.
    func query(_ parts: [Query]) -> String? {
        let text = parts.reduce(Query.tenant(incident.key.tenant)) { $0.and($1) }.description
        return text.utf8.count <= Query.maximumBytes ? text : nil
    }

    /// The query of a resource by its name as incidents list it: `secrets/db`.
    func resourceQuery(_ name: String) -> String? {
        let known = incident.key.kind == IncidentBook.burstName ? nil : incident.key.kind
        let kind =
            known.flatMap { name == $0 || name.hasPrefix($0 + "/") ? $0 : nil }
            ?? String(name.prefix { $0 != "/" })
        let before = kind.unicodeScalars.count + 1
        let id = String(name.unicodeScalars.dropFirst(before))
        guard !id.isEmpty else { return query([equals("kind", kind)]) }
        // The list cuts kind and identifier as one name.
        return query([
            equals("kind", kind), equals("resource", id, kept: max(0, Self.keptScalars - before)),
        ])
    }

    /// The parts of a sentence, the values among them leading to their search.
    func linked(_ parts: [ReasonPart]) -> [Span] {
        parts.map { part in
            guard let value = part.value else { return Span(part.text) }
            // Every query of the page is in the incident's tenant.
            let own: [Query] = value.field == .tenant ? [] : [equals(value.field.rawValue, value.text)]
            return Span(part.text).leading(to: query(own))
        }
    }

    /// The first of a list, each leading to its search, and that there are more.
    func listed(
        _ items: [String], _ count: Int, _ role: Role = .text, _ query: (String) -> String?
    ) -> [Span] {
        var spans: [Span] = []
        for item in items.prefix(count) {
            if !spans.isEmpty { spans.append(Span(", ", role)) }
            spans.append(Span(item, role).leading(to: query(item)))
        }
        if items.count > count { spans.append(Span(", …", role)) }
        return spans
    }
}
