/// What only a look at every link of a graph finds.
struct GraphShape: Equatable {
    /// Nodes with rows that no walk reaches, without those that wait to be linked.
    var unreachable = 0
    /// How many nodes each layer has, the ground layer first.
    var layers: [Int]
    /// How many nodes have 0, 1, 2 … links on the ground layer.
    var degrees: [Int]
    /// Nodes with rows, when the look began.
    var nodes: Int
}

/// A look at every link of a graph, some nodes at a time.
///
/// A graph that nobody changes meanwhile is told exactly. Of another each node is told as it was when its turn came,
/// and what the links of others led to then.
struct GraphSurvey {
    fileprivate(set) var shape: GraphShape
    fileprivate var reached: SlotSet
    /// What was reached, in order, and how much of it was expanded.
    fileprivate var queue: [UInt32] = []
    fileprivate var expanded = 0
    /// The next slot to be counted.
    fileprivate var cursor: UInt32 = 0
}

extension Graph {
    /// Begins a look at every link.
    func beginSurvey() -> GraphSurvey {
        let shape = GraphShape(
            layers: [Int](repeating: 0, count: slotCount == 0 ? 0 : topLevel + 1),
            degrees: [Int](repeating: 0, count: ground.width + 1), nodes: liveCount)
        var survey = GraphSurvey(shape: shape, reached: SlotSet(below: slotCount))
        if entry != Graph.none {
            survey.queue.reserveCapacity(slotCount)
            _ = survey.reached.insert(entry)
            survey.queue.append(entry)
        }
        return survey
    }

    /// Looks at some more nodes; false when all are.
    func continueSurvey(_ survey: inout GraphSurvey, nodes: Int) -> Bool {
        var left = nodes
        survey.reached.grow(below: slotCount)
        while left > 0, survey.expanded < survey.queue.count {
            expand(&survey.expanded, &survey.queue, over: &survey.reached) { _, _ in }
            left -= 1
        }
        while left > 0, survey.cursor < slotCount {
            if !isFree(survey.cursor) { count(survey.cursor, in: &survey) }
            survey.cursor += 1
            left -= 1
        }
        return survey.cursor < slotCount
    }

    private func count(_ slot: UInt32, in survey: inout GraphSurvey) {
        // Without links nobody comes to a node from above.
        let top = min(Int(levels[slot]), topLevel)
        while survey.shape.layers.count <= top { survey.shape.layers.append(0) }
        for layer in 0...top { survey.shape.layers[layer] += 1 }
        survey.shape.degrees[ground.degree(slot)] += 1
        guard entry != Graph.none, isLive(slot), !isInTail(slot), !survey.reached.contains(slot)
        else { return }
        // It may be new, or have been handed over to a neighbour that was expanded before.
        if !isReachedOverTree(slot) { survey.shape.unreachable += 1 }
    }
}
