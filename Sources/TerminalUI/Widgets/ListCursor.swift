/// Which row of a list is selected, and where the window stands.
///
/// The selection is an identity, not a row number: when the list changes it stays on its row, and
/// only when that row is gone does it go to the row now standing in its place. Until a person has
/// chosen a row it is the first one, whichever that is.
public struct ListCursor<ID: Hashable & Sendable>: Sendable, Equatable {
    /// The selected row's identity; nil in an empty list.
    public private(set) var selected: ID?
    /// The selected row's number when last seen.
    public private(set) var index = 0
    /// The first row shown.
    public private(set) var offset = 0
    /// Whether a person has chosen a row: from then on the selection stays on it.
    public private(set) var isChosen = false

    /// A cursor at the start.
    public init() {}

    /// A cursor on a row.
    public init(selected: ID?) { select(selected) }

    /// Finds the selection again in a changed list and keeps it inside a window of `height` rows.
    public mutating func reconcile(_ ids: some RandomAccessCollection<ID>, height: Int) {
        guard !ids.isEmpty else {
            selected = nil
            index = 0
            offset = 0
            return
        }
        if !isChosen {
            index = 0
        } else if id(at: index, of: ids) != selected || selected == nil {
            let found = selected.flatMap { wanted in ids.firstIndex(of: wanted) }
            index = found.map { ids.distance(from: ids.startIndex, to: $0) } ?? min(index, ids.count - 1)
        }
        selected = id(at: index, of: ids)
        scroll(count: ids.count, height: height)
    }

    /// Moves the selection by rows, as far as the list goes.
    public mutating func move(by rows: Int, in ids: some RandomAccessCollection<ID>, height: Int) {
        reconcile(ids, height: height)
        guard !ids.isEmpty else { return }
        isChosen = true
        let (sum, overflow) = index.addingReportingOverflow(rows)
        index = overflow ? (rows > 0 ? ids.count - 1 : 0) : min(max(0, sum), ids.count - 1)
        selected = id(at: index, of: ids)
        scroll(count: ids.count, height: height)
    }

    /// Selects the first row.
    public mutating func moveToStart(in ids: some RandomAccessCollection<ID>, height: Int) {
        move(by: -ids.count, in: ids, height: height)
    }

    /// Selects the last row.
    public mutating func moveToEnd(in ids: some RandomAccessCollection<ID>, height: Int) {
        move(by: ids.count, in: ids, height: height)
    }

    /// Selects a row by identity; the window follows at the next reconcile.
    public mutating func select(_ id: ID?) {
        selected = id
        isChosen = id != nil
    }

    /// Chooses the row that is selected, so that it stays so.
    public mutating func choose() { isChosen = selected != nil }

    private func id(at index: Int, of ids: some RandomAccessCollection<ID>) -> ID? {
        guard index >= 0, index < ids.count else { return nil }
        return ids[ids.index(ids.startIndex, offsetBy: index)]
    }

    private mutating func scroll(count: Int, height: Int) {
        let height = max(1, height)
        if index < offset { offset = index }
        if index >= offset + height { offset = index - height + 1 }
        offset = min(max(0, offset), max(0, count - height))
    }
}
