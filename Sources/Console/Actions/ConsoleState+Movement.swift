import Operations
import TerminalUI

extension ConsoleState {
    /// Whether the screen has panes to go between.
    var hasPanes: Bool {
        switch view {
        case .overview: !offersBeginning
        case .anomalies: isSplit && !anomalies.isOnTaught
        case .search: isSplit && (isOnResults || search.page == .details)
        case .metrics, .tenants, .map, .index, .health, .log: false
        }
    }

    /// Whether the list itself is at hand, not what it leads to.
    var isOnList: Bool { view != .anomalies || anomalies.page == .list }

    /// Whether the screen has its list: incidents are of decisions only.
    var hasList: Bool { view != .anomalies || holdsDecisions }

    /// Whether Enter leads anywhere.
    var canOpen: Bool {
        switch view {
        case .overview: !offersBeginning
        case .anomalies:
            switch anomalies.page {
            case .list, .evidence: selectedIncident != nil
            case .members: selectedMember != nil
            case .flip: flip?.report != nil
            case .member, .taughtItem, .rehearsal: false
            case .taught: selectedTaught != nil
            }
        case .tenants: selectedTenant != nil
        case .search: search.page == .results && selectedResult != nil
        case .metrics, .map, .index, .health, .log: false
        }
    }

    /// Rows of the list that is shown, near enough for paging.
    var pageRows: Int { max(1, size.height - 6) }

    /// Moves by key; a key that moves nothing says that the end is reached.
    mutating func step(by rows: Int) {
        if !move(by: rows) { show(rows > 0 ? "the end is reached" : "the start is reached", .note) }
    }

    /// Moves what is at hand and says whether anything moved.
    mutating func move(by rows: Int) -> Bool {
        let before = place
        moveRows(by: rows)
        return place != before
    }

    /// Where the person stands on the screen, as numbers to be compared.
    private var place: [Int] {
        switch view {
        case .overview: [overviewBoxes.firstIndex(of: overview.focus) ?? 0, overview.cursor.index]
        case .metrics: [snapshot.metrics.firstIndex { $0.name == metrics.selected } ?? 0]
        case .anomalies:
            [
                anomalies.cursor.index, anomalies.evidenceOffset, anomalies.membersCursor.index,
                anomalies.memberOffset, flip?.row ?? 0, taught.cursor.index, taught.offset,
            ]
        case .tenants: [tenants.cursor.index]
        case .search:
            [search.cursor.index, search.detailsOffset, search.proof?.offset ?? 0, hunting.place]
        case .map: []
        case .index: [index.offset]
        case .health: [health.cursor.index]
        case .log: [log.distance]
        }
    }

    private mutating func moveRows(by rows: Int) {
        switch view {
        case .overview: moveOverview(by: rows)
        case .metrics: moveMetric(by: rows)
        case .anomalies: moveAnomalies(by: rows)
        case .tenants: tenants.cursor.move(by: rows, in: tenantRows.map(\.id), height: pageRows)
        case .search: moveSearch(by: rows)
        case .health: health.cursor.move(by: rows, in: healthRows.map(\.id), height: pageRows)
        case .log: moveLog(by: rows)
        case .index:
            let limit = IndexScreen(state: self).scrollLimit
            index.offset = max(0, min(index.offset + max(-1_000, min(rows, 1_000)), limit))
        case .map: break
        }
    }

    mutating func changePane(by step: Int) {
        switch view {
        case .overview: overview.focus = overview.focus.moved(by: step, among: overviewBoxes)
        case .anomalies: changeAnomaliesPane(by: step)
        case .search: if search.page == .results { showDetails() } else { search.page = .results }
        case .metrics, .tenants, .map, .index, .health, .log: break
        }
    }

    mutating func open() -> [ConsoleRequest] {
        switch view {
        case .overview: return openOverviewBox()
        case .anomalies: return openIncident()
        case .tenants: return openTenant()
        case .search:
            if isOnHunt { return openFind() }
            if isOnHunts { return openSavedHunt() }
            showDetails()
            return []
        case .metrics, .map, .index, .health, .log: return []
        }
    }
}
