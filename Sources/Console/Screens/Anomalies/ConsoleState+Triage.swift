import AnomalyDetection
import Decisions
import Operations
import TerminalUI

extension ConsoleState {
    /// Who acts here: who was named in this session, else whose account it is; `nil` where that is several people's.
    var actor: String? { person ?? (snapshot.isUserShared ? nil : snapshot.user ?? "") }

    /// The incidents that an act is for: those that are marked, else the one at hand.
    var actedOn: [Incident] {
        let marked = markedIncidents
        return marked.isEmpty ? [selectedIncident].compactMap(\.self) : marked
    }

    /// Takes on what is marked or at hand.
    mutating func acknowledge() -> [ConsoleRequest] {
        triage(.acknowledge, on: actedOn.filter { $0.isOpen || $0.snooze != nil }.map(\.id))
    }

    /// Does something to incidents: shown at once, told to the store, taken back by `u`.
    ///
    /// Who it is is asked first where several people use the account.
    mutating func triage(_ act: TriageAct, on ids: [String]) -> [ConsoleRequest] {
        guard !ids.isEmpty else { return refuse("no incident is selected") }
        guard let who = actor else {
            askName(before: .triage(act, on: ids))
            return []
        }
        var changed: [Incident] = []
        for id in ids {
            guard var incident = known(id) else { continue }
            do throws(IncidentError) {
                guard try incident.perform(act, by: who, at: now) else { continue }
                changed.append(incident)
            } catch {
                // Of several the others are done, as the store does them.
                if ids.count == 1 { return refuse(error.description) }
            }
        }
        let words = TriageText.done(act, to: changed.first, now: now)
        guard let first = changed.first else {
            return refuse(
                ids.count == 1 ? "\(ids[0]) is so already" : "the \(ids.count) incidents are so already")
        }
        undo.append(TriageUndo(incidents: changed.map(\.id), words: words))
        if undo.count > TriageUndo.maximum { undo.removeFirst() }
        anomalies.marks = []
        anomalies.cursor.select(first.id)
        let request = ask(.act(act), changed)
        if anomalies.page == .list, act.kind != .note, act.kind != .assign,
            let next = nextOpen(after: first.id)
        {
            anomalies.cursor.select(next)
            anomalies.evidenceOffset = 0
            reconcileAnomalies()
        }
        show("\(TriageText.names(changed)) \(words) · u undoes", .done)
        return [request]
    }

    /// The incident with a name as it is known now, of whichever tenant.
    private func known(_ id: String) -> Incident? {
        triaged[id] ?? snapshot.incidents.first { $0.id == id }
    }

    /// The next incident below that waits for a person, else the first that does.
    private func nextOpen(after id: String) -> String? {
        let rows = inbox
        let place = rows.firstIndex { $0.id == id } ?? 0
        return (rows[place...].first { $0.isOpen } ?? rows.first { $0.isOpen })?.id
    }

    /// Takes back the last triage.
    mutating func undoTriage() -> [ConsoleRequest] {
        guard let last = undo.popLast() else { return [] }
        if let order = last.order { return teach(order, isUndo: true) }
        // Of every tenant: what was taken back may lie outside what the console is narrowed to.
        let found = last.incidents.compactMap { known($0) }
        guard let first = found.first else {
            let isOne = last.incidents.count == 1
            let names = isOne ? "\(last.incidents[0]) is" : "the \(last.incidents.count) incidents are"
            show("\(names) no longer there: nothing was taken back", .problem)
            return []
        }
        if anomalies.page == .list, incidents.contains(where: { $0.id == first.id }) {
            anomalies.cursor.select(first.id)
        }
        // The store takes back what the same person did, and no more.
        let author = actor.flatMap { $0.isEmpty ? nil : $0 }
        let changed = found.map { incident in
            var incident = incident
            // Where the store has not answered yet it is guessed; its answer comes.
            try? incident.undo(by: author ?? "", of: author, at: now)
            return incident
        }
        let request = ask(.undo, changed)
        let tenant =
            scope.map { $0 == first.key.tenant } ?? true
            ? "" : " in tenant \(Self.tenantName(first.key.tenant))"
        let isBack = found.count == 1 && changed[0].state != first.state
        show(
            isBack
                ? "\(first.id)\(tenant) is \(changed[0].state.rawValue) again"
                : "\(TriageText.names(found))\(found.count == 1 ? tenant : ""): \(last.words) no more", .done)
        return [request]
    }

