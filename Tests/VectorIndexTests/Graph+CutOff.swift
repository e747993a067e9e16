@testable import VectorIndex

extension Graph {
    /// Takes away every link on the ground layer that leads to one of some nodes.
    func cutOff(_ lost: Set<UInt32>) {
        for slot in 0..<UInt32(slotCount) {
            let row = unsafe ground.row(slot)
            let kept = (0..<ground.degree(slot)).map { unsafe row[$0] }.filter { !lost.contains($0) }
            unsafe row.update(repeating: Graph.none, count: ground.width)
            for (place, target) in kept.enumerated() { unsafe row[place] = target }
        }
    }
}
