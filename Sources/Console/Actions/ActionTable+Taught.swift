import AnomalyDetection

extension ActionTable {
    static let taught: [ActionEntry] = [
        ActionEntry(
            .withdrawTaught, ["x", "Delete"], "take back", "take the rule or lesson back", order: 1,
            isUndoable: true, applies: { $0.isOnTaught },
            whyNot: { state in
                guard let item = state.selectedTaught else { return "nothing was taught" }
                if let reason = state.whyNotTriage { return reason }
                let standing = item.standing(at: state.now)
                return standing == .active ? nil : "it is \(standing.rawValue) already"
            }),
        ActionEntry(
            .restoreTaught, ["o"], "bring back", "have what was taken back in effect again", order: 3,
            isUndoable: true, applies: { $0.isOnTaught },
            whyNot: { state in
                guard let item = state.selectedTaught else { return "nothing was taught" }
                if let reason = state.whyNotTriage { return reason }
                switch item.standing(at: state.now) {
                case .active: return "it is in effect"
                case .expired: return "it has expired: make a new rule"
                case .undone: return nil
                }
            }),
        ActionEntry(
            .rehearse, ["r"], "rehearse", "what another alpha would have flagged", order: 4,
            applies: { $0.isOnTaught }),
        ActionEntry(
            .lessAlpha, ["Left", "h", "-"], "less", "a smaller alpha: fewer pages", order: 1,
            applies: { $0.isOnRehearsal && $0.taught.rehearsal != nil }),
        ActionEntry(
            .moreAlpha, ["Right", "l", "+"], "more", "a larger alpha: more pages", order: 2,
            applies: { $0.isOnRehearsal && $0.taught.rehearsal != nil }),
        ActionEntry(
            .resetAlpha, ["="], "in use", "the alpha that is in use", order: 3,
            applies: { $0.isOnRehearsal && $0.taught.rehearsal != nil }),
        ActionEntry(
            .suppress, ["S"], "suppress", "hide what is like the incident, for a time", order: 13,
            isUndoable: true, applies: { $0.isOnIncidents },
            whyNot: { state in
                state.selectedIncident == nil ? "no incident is selected" : state.whyNotTriage
            }),
        ActionEntry(
            .showTaught, ["L"], "taught", "rules and lessons", order: 14,
            applies: { $0.isOnIncidents },
            whyNot: { $0.holdsDecisions ? nil : "these rows are no decisions" }),
    ]
}
