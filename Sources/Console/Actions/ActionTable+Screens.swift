import AnomalyDetection
import Operations
import VectorStores

extension ActionTable {
    static let emptyStore: [ActionEntry] = [
        ActionEntry(
            .startDemo, ["d"], "demo", "sample data and live traffic", order: 1,
            applies: { $0.offersBeginning }, whyNot: { $0.whyNotOperate }),
        ActionEntry(
            .openLog, ["o"], "open a log", "read an audit log into the store", order: 2,
            applies: { $0.offersBeginning }, whyNot: { $0.whyNotOperate }),
        ActionEntry(
            .connect, ["c"], "connect", "open another store", order: 3,
            applies: { $0.offersBeginning }),
    ]

    static let anomalies: [ActionEntry] = [
        ActionEntry(
            .acknowledge, ["a"], "ack", "acknowledge the incident", order: 1, isUndoable: true,
            applies: { $0.isOnIncidents },
            whyNot: { state in
                guard let incident = state.actedOn.first else { return "no incident is selected" }
                if let reason = state.whyNotTriage { return reason }
                if state.actedOn.contains(where: { $0.isOpen || $0.snooze != nil }) { return nil }
                return state.actedOn.count == 1
                    ? "it is \(incident.state.rawValue) already" : "none of them waits for anybody"
            }),
        ActionEntry(
            .triageMenu, ["x"], "actions", "resolve, put off, note, assign, reopen", order: 3,
            isUndoable: true,
            applies: { $0.isOnIncidents },
            whyNot: { $0.actedOn.isEmpty ? "no incident is selected" : nil }),
        ActionEntry(
            .mark, ["Space"], "mark", "mark the incident, for acts on many", order: 12,
            applies: { $0.view == .anomalies && $0.isOnList },
            whyNot: { $0.selectedIncident == nil ? "no incident is selected" : nil }),
        ActionEntry(
            .markRange, ["v"], "mark range", "mark from the last mark to here",
            applies: { $0.view == .anomalies && $0.isOnList },
            whyNot: { $0.selectedIncident == nil ? "no incident is selected" : nil }),
        ActionEntry(
            .undo, ["u"], "undo", "take back the last triage", order: 2,
            applies: { $0.view == .anomalies && !$0.undo.isEmpty }, whyNot: { $0.whyNotTriage }),
    ]

    static let search: [ActionEntry] = [
        ActionEntry(
            .editQuery, ["/", "i"], "query", "edit the query", order: 1,
            applies: { $0.view == .search }),
        ActionEntry(
            .toggleExact, ["x", "e"], "exact", "compare with every match, or walk the graph", order: 3,
            applies: { $0.isOnResults }),
        ActionEntry(
            .moreResults, ["]", "+"], "more", "twice as many results", order: 4,
            applies: { $0.isOnResults },
            whyNot: { $0.search.limit >= SearchState.maximumLimit ? "that is the most" : nil }),
        ActionEntry(
            .fewerResults, ["[", "-"], "fewer", "half as many results", order: 5,
            applies: { $0.isOnResults }, whyNot: { $0.search.limit <= 1 ? "that is the least" : nil }),
        ActionEntry(.runQuery, ["r"], "again", "ask again", order: 6, applies: { $0.isOnResults }),
        ActionEntry(
            .prove, ["p"], "prove", "hold the graph's answer against the exact one", order: 2,
            applies: { $0.isOnResults || $0.isOnProof },
            whyNot: {
                $0.search.like == nil
                    ? "a list is exact already; m asks for what is near a \($0.entryNoun)" : nil
            }),
        ActionEntry(
            .clearLike, ["c"], "clear like", "forget the decision to be near to", order: 7,
            applies: { $0.isOnResults && $0.search.like != nil }),
    ]

