import Operations
import TerminalUI
import VectorStores

/// What the health screen remembers.
struct HealthState: Equatable, Sendable {
    /// The check or source at hand.
    var cursor = ListCursor<String>()
}

/// A row of the health screen: a check or a source.
enum HealthRow: Equatable, Sendable, Identifiable {
    case check(HealthCheck)
    case source(SourceSummary)

    var id: String {
        switch self {
        case .check(let check): "check " + check.name
        case .source(let source): "source " + source.id
        }
    }
}

extension ConsoleState {
    /// The checks, worst first, then the sources.
    var healthRows: [HealthRow] {
        snapshot.health.map { .check($0) } + snapshot.sources.map { .source($0) }
    }

    /// The check or source at hand.
    var selectedHealthRow: HealthRow? {
        let rows = healthRows
        return rows.first { $0.id == health.cursor.selected } ?? rows.first
    }

    mutating func reconcileHealth() {
        health.cursor.reconcile(healthRows.map(\.id), height: pageRows)
    }
}
