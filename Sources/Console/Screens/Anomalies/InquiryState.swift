import AnomalyDetection
import Operations
import TerminalUI
import VectorStores

/// What was asked about the incident whose evidence is read.
struct InquiryState: Equatable, Sendable {
    /// Whose.
    var incident: String?
    /// What they got, once it is known.
    var reach: IncidentReach?
    /// How many decisions the incident had when that was asked.
    var askedCount = 0
    /// When it was asked, on the console's own clock.
    var askedMilliseconds: Int64 = 0
    /// The value of the evidence that is chosen.
    var value: LinkedLines.Value?

    /// An incident that grows is asked about again after this time.
    static let staleMilliseconds: Int64 = 10_000
}

extension ConsoleState {
    /// Asks what they got, for the incident whose page is open, unless that is known or asked.
    mutating func reachRequests() -> [ConsoleRequest] {
        guard view == .anomalies, anomalies.page != .list, !anomalies.isOnTaught, hasSnapshot, frozen == nil,
            let incident = selectedIncident, !incident.isOfNoDecision
        else { return [] }
        if inquiry.incident == incident.id {
            let isOld = milliseconds - inquiry.askedMilliseconds >= InquiryState.staleMilliseconds
            guard inquiry.askedCount != incident.count, isOld else { return [] }
        } else {
            inquiry = InquiryState()
        }
        inquiry.incident = incident.id
        inquiry.askedCount = incident.count
        inquiry.askedMilliseconds = milliseconds
        return [ask(.reach(incident), .reach)]
    }

    mutating func takeReach(_ reach: IncidentReach) {
        guard inquiry.incident == reach.incident else { return }
        inquiry.reach = reach
    }

    /// What is known of what they got.
    func reach(of incident: Incident) -> EvidencePage.Reach {
        guard inquiry.incident == incident.id, anomalies.page != .list || isSplit else { return .unasked }
        if let reach = inquiry.reach { return .known(reach) }
        if ledger.isWaiting(.reach) { return .waiting }
        return inquiry.askedCount > 0 ? .unanswered : .unasked
    }

    /// Forgets a question about an incident that failed, so that opening its page asks again.
    mutating func forgetUnansweredReach() {
        if inquiry.reach == nil, !ledger.isWaiting(.reach) { inquiry = InquiryState() }
    }

    /// What is known of what they got, for a copy.
    func knownReach(of incident: Incident) -> IncidentReach? {
        inquiry.incident == incident.id ? inquiry.reach : nil
    }

    /// Whether Enter searches for a value.
    var hasChosenValue: Bool {
        view == .anomalies && anomalies.page == .evidence && inquiry.value != nil
            && inquiry.incident == selectedIncident?.id
    }

    /// Goes to the next value of the evidence, or from the last one to none; what is chosen is brought into view.
    mutating func chooseValue(by step: Int) {
        guard let incident = selectedIncident else { return }
        if inquiry.incident != incident.id {
            inquiry = InquiryState()
            inquiry.incident = incident.id
        }
        let room = AnomaliesScreen(state: self).pageRoom
        let page = LinkedLines(
            lines: evidencePage(of: incident, width: room.width, glyphs: glyphs).lines)
        // The last row says how many lines are below.
        let height = page.lines.count > room.height ? room.height - 1 : room.height
        inquiry.value = page.value(
            after: inquiry.value, by: step, from: anomalies.evidenceOffset, height: height)
        guard let chosen = inquiry.value, let line = page.values.first(where: { $0.value == chosen })?.line
        else { return }
        if line < anomalies.evidenceOffset { anomalies.evidenceOffset = line }
        if line >= anomalies.evidenceOffset + max(1, height) {
            anomalies.evidenceOffset = line - max(1, height) + 1
        }
    }

    /// Searches for a value of what is shown; Esc leads back to it as it was.
    mutating func pivot(to query: String) -> [ConsoleRequest] {
        if view != .search { returnView = view }
        view = .search
        search.like = nil
        search.page = .results
        search.returnPage = nil
        search.isEditing = false
        search.problem = nil
        search.editor.replace(with: query)
        search.asked = query
        search.cursor = ListCursor()
        search.outcome = nil
        return runSearch()
    }
}
