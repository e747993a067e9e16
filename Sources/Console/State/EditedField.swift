import TerminalUI

/// A line on a screen that is being typed into.
enum EditedField: Equatable, Sendable {
    /// The query of Search.
    case searchQuery
    /// The filter of the inbox.
    case anomaliesFilter
    /// The filter of the tenants.
    case tenantsFilter
    /// The filter of the log.
    case logFilter
}

extension ConsoleState {
    /// The line that takes keys now, when one does.
    var editedField: EditedField? {
        switch view {
        case .search: search.isEditing ? .searchQuery : nil
        case .anomalies: anomalies.isFiltering ? .anomaliesFilter : nil
        case .tenants: tenants.isFiltering ? .tenantsFilter : nil
        case .log: log.isFiltering ? .logFilter : nil
        case .overview, .metrics, .map, .index, .health: nil
        }
    }

    /// Changes a line's text.
    mutating func withEditor(_ field: EditedField, _ change: (inout LineEditor) -> Void) {
        switch field {
        case .searchQuery: change(&search.editor)
        case .anomaliesFilter: change(&anomalies.filter)
        case .tenantsFilter: change(&tenants.filter)
        case .logFilter: change(&log.filter)
        }
    }

    /// Takes up a line's new text: filters apply as they are typed, a query is only checked.
    mutating func fieldChanged(_ field: EditedField) {
        switch field {
        case .searchQuery: checkQuery()
        case .anomaliesFilter, .tenantsFilter, .logFilter: reconcile()
        }
    }

    mutating func press(_ key: Key, in field: EditedField) -> [ConsoleRequest] {
        switch key {
        case .enter:
            if field == .searchQuery { return submitQuery() }
            endEditing(field)
        case .escape:
            if field == .searchQuery {
                revertQuery()
                endEditing(field)
                return firstSearch()
            }
            withEditor(field) { $0.replace(with: "") }
            endEditing(field)
            reconcile()
        case .tab, .backTab:
            endEditing(field)
        case .up where field != .searchQuery, .down where field != .searchQuery:
            return perform(key == .up ? .moveUp : .moveDown)
        default:
            var handled = false
            withEditor(field) { handled = $0.handle(key) }
            if handled { fieldChanged(field) }
        }
        return []
    }

    private mutating func endEditing(_ field: EditedField) {
        switch field {
        case .searchQuery: search.isEditing = false
        case .anomaliesFilter: anomalies.isFiltering = false
        case .tenantsFilter: tenants.isFiltering = false
        case .logFilter: log.isFiltering = false
        }
    }
}
