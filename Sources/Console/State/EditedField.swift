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
    /// The value of a field that is changed to see what the score does.
    case flipValue
}

extension ConsoleState {
    /// The line that takes keys now, when one does.
    var editedField: EditedField? {
        switch view {
        case .search: search.isEditing ? .searchQuery : nil
        case .anomalies:
            anomalies.isFiltering ? .anomaliesFilter : isOnFlip && flip?.isTyping == true ? .flipValue : nil
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
        case .flipValue:
            guard var state = flip else { return }
            change(&state.editor)
            flip = state
        }
    }

    /// Takes up a line's new text: filters apply as they are typed, a query is only checked.
    mutating func fieldChanged(_ field: EditedField) {
        switch field {
        case .searchQuery: checkQuery()
        case .flipValue: flip?.problem = nil
        case .anomaliesFilter, .tenantsFilter, .logFilter: reconcile()
        }
    }

    mutating func press(_ key: Key, in field: EditedField) -> [ConsoleRequest] {
        switch key {
        case .enter:
            if field == .searchQuery { return submitQuery() }
            if field == .flipValue { return submitFlipValue() }
            endEditing(field)
        case .escape:
            if field == .searchQuery {
                revertQuery()
                endEditing(field)
                return firstSearch()
            }
            if field == .flipValue {
                endEditing(field)
                return []
            }
            withEditor(field) { $0.replace(with: "") }
            endEditing(field)
            reconcile()
        case .tab, .backTab:
            endEditing(field)
        case .up where field.isFilter, .down where field.isFilter:
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
        case .flipValue: flip?.isTyping = false
        }
    }
}

extension EditedField {
    /// Whether it narrows a list, in which arrows go on moving.
    fileprivate var isFilter: Bool { self != .searchQuery && self != .flipValue }
}
