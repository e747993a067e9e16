import Decisions
import VectorStores

extension RecallSetting {
    /// Chooses by a measured curve: the smallest breadth that reaches the target, and all wider ones too; the largest
    /// when that is none.
    ///
    /// A narrow breadth is measured by the questions that have room in it, which may be the easier ones: that it
    /// does well says nothing where a wider one fails.
    init(target: Double, curve: [RecallPoint], distinct: Int, time: Timestamp) {
        self.init(target: target)
        let points = curve.sorted { $0.breadth < $1.breadth }
        let reaching = points.suffix(while: { $0.recall >= target })
        guard let chosen = reaching.first ?? points.last else { return }
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

extension Array {
    /// The last elements, as many as all fulfil a condition.
    fileprivate func suffix(while fulfils: (Element) -> Bool) -> ArraySlice<Element> {
        self[(lastIndex { !fulfils($0) }.map { $0 + 1 } ?? startIndex)...]
    }
}
