/// The elements of a list that an embedding uses: the first sixteen distinct ones in ascending order of
/// their bytes.
///
/// Chosen in one pass, O(elements); nothing is allocated.
struct EmbeddingList {
    private let list: [String]
    /// Where the chosen elements stand in the list, in ascending order of the elements.
    private var places = [16 of Int](repeating: 0)
    private var count = 0

    @inline(__always)
    init(_ list: [String]) {
        self.list = list
        if list.count == 1 {
            count = 1
        } else {
            for place in list.indices { offer(place) }
        }
    }

    /// Calls `body` with each chosen element, in order.
    @inline(__always)
    func forEach(_ body: (String) -> Void) {
        for rank in 0..<count { body(list[places[rank]]) }
    }

    /// Takes an element in where it belongs among those chosen so far.
    private mutating func offer(_ place: Int) {
        var rank = count
        while rank > 0 {
            let other = list[places[rank - 1]]
            if Self.precedes(other, list[place]) { break }
            if !Self.precedes(list[place], other) { return }
            rank -= 1
        }
        guard rank < EmbeddingRecipe.listLimit else { return }
        count = min(count + 1, EmbeddingRecipe.listLimit)
        var later = count - 1
        while later > rank {
            places[later] = places[later - 1]
            later -= 1
        }
        places[rank] = place
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
