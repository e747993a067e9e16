import Decisions
import VectorStores

extension RecallSetting {
    /// Chooses by a measured curve: the smallest breadth that reaches the target, the largest when none does.
    init(target: Double, curve: [RecallPoint], distinct: Int, time: Timestamp) {
        self.init(target: target)
        let points = curve.sorted { $0.breadth < $1.breadth }
        guard let chosen = points.first(where: { $0.recall >= target }) ?? points.last else { return }
        measurement = Measurement(
            breadth: chosen.breadth, recall: chosen.recall, p50Microseconds: chosen.p50Microseconds,
            distinct: distinct, time: time)
    }

    /// Whether what was measured holds no more: the graph was built anew since, or has twice the nodes.
    func isDue(distinct: Int, rebuilt: Timestamp?) -> Bool {
        guard let measurement else { return distinct > 0 }
        return distinct / 2 >= max(1, measurement.distinct) || rebuilt.map { $0 > measurement.time } ?? false
    }
}
