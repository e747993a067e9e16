import CVectorKernels

/// The bytes of an index snapshot, to be damaged; read without the reader under test.
struct SnapshotBytes {
    private(set) var bytes: [UInt8]
    /// Where the headers of the sections are, and their content.
    private let sections: [(header: Int, content: Range<Int>)]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var sections: [(header: Int, content: Range<Int>)] = []
        var offset = 16
        guard bytes.count >= offset else {
            self.sections = []
            return
        }
        for _ in 0..<Self.number(bytes, at: 12, count: 4) {
            let length = Self.number(bytes, at: offset + 8, count: 8)
            let begin = Self.begin(ofSectionAt: offset, length: length)
            let end = begin + length
            sections.append((offset, begin..<end))
            offset = (end + 63) & ~63
        }
        self.sections = sections
    }

    /// Where the content of a section begins: that of a long one on a page.
    private static func begin(ofSectionAt offset: Int, length: Int) -> Int {
        length < 65_536 ? offset + 16 : (offset + 16 + 4_095) & ~4_095
    }

    /// The names of sections by their numbers, as the reader tells them.
    private static let names = [
        1: "configuration", 2: "codes", 3: "overflow", 4: "scales", 5: "offsets", 6: "residuals",
        7: "residual scales", 8: "links", 9: "levels", 10: "partitions", 11: "upper links",
        12: "posting counts", 13: "posting rows", 14: "quantized codes", 15: "quantized scales",
        16: "centroid counts", 17: "centroids",
    ]
    /// What a damage may be told to be in.
    static let places = Set(names.values).union(["header", "end"])

    /// Where the content of each section lies, and what follows its header to where that begins, by its name.
    var contents: [(name: String, padding: Range<Int>, content: Range<Int>)] {
        sections.map { section in
            let number = Self.number(bytes, at: section.header, count: 4)
            let padding = section.header + 16..<section.content.lowerBound
            return (Self.names[number] ?? "\(number)", padding, section.content)
        }
    }

    /// Changes one bit.
    mutating func flip(at place: Int) { bytes[place] ^= 0x10 }

    private static func number(_ bytes: [UInt8], at place: Int, count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }

    private mutating func write(_ number: UInt64, at place: Int, count: Int) {
        for index in 0..<count where place + index < bytes.count {
            bytes[place + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
        }
    }

    /// Damages the bytes in one of the ways there are.
    mutating func damage(_ generator: inout SeededGenerator) {
        guard sections.allSatisfy({ $0.content.upperBound <= bytes.count }) else { return }
        let section = sections[Int.random(in: 0..<sections.count, using: &generator)]
        let place =
            section.content.isEmpty
            ? section.header : Int.random(in: section.content, using: &generator)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1:
            let value = [0, 0x80, 0xFF, UInt8.random(in: 0...255, using: &generator)]
                .randomElement(using: &generator)
            for index in place..<min(place + Int.random(in: 1...40, using: &generator), bytes.count) {
                bytes[index] = value ?? 0
            }
        case 2: bytes.removeLast(Int.random(in: 1..<bytes.count, using: &generator))
        case 3:
            bytes += (0..<Int.random(in: 1...200, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
        case 4:
            let other = sections[Int.random(in: 0..<sections.count, using: &generator)]
            for index in 0..<4 { bytes.swapAt(section.header + index, other.header + index) }
        case 5:
            let lengths = [0, 1, 4, UInt64(section.content.count + 4), UInt64(bytes.count), .max, 1 << 62]
            write(lengths.randomElement(using: &generator) ?? 0, at: section.header + 8, count: 8)
        case 6: write(UInt64.random(in: 0...40, using: &generator), at: section.header, count: 4)
        case 7:
            let configuration = sections[0].content
            let field = Int.random(in: 0..<configuration.count / 8, using: &generator)
            write(interesting(&generator), at: configuration.lowerBound + field * 8, count: 8)
        default:
            let first = section.content.lowerBound
            write(interesting(&generator), at: first + (place - first) & ~3, count: 4)
        }
    }

    /// Numbers at the bounds of what a field may be.
    private func interesting(_ generator: inout SeededGenerator) -> UInt64 {
        let values: [UInt64] = [
            0, 1, 2, 15, 16, 63, 64, 89, 90, 100, 128, 512, 4_096, 1 << 24, 1 << 28, 0x7F80_0000,
            0x7FC0_0000, UInt64(UInt32.max) - 1, UInt64(UInt32.max), .max, generator.next() % 200,
        ]
        return values.randomElement(using: &generator) ?? 0
    }

    /// The same index as version 2 of the format wrote it: sections follow at multiples of 64 from where the one
    /// before began, and the configuration ends earlier.
    func asVersion2() -> [UInt8] {
        var old = SnapshotBytes([])
        old.bytes = Array(bytes[..<16])
        old.write(2, at: 8, count: 4)
        for (number, section) in sections.enumerated() {
            let content = Array(bytes[section.content].prefix(number == 0 ? 96 : .max))
            let header = old.bytes.count
            old.bytes += bytes[section.header..<section.header + 16]
            old.write(UInt64(content.count), at: header + 8, count: 8)
            old.write(UInt64(Self.checksum(content[...])), at: header + 4, count: 4)
            old.bytes += content + [UInt8](repeating: 0, count: -content.count & 63)
        }
        return old.bytes
    }

    private static func checksum(_ content: ArraySlice<UInt8>) -> UInt32 {
        unsafe content.withUnsafeBytes { unsafe vk_crc32c(0, $0.baseAddress, $0.count) }
    }

    /// Makes the checksums right again, so that what is behind them is asked.
    mutating func seal() {
        var offset = 16
        while offset + 16 <= bytes.count {
            let length = Self.number(bytes, at: offset + 8, count: 8)
            let begin = Self.begin(ofSectionAt: offset, length: max(0, length))
            guard length >= 0, begin <= bytes.count, length <= bytes.count - begin else { return }
            write(UInt64(Self.checksum(bytes[begin..<begin + length])), at: offset + 4, count: 4)
            offset = (begin + length + 63) & ~63
        }
    }
}