    private mutating func ask(_ deed: TriageOrder.Deed, _ changed: [Incident]) -> ConsoleRequest {
        for incident in changed { triaged[incident.id] = incident }
        reconcileAnomalies()
        let ids = changed.map(\.id)
        let ticket = ledger.issue(.triage, milliseconds: milliseconds)
        triageTickets[ticket] = ids
        return .ask(.triage(TriageOrder(deed, incidents: ids), by: person), ticket)
    }

    /// The store's word on incidents replaces what was assumed.
    mutating func takeTriaged(_ outcome: TriageOutcome, _ ticket: RequestTicket) {
        let asked = triageTickets.removeValue(forKey: ticket) ?? []
        for incident in outcome.incidents { triaged[incident.id] = incident }
        let answered = Set(outcome.incidents.map(\.id))
        for id in asked where !answered.contains(id) { triaged[id] = nil }
        // What was not done is not taken back: that would be an act before it.
        if let place = undo.lastIndex(where: { $0.order == nil && $0.incidents == asked }) {
            undo[place].incidents.removeAll { !outcome.changed.contains($0) }
            if undo[place].incidents.isEmpty { undo.remove(at: place) }
        }
        if let reason = outcome.refusals.first {
            let more = outcome.refusals.count - 1
            show(more > 0 ? "\(reason); and \(Quantity.counted(more, "other"))" : reason, .problem)
        } else if let reason = outcome.unsaved {
            show(reason, .problem)
        }
        reconcileAnomalies()
    }

    /// What the store refused is shown as it was before.
    mutating func revertTriage(_ ticket: RequestTicket) {
        guard let ids = triageTickets.removeValue(forKey: ticket) else { return }
        for id in ids { triaged[id] = nil }
        undo.removeAll { $0.incidents == ids }
        reconcileAnomalies()
    }
}

/// What was done to incidents, in words.
enum TriageText {
    /// What an act did: `acknowledged`, `resolved as expected`.
    static func done(_ act: TriageAct, to incident: Incident?, now: Timestamp) -> String {
        switch act {
        case .acknowledge: "acknowledged"
        case .resolve(let resolution): "resolved as \(resolution.words)"
        case .reopen: "reopened"
        case .snooze: incident?.snooze.map { snooze($0, count: incident?.count ?? 0, now: now) } ?? "put off"
        case .wake: "woken"
        case .assign(let name): name.map { "assigned to \($0)" } ?? "assigned to nobody"
        case .note: "noted"
        }
    }

    /// Until when an incident is put off.
    static func snooze(_ snooze: Snooze, count: Int, now: Timestamp) -> String {
        switch snooze {
        case .until(let time): "put off until \(Clock.near(time, now: now))"
        case .members(let wanted): "put off for \(Quantity.counted(max(0, wanted - count), "more decision"))"
        }
    }

    /// The incident's name, or how many there are.
    static func names(_ incidents: [Incident]) -> String {
        incidents.count == 1 ? incidents[0].id : Quantity.counted(incidents.count, "incident")
    }

    /// What is known of an incident's triage beside its state; empty when there is nothing.
    static func standing(_ incident: Incident, now: Timestamp) -> [String] {
        var parts: [String] = []
        if let resolution = incident.resolution { parts.append(resolution.words) }
        if let assignee = incident.assignee { parts.append("assigned to \(assignee)") }
        if let snooze = incident.snooze { parts.append(self.snooze(snooze, count: incident.count, now: now)) }
        return parts
    }
}
