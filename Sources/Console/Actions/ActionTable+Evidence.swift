import AnomalyDetection
import TerminalUI

extension ActionTable {
    private static let flipHelp = "change a field of the decision and see what its score does"

    /// What is offered where a field is changed.
    static let flipPage: Set<ActionID> = [.flipNext, .flipPrevious, .open, .flipReset]

    /// What can be asked of an incident's evidence.
    static let evidence: [ActionEntry] = [
        ActionEntry(
            .flipNext, ["Right", "l"], "next", "the next usual value of the field", order: 0,
            applies: { $0.isOnFlip }, whyNot: { $0.whyNotFlipValue }),
        ActionEntry(
            .flipPrevious, ["Left", "h"], "before", "the usual value before", order: 0,
            applies: { $0.isOnFlip }, whyNot: { $0.whyNotFlipValue }),
        ActionEntry(
            .open, ["Enter"], "takes it", "take the offered change", order: 0,
            applies: { $0.isOnFlip && $0.isFlipOffer }),
        ActionEntry(
            .open, ["Enter"], "types one", "type a value for the field", order: 0,
            applies: { $0.isOnFlip && !$0.isFlipOffer },
            whyNot: { $0.flip?.report == nil ? "the changes are not scored yet" : nil }),
        ActionEntry(
            .flipReset, ["r"], "reset", "the decision as it came", order: 0, applies: { $0.isOnFlip }),
        ActionEntry(
            .flip, ["w"], "flip", flipHelp, order: 4, applies: { $0.isOnEvidence },
            whyNot: { $0.whyNotFlip }),
        // Offered where the reasons stand; elsewhere other keys need the room.
        ActionEntry(
            .flip, ["w"], "flip", flipHelp,
            applies: { $0.isOnIncidents && !$0.isOnFlip },
            whyNot: { $0.whyNotFlip }),
        ActionEntry(
            .nextValue, ["Tab"], "value", "to the next value; Enter searches for it", order: 10,
            applies: { $0.isOnEvidence }),
        ActionEntry(
            .previousValue, ["BTab"], "value before", "to the value before", applies: { $0.isOnEvidence }),
        ActionEntry(
            .open, ["Enter"], "search", "the decisions with the chosen value", group: .move, order: 0,
            applies: { $0.isOnEvidence && $0.hasChosenValue }),
        ActionEntry(
            .moreLikeThis, ["m"], "more like this", "the decisions nearest to this one", order: 55,
            applies: { $0.isOnEvidence },
            whyNot: {
                $0.isSignalAtHand ? "it is of the watching itself: no decision is like it" : nil
            }),
    ]

    /// The same story by others, and what is hunted.
    static let hunts: [ActionEntry] = [
        ActionEntry(
            .hunt, ["H"], "hunt", "who else did the same: without who and where", order: 56,
            applies: { $0.isOnIncidents || $0.isOnResults || $0.isOnDetails },
            whyNot: { state in
                if state.isSignalAtHand { return "it is of the watching itself: nobody did that" }
                if !state.holdsDecisions { return "these rows are no decisions" }
                return state.decisionAtHand == nil ? "no decision is selected" : nil
            }),
        ActionEntry(
            .saveHunt, ["S"], "live hunt", "count and tell whoever does it from now on", order: 1,
            isUndoable: true, applies: { $0.isOnHunt }, whyNot: { $0.whyNotHunt }),
        ActionEntry(
            .removeHunt, ["d"], "remove", "take the hunt away", order: 2, isUndoable: true,
            applies: { $0.isOnHunts },
            whyNot: { $0.selectedHunt == nil ? "there is no hunt" : $0.whyNotTriage }),
        ActionEntry(
            .undoHunt, ["u"], "undo", "take back what was done to a hunt last", order: 3,
            applies: { ($0.isOnHunt || $0.isOnHunts) && !$0.hunting.undo.isEmpty },
            whyNot: { $0.whyNotTriage }),
        ActionEntry(
            .open, ["Enter"], "search", "their decisions", order: 0,
            applies: { $0.isOnHunt && $0.selectedFind != nil }),
        ActionEntry(
            .open, ["Enter"], "who did it", "who did what is hunted", order: 0,
            applies: { $0.isOnHunts && $0.selectedHunt != nil }),
    ]
}
