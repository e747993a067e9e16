import AnomalyDetection
import Decisions
import TerminalUI

extension ConsoleState {
    /// Puts what is at hand on the clipboard and into a file, since a clipboard over SSH may be none.
    mutating func copy(asJSON: Bool) -> [ConsoleRequest] {
        let text: String
        let name: String
        if view == .anomalies, selectedMember == nil, let incident = selectedIncident {
            text =
                asJSON
                ? IncidentExport.json(incident, reach: knownReach(of: incident))
                : IncidentExport.text(evidencePage(of: incident, width: 100, glyphs: .block))
            name = "incident-\(incident.id)" + (asJSON ? ".json" : ".txt")
        } else if let decision = decisionAtHand {
            text =
                asJSON
                ? decision.nativeLine() + "\n"
                : DecisionPage(
                    decision: decision, storedID: decision.id, width: 100, isDecision: holdsDecisions
                ).lines
                    .map { $0.text.terminalSafe + "\n" }.joined()
            name = entryNoun + (asJSON ? ".json" : ".txt")
        } else {
            return []
        }
        copied = CopyReport()
        return [.copy(text), ask(.export(text, suggestedName: name), .export)]
    }
}
