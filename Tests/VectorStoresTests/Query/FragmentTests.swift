import Decisions
import Testing

@testable import VectorStores

/// Texts looked for without regard to case: in bytes, in all values of a column, in packed identifiers.
@Suite struct FragmentTests {
    private static let texts = [
        "", "a", "A", "Zebra-[x]", "@`{[", "svc-deploy", "SVC-Deploy", "Ümläut", "ÜMLÄUT", "straße",
        "\u{212A}elvin",
        "system:serviceaccount:kube-system:Deployment-Controller", "i\u{307}", "ὈΔΥΣΣΕΎΣ", "aaab", "ab\u{0}c",
        "日本語",
    ]
    private static let fragments = [
        "", "a", "AAB", "z", "[", "@", "{", "`", "-DEP", "ümlä", "Ä", "SS", "kelvin", "K", "controller", "é",
        "ὀδυσσεύς",
        "serviceaccount:Kube-System:deployment-con", "serviceaccount:kube-system:deployment-com",
        "b\u{0}", "本", "a-much-longer-fragment-than-any-text-here-is-of-all-of-them-together",
    ]

    /// What is meant: the lower-case bytes of one within those of the other.
    private static func contains(_ text: String, _ fragment: String) -> Bool {
        let (bytes, wanted) = (Array(text.lowercased().utf8), Array(fragment.lowercased().utf8))
        guard wanted.count <= bytes.count else { return false }
        return (0...(bytes.count - wanted.count)).contains { start in
            Array(bytes[start..<start + wanted.count]) == wanted
        }
    }

    @Test func `a fragment is found whatever the case`() {
        for text in Self.texts {
            for fragment in Self.fragments {
                #expect(
                    Fragment(fragment).occurs(in: text) == Self.contains(text, fragment),
                    "\(fragment) in \(text)")
            }
        }
    }

    @Test func `all values of a column are looked at together`() {
        var values = Interner()
        var random = SeededGenerator(seed: 5)
        for text in Self.texts { _ = values.intern(text) }
        for _ in 0..<400 {
            let letters = (0..<Int.random(in: 1...20, using: &random)).map { _ in
                random.choose(["a", "A", "b", "B", "-", "é", "É", "0"])
            }
            _ = values.intern(letters.joined())
        }
        for fragment in Self.fragments + ["ab", "B-a", "é0", "0", "aÉ", "bbb"] {
            let wanted = (0..<UInt32(values.count)).map { Self.contains(values.text($0), fragment) }
            #expect(values.marks(of: Fragment(fragment)) == wanted, "\(fragment)")
        }
        #expect(Interner().marks(of: Fragment("a")) == [])
    }

    private static func identifiers(_ random: inout SeededGenerator) -> [String] {
        var ids = [
            "", "a", "A-1", "d-100000", "fifteen-bytes-1", "É", "é-1", "ab\u{0}", "ab", "ab\u{0}\u{0}",
        ]
        for _ in 0..<60 {
            let digits = (0..<32).map { _ in random.choose(Array("0123456789abcdef")) }
            var uuid = ""
            for (place, digit) in digits.enumerated() {
                if [8, 12, 16, 20].contains(place) { uuid.append("-") }
                uuid.append(digit)
            }
            ids += [uuid, uuid.uppercased(), String(uuid.prefix(Int.random(in: 1...30, using: &random)))]
        }
        return ids
    }

    @Test func `packed identifiers are searched as their texts are`() {
        var random = SeededGenerator(seed: 6)
        let ids = Self.identifiers(&random)
        var column = IdentifierColumn()
        let forms = ids.map { column.append($0, originalLength: $0.utf8.count) }
        #expect(Set(forms.map(\.rawValue)) == [0, 1, 2])
        var fragments = Self.fragments + ["-", "--", "7", "F", "g", "a-", "-1", "000", "\u{0}"]
        for _ in 0..<300 {
            let bytes = Array(random.choose(ids).utf8)
            let start = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, start + Int.random(in: 0...12, using: &random))
            let part = String(decoding: bytes[start..<end], as: UTF8.self)
            fragments.append(random.chance(0.5) ? part.uppercased() : part)
        }
        for text in fragments {
            let packed = PackedFragment(Fragment(text))
            for row in ids.indices {
                let found = column.contains(packed, row: row, form: forms[row])
                #expect(found == Self.contains(ids[row], text), "\(text) in \(ids[row])")
            }
        }
    }

    @Test func `identifiers are ordered as their bytes are`() {
        var random = SeededGenerator(seed: 7)
        let ids = Self.identifiers(&random)
        var column = IdentifierColumn()
        let forms = ids.map { column.append($0, originalLength: $0.utf8.count) }
        for row in ids.indices {
            for other in ids.indices {
                let precedes = column.precedes(row, forms[row], other, forms[other])
                if ByteKey(ids[row]) == ByteKey(ids[other]) {
                    #expect(precedes == nil)
                } else {
                    #expect(
                        precedes == (ByteKey(ids[row]) < ByteKey(ids[other])), "\(ids[row]) \(ids[other])")
                }
            }
        }
    }

    @Test func `only rows that are left are asked about`() {
        var column = Column<UInt8>()
        for row in 0..<300 { column.append(UInt8(row % 7)) }
        var set = RowSet(rowCount: 300) { $0 % 10 == 0 || (64..<128).contains($0) }
        let before = set
        var asked: [Int] = []
        ColumnFilter.keep(column, in: &set) { value, row in
            asked.append(row)
            return value == 3
        }
        #expect(asked == (0..<300).filter(before.contains))
        #expect(set == RowSet(rowCount: 300) { before.contains($0) && $0 % 7 == 3 })
    }
}
