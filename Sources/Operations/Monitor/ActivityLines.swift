import VectorStores

/// The newest entries of a store's activity log as lines of the log that is shown.
struct ActivityLines {
    /// The most entries shown.
    static let maximum = 200
    /// What these lines are labelled with.
    static let label = "activity"

    private var head: ActivityLog.Head?
    private var lines: [LogLine] = []

    /// The lines, oldest first; reads no more than the head while nothing was done.
    mutating func lines(of store: any RecordStore) async throws -> [LogLine] {
        let now = try await ActivityLog.head(of: store)
        guard now != head else { return lines }
        lines = try await ActivityLog.newest(Self.maximum, of: store).map { entry in
            LogLine(
                time: entry.event.time, level: .info, label: Self.label,
                message: "\(entry.event.who) \(entry.sentence)")
        }
        head = now
        return lines
    }
}

extension LogLine {
    /// Lines of two logs by time, the newest of as many as are kept.
    static func merged(_ lines: [LogLine], _ others: [LogLine]) -> [LogLine] {
        guard !others.isEmpty else { return lines }
        // Of the same time in their order: a sort keeps it by the place.
        let all = (lines + others).enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }
        return all.suffix(maximumKept).map(\.element)
    }
}
