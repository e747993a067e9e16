import Locks
import Synchronization

/// What only walks over a graph tell, and when it was so.
struct MeasuredShape {
    var shape: GraphShape
    var selfSearch: IndexStatistics.SelfSearch?
    /// How wide the graph was searched for its own vectors; nil is the index's default.
    var breadth: Int?
    /// The graph's version when it was begun.
    var version: UInt64
    var time: ContinuousClock.Instant

    /// Whether it still tells of a graph with that many nodes, being younger than `age`.
    func isLike(nodes: Int, upTo age: Duration) -> Bool {
        nodes < 2 * shape.nodes && ContinuousClock.now - time < age
    }
}

extension HNSWIndex {
    /// Measures the index; `breadth` is how wide searches walk, nil for the index's default.
    ///
    /// What walks can reach, layers and degrees cost a visit to every link, and how walks find the index's own
    /// vectors a sample of searches; they are measured only when the index changed, and then not while what was
    /// measured last is younger than `age`, unless the index has since grown to twice its nodes. Whoever waits to
    /// write is let in all along; what is measured of an index that changes meanwhile is about right.
    public func statistics(shapeUpTo age: Duration = .zero, breadth: Int? = nil) -> IndexStatistics {
        var (statistics, version) = guarded.withReadingVersioned { ($0.statistics(), $1) }
        let measured = measurement(nodes: statistics.nodes, version: version, breadth: breadth, upTo: age)
        statistics.unreachable = measured.shape.unreachable
        statistics.layers = measured.shape.layers
        statistics.degrees = measured.shape.degrees
        statistics.selfSearch = measured.selfSearch
        return statistics
    }

    /// The memory of all parts together, in bytes; costs no walk.
    public var memoryBytes: Int { guarded.withReading { $0.statistics().memoryBytes } }

    private func measurement(
        nodes: Int, version: UInt64, breadth: Int?, upTo age: Duration
    ) -> MeasuredShape {
        measured.withLock { measured in
            if let measured, measured.breadth == breadth,
                measured.version == version || measured.isLike(nodes: nodes, upTo: age)
            {
                return measured
            }
            let (shape, version) = survey()
            let fresh = MeasuredShape(
                shape: shape, selfSearch: selfSearch(breadth: breadth), breadth: breadth, version: version,
                time: .now)
            measured = fresh
            return fresh
        }
    }

    /// So many nodes are looked at before whoever waits to write has its turn: a tenth of a millisecond or so.
    private static let surveyBlock = 1_024

    /// Looks at every link, and the version of the graph when that began; `pause` is called between two steps.
    func survey(
        nodesAtATime: Int = surveyBlock, pause: () -> Void = {}
    ) -> (shape: GraphShape, version: UInt64) {
        let (survey, version) = readInSteps(pause: pause) { graph in
            graph.beginSurvey()
        } step: { graph, survey in
            graph.continueSurvey(&survey, nodes: nodesAtATime)
        }
        return (survey.shape, version)
    }

    /// Every rule of the structure that does not hold, in words; empty when all is well.
    public func checkInvariants() -> [String] {
        guarded.withReading { $0.problems() }
    }
}
