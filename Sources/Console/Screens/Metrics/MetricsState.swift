import Operations

/// What the metrics screen remembers.
struct MetricsState: Equatable, Sendable {
    /// The metric of the big chart.
    var selected = MetricName.decisions
    /// A second metric held beside it.
    var compared: MetricName?
    /// How often the time shown was halved.
    var zoom = 0
    /// Points the window is moved back from the end.
    var pan = 0

    /// The most halvings.
    static let maximumZoom = 6
    /// The least points shown.
    static let leastPoints = 8

    /// The part of a series' points that is shown.
    func window(count: Int) -> Range<Int> {
        let length = min(count, max(Self.leastPoints, count >> zoom))
        let end = max(length, count - pan)
        return (end - length)..<end
    }
}

extension ConsoleState {
    /// Of a store that tells fewer numbers the first one is at hand.
    mutating func reconcileMetrics() {
        guard snapshot.metric(metrics.selected) == nil, let first = snapshot.metrics.first else { return }
        metrics.selected = first.name
    }

    mutating func moveMetric(by rows: Int) {
        let names = snapshot.metrics.map(\.name)
        guard !names.isEmpty else { return }
        let current = names.firstIndex(of: metrics.selected) ?? 0
        metrics.selected = names[min(max(0, current + max(-1_000, min(rows, 1_000))), names.count - 1)]
    }

    mutating func changeChart(_ id: ActionID) {
        let count = snapshot.metric(metrics.selected)?.values.count ?? 0
        let step = max(1, metrics.window(count: count).count / 4)
        switch id {
        case .zoomIn: metrics.zoom = min(MetricsState.maximumZoom, metrics.zoom + 1)
        case .zoomOut: metrics.zoom = max(0, metrics.zoom - 1)
        case .zoomReset:
            metrics.zoom = 0
            metrics.pan = 0
        case .panBack: metrics.pan += step
        case .panForward: metrics.pan -= step
        case .compare: toggleCompared()
        default: break
        }
        let length = metrics.window(count: count).count
        metrics.pan = max(0, min(metrics.pan, count - length))
    }

    /// The first press holds the selected metric; the next metric chosen is drawn over it.
    private mutating func toggleCompared() {
        if metrics.compared == nil {
            metrics.compared = metrics.selected
            show("choose the metric to compare with; c ends it", .note)
        } else {
            metrics.compared = nil
        }
    }
}
