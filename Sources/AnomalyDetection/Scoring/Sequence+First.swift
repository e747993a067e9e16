extension Sequence {
    /// The first so many by an order, in that order, of equals those that came first.
    ///
    /// As a sort and its beginning, without the sort: costs a comparison of each with the last of the first so far, and
    /// a few more of what belongs among them.
    func first(_ count: Int, by comesBefore: (Element, Element) -> Bool) -> [Element] {
        var first: [Element] = []
        guard count > 0 else { return first }
        for element in self {
            if first.count == count {
                guard comesBefore(element, first[count - 1]) else { continue }
                first.removeLast()
            }
            let place = first.lastIndex { !comesBefore(element, $0) }.map { $0 + 1 } ?? 0
            first.insert(element, at: place)
        }
        return first
    }
}
