import Gzip
import Testing

@Suite struct GzipTests {
    private func deflate(_ bytes: [UInt8], level: Int = 6, chunk: Int = 1000) throws -> [UInt8] {
        var output: [UInt8] = []
        let append = { (piece: Span<UInt8>) in for index in piece.indices { output.append(piece[index]) } }
        var deflater = try GzipDeflater(level: level)
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            try deflater.deflate(Array(bytes[start..<min(bytes.count, start + chunk)]).span, append)
        }
        try deflater.finish(append)
        return output
    }

    private func inflate(_ bytes: [UInt8], chunk: Int = 1000, limitBytes: Int = .max) throws -> [UInt8] {
        var output: [UInt8] = []
        var inflater = try GzipInflater(limitBytes: limitBytes)
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            let piece = Array(bytes[start..<min(bytes.count, start + chunk)])
            try inflater.inflate(piece.span) { for index in $0.indices { output.append($0[index]) } }
        }
        try inflater.finish()
        return output
    }

    @Test(arguments: 0..<20) func `what is deflated is inflated`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let count = Int.random(in: 0...400_000, using: &random)
        let span = UInt8.random(in: 1...255, using: &random)
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...span, using: &random) }
        let packed = try deflate(
            bytes, level: Int(seed) - 2, chunk: Int.random(in: 1...100_000, using: &random))
        let isRecognized = GzipInflater.recognizes(packed.span)
        #expect(isRecognized)
        #expect(try inflate(packed, chunk: Int.random(in: 1...100_000, using: &random)) == bytes)
    }

    @Test func `members follow each other, and zeros after the last are padding`() throws {
        let one = try deflate(Array("one".utf8))
        let two = try deflate(Array("two".utf8))
        for chunk in [1, 7, 1000] {
            #expect(try inflate(one + two + [0, 0, 0, 0], chunk: chunk) == Array("onetwo".utf8))
        }
    }

    @Test func `damage, truncation and size are told`() throws {
        let packed = try deflate([UInt8](repeating: 0x61, count: 300_000))
        #expect(throws: GzipError.truncated) { try inflate(packed.dropLast(1)) }
        #expect(throws: GzipError.corrupt) { try inflate(packed + [1, 2, 3]) }
        #expect(throws: GzipError.corrupt) { try inflate(Array("plain text".utf8)) }
        #expect(throws: GzipError.tooLarge(limitBytes: 1000)) { try inflate(packed, limitBytes: 1000) }
        #expect(try inflate([]).isEmpty)
        for error in [GzipError.corrupt, .truncated, .tooLarge(limitBytes: 5), .unavailable(code: -4)] {
            #expect(!error.description.isEmpty)
        }
        let short: [UInt8] = [0x1F]
        let isRecognized = GzipInflater.recognizes(short.span)
        #expect(!isRecognized)
    }
}
