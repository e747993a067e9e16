internal import CVectorKernels

extension Interner {
    /// Looks for a fragment in all values at once; a mark for each number says whether it is in its value.
    ///
    /// Goes over the arena 64 bytes at a time, looking for two of the fragment's bytes.
    func marks(of fragment: Fragment) -> [Bool] {
        guard var pair = fragment.pair else { return [Bool](repeating: true, count: count) }
        var marking = Marking(fragment: fragment, marks: [Bool](repeating: false, count: count))
        let bytes = arena.span
        let ends = ends.span
        var offset = 0
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            while offset + 64 + pair.distance <= buffer.count {
                var places = unsafe vk_fragment_places(base + offset, &pair)
                while places != 0 {
                    marking.look(at: offset + places.trailingZeroBitCount, of: bytes, ends)
                    places &= places - 1
                }
                offset += 64
            }
        }
        for place in offset..<bytes.count { marking.look(at: place, of: bytes, ends) }
        return marking.marks
    }
}

/// The values of an arena marked from the first to the last.
private struct Marking {
    let fragment: Fragment
    var marks: [Bool]
    /// The value looked at, and where it begins.
    private var number = 0
    private var start = 0
    /// The last value that was looked at as a whole.
    private var whole = -1

    init(fragment: Fragment, marks: [Bool]) {
        self.fragment = fragment
        self.marks = marks
    }

    /// Looks closer at a place where the fragment may begin; places ascend.
    mutating func look(at place: Int, of arena: Span<UInt8>, _ ends: Span<UInt32>) {
        while Int(ends[number]) <= place {
            start = Int(ends[number])
            number += 1
        }
        if marks[number] || whole == number { return }
        let end = Int(ends[number])
        if arena[place] < 0x80 {
            marks[number] = place + fragment.bytes.count <= end && fragment.stands(at: place, of: arena)
        } else {
            // Letters that are not of ASCII have capitals of their own.
            whole = number
            marks[number] = fragment.occurs(in: arena.extracting(start..<end))
        }
    }
}

extension Fragment {
    /// How far apart the two bytes that are looked for are at most.
    private static let longestDistance = 32

    /// Two of the bytes, to look for in many at once; `nil` when there are none.
    fileprivate var pair: vk_fragment? {
        guard let first = bytes.first else { return nil }
        let distance = min(bytes.count - 1, Fragment.longestDistance)
        return vk_fragment(
            first: first, first_case: Fragment.caseBit(first), second: bytes[distance],
            second_case: Fragment.caseBit(bytes[distance]), distance: distance)
    }
}