    static let metrics: [ActionEntry] = [
        ActionEntry(.zoomIn, ["+"], "zoom in", "a shorter time", order: 1, applies: { $0.view == .metrics }),
        ActionEntry(.zoomOut, ["-"], "out", "a longer time", order: 2, applies: { $0.view == .metrics }),
        ActionEntry(.zoomReset, ["="], "reset", "the whole time", order: 3, applies: { $0.view == .metrics }),
        ActionEntry(
            .panBack, [","], "earlier", "move back in time", order: 4, applies: { $0.view == .metrics }),
        ActionEntry(
            .panForward, [";"], "later", "move forward in time", order: 5, applies: { $0.view == .metrics }),
        ActionEntry(
            .compare, ["c"], "compare", "hold this metric beside the next", order: 6,
            applies: { $0.view == .metrics }),
        ActionEntry(
            .freeze, ["."], "freeze", "hold the picture still", order: 7, applies: { $0.view == .metrics }),
    ]

    static let index: [ActionEntry] = [
        ActionEntry(
            .cancelJob, ["c", "x"], "cancel", "stop the rebuild; the old index goes on serving", order: 1,
            applies: { $0.runningJob != nil && ($0.view == .index || $0.view == .overview) },
            whyNot: { $0.whyNotOperate }),
        ActionEntry(
            .measureCurve, ["c"], "measure", "recall against breadth, on the live index", order: 1,
            applies: { $0.view == .index },
            whyNot: { $0.snapshot.statistics.vectors == 0 ? "the index is empty" : nil }),
        ActionEntry(
            .rebuild, ["R"], "rebuild", "build the index anew aside, verify, swap", order: 2,
            isDangerous: true, applies: { $0.view == .index },
            whyNot: { $0.whyNotRebuild }),
        ActionEntry(
            .chooseQuantization, ["Q"], "codes", "choose the codes that searches walk over", order: 3,
            isDangerous: true, applies: { $0.view == .index }, whyNot: { $0.whyNotRebuild }),
    ]

    static let log: [ActionEntry] = [
        ActionEntry(
            .follow, ["f"], "follow", "stay at the newest line", order: 1, applies: { $0.view == .log }),
        ActionEntry(
            .logLevel, ["L", "v"], "level", "the least serious level shown", order: 2,
            applies: { $0.view == .log }),
        ActionEntry(
            .wrapLog, ["Enter"], "whole lines", "long lines whole, or cut", order: 3,
            applies: { $0.view == .log }),
    ]

    static let lists: [ActionEntry] = [
        ActionEntry(
            .filter, ["/"], "filter", "show only what matches", order: 10,
            applies: {
                [.anomalies, .tenants, .log].contains($0.view) && $0.isOnList && $0.hasList
            }),
        ActionEntry(
            .sort, ["s"], "sort", "the next order", order: 11,
            applies: { [.anomalies, .tenants].contains($0.view) && $0.isOnList && $0.hasList }),
        ActionEntry(
            .invertSort, ["I"], "invert", "the other way round", applies: { $0.view == .tenants }),
    ]

    static let shared: [ActionEntry] = [
        ActionEntry(
            .moreLikeThis, ["m"], "more like this", "the decisions nearest to this one", order: 8,
            applies: {
                ($0.isOnIncidents && !$0.isOnEvidence) || $0.view == .search
                    || ($0.view == .overview && !$0.offersBeginning)
            },
            whyNot: { state in
                if state.isSignalAtHand { return "it is of the watching itself: no decision is like it" }
                guard state.decisionAtHand == nil else { return nil }
                return state.view == .overview
                    ? "choose an incident first: Tab leads to them" : "no decision is selected"
            }),
        ActionEntry(
            .copyText, ["y"], "copy", "copy as text, and write it to a file", order: 9,
            applies: { $0.isOnIncidents || $0.view == .search },
            whyNot: { $0.decisionAtHand == nil ? "nothing is selected" : nil }),
        ActionEntry(
            .copyJSON, ["Y"], "copy JSON", "copy as JSON, and write it to a file",
            applies: { $0.isOnIncidents || $0.view == .search },
            whyNot: { $0.decisionAtHand == nil ? "nothing is selected" : nil }),
    ]
}
