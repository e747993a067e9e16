/// The first elements by an order, at most so many: a heap whose root is the last of those kept.
///
/// An element that comes too late costs one comparison, so that a group of any size may pass.
package struct FirstElements<Element> {
    @usableFromInline let limit: Int
    @usableFromInline var heap: [Element] = []

    /// Keeps up to `limit` elements.
    @inlinable
    package init(limit: Int) {
        self.limit = limit
        heap.reserveCapacity(min(limit, 64))
    }

    /// What an element must come before to matter; nil while there is room.
    @inlinable package var bar: Element? { heap.count == limit ? heap.first : nil }

    /// Looks at an element; `precedes` says which of two comes first and is the same at every call.
    @inlinable
    package mutating func offer(_ element: Element, precedes: (Element, Element) -> Bool) {
        if heap.count < limit {
            heap.append(element)
            rise(precedes)
        } else if let bar, precedes(element, bar) {
            heap[0] = element
            sink(precedes)
        }
    }

    /// The elements kept, in order; they are all that is left to ask for.
    @inlinable
    package consuming func sorted(by precedes: (Element, Element) -> Bool) -> [Element] {
        var elements = heap
        heap = []
        elements.sort(by: precedes)
        return elements
    }

    @inlinable
    mutating func rise(_ precedes: (Element, Element) -> Bool) {
        var place = heap.count - 1
        while place > 0, precedes(heap[(place - 1) / 2], heap[place]) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    @inlinable
    mutating func sink(_ precedes: (Element, Element) -> Bool) {
        var place = 0
        while true {
            var last = place
            for child in (2 * place + 1)...(2 * place + 2)
            where child < heap.count && precedes(heap[last], heap[child]) { last = child }
            if last == place { return }
            heap.swapAt(place, last)
            place = last
        }
    }
}
