import Testing

@testable import DecisionLogs

/// What a cutter hands out, in a form that can be compared.
struct Cut: Equatable {
    let line: Int
    let piece: Piece
    let text: String

    init(_ line: Int, _ piece: Piece, _ text: String) {
        self.line = line
        self.piece = piece
        self.text = text
    }

    init(_ line: Int, _ piece: Piece, _ bytes: Span<UInt8>) {
        self.init(line, piece, String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self))
    }
}

/// Cuts bytes into chunks of random length.
func chunks(of bytes: [UInt8], using random: inout SeededGenerator) -> [[UInt8]] {
    var chunks: [[UInt8]] = []
    var start = 0
    while start < bytes.count {
        let end = min(bytes.count, start + Int.random(in: 1...9, using: &random))
        chunks.append(Array(bytes[start..<end]))
        start = end
    }
    return chunks
}

@Suite struct LineSplitterTests {
    private func cut(_ chunks: [[UInt8]], limit: Int = 100) -> [Cut] {
        var splitter = LineSplitter(limitBytes: limit)
        var cuts: [Cut] = []
        for chunk in chunks { splitter.feed(chunk.span) { cuts.append(Cut($0, $1, $2)) } }
        splitter.finish { cuts.append(Cut($0, $1, $2)) }
        return cuts
    }

    @Test func `lines end at line feeds, carriage returns and marks are dropped`() {
        let text = "\u{FEFF}one\r\n\ntwo\r\n\u{FEFF}three\rx\n\r\nlast"
        #expect(
            cut([Array(text.utf8)]) == [
                Cut(1, .whole, "one"), Cut(2, .whole, ""), Cut(3, .whole, "two"), Cut(4, .whole, "three\rx"),
                Cut(5, .whole, ""), Cut(6, .whole, "last"),
            ])
        #expect(cut([]) == [])
        #expect(cut([Array("a\n".utf8)]) == [Cut(1, .whole, "a")])
    }

    @Test func `a line over the limit is reported once and the next one is whole`() {
        let text = Array((String(repeating: "x", count: 101) + "\nnext\n").utf8)
        let expected = [Cut(1, .tooLong, ""), Cut(2, .whole, "next")]
        #expect(cut([text]) == expected)
        #expect(cut(text.map { [$0] }) == expected)
        #expect(cut([Array(repeating: 0x78, count: 300)]) == [Cut(1, .tooLong, "")])
        #expect(cut([Array(repeating: 0x78, count: 100)])[0].piece == .whole)
    }

    @Test(arguments: 0..<100) func `chunks do not matter`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet: [UInt8] = [0x61, 0x62, 0x0A, 0x0A, 0x0D, 0x20]
        let bytes = (0..<200).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
        var expected = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated().map {
            line in
            let content = line.element.last == 0x0D ? line.element.dropLast() : line.element
            return line.element.count > 12
                ? Cut(line.offset + 1, .tooLong, "")
                : Cut(line.offset + 1, .whole, String(decoding: content, as: UTF8.self))
        }
        if bytes.last == 0x0A { expected.removeLast() }
        #expect(cut(chunks(of: bytes, using: &random), limit: 12) == expected)
    }

    @Test func `an unfinished line waits, and a reset forgets it`() {
        var splitter = LineSplitter(limitBytes: 100)
        var cuts: [Cut] = []
        splitter.feed(Array("one\ntw".utf8).span) { cuts.append(Cut($0, $1, $2)) }
        #expect(cuts == [Cut(1, .whole, "one")])
        #expect(splitter.hasPending)
        splitter.reset()
        #expect(!splitter.hasPending)
        splitter.feed(Array("new\n".utf8).span) { cuts.append(Cut($0, $1, $2)) }
        #expect(cuts.last == Cut(1, .whole, "new"))
    }
}

@Suite struct DocumentSplitterTests {
    private func cut(_ chunks: [[UInt8]], limit: Int = 1000) -> [Cut] {
        var splitter = DocumentSplitter(limitBytes: limit)
        var cuts: [Cut] = []
        for chunk in chunks where !splitter.isBroken {
            _ = splitter.feed(chunk.span) { cuts.append(Cut($0, $1, $2)) }
        }
        if !splitter.isBroken { splitter.finish { cuts.append(Cut($0, $1, $2)) } }
        return cuts
    }

    private func cut(_ text: String, limit: Int = 1000) -> [Cut] { cut([Array(text.utf8)], limit: limit) }

    @Test func `elements come out one by one`() {
        #expect(
            cut("[\n {\"a\": [1, {}]},\n 2 ,\"x]\\\"\" , [3]\n]") == [
                Cut(2, .whole, "{\"a\": [1, {}]}"), Cut(3, .whole, "2"), Cut(3, .whole, "\"x]\\\"\""),
                Cut(3, .whole, "[3]"),
            ])
        #expect(
            cut("{\"kind\": \"EventList\",\n \"items\": [\n {\"a\": 1},\n {\"b\": 2}\n ], \"z\": {}}") == [
                Cut(3, .whole, "{\"a\": 1}"), Cut(4, .whole, "{\"b\": 2}"),
            ])
        #expect(cut("{\"Records\":[{}]}\n{\"Records\":[{}]}").map(\.line) == [1, 2])
        #expect(cut("[ ]") == [Cut(1, .whole, "[]")])
        #expect(cut("{\"items\":[]}") == [Cut(1, .whole, "[]")])
    }

    @Test func `objects that hold no items come out whole`() {
        let pretty = "{\n \"a\": {\"items\": [1]},\n \"b\": [2]\n}"
        #expect(cut(pretty + "\n\n" + pretty) == [Cut(1, .whole, pretty), Cut(6, .whole, pretty)])
    }

    @Test(arguments: ["[}", "{\"a\":1]", "[1] x", "\"x\"", "[", "{\"a\": \"x\n\"}", "]", ",", "[\"a\n\"]"])
    func `what is no document is reported`(text: String) {
        #expect(cut(text).last?.piece == .broken)
    }

    @Test func `an item over the limit is reported and the next one is whole`() {
        let long = String(repeating: "x", count: 50)
        #expect(
            cut("[\"\(long)\",\n{}]", limit: 20) == [Cut(1, .tooLong, ""), Cut(2, .whole, "{}")])
        #expect(cut("{\"a\":\"\(long)\"}\n{}", limit: 20) == [Cut(1, .tooLong, ""), Cut(2, .whole, "{}")])
        #expect(cut(String(repeating: "[", count: 200)).last?.piece == .broken)
    }

    @Test(arguments: 0..<60) func `chunks do not matter`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let text =
            "{\"apiVersion\": \"v1\",\n \"items\": [\n {\"a\": \"é\\\"]\"},\n {\"b\": [2, {}]}\n ]}\n[1,\n2]\n{}"
        let bytes = Array(text.utf8)
        #expect(cut(chunks(of: bytes, using: &random)) == cut([bytes]))
        #expect(cut([bytes]).count == 5)
    }
}
