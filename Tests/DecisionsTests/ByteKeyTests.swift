import Decisions
import Testing

@Suite struct ByteKeyTests {
    private let composed = "caf\u{E9}"
    private let decomposed = "cafe\u{301}"

    @Test func `texts that look alike differ by their bytes`() {
        #expect(composed == decomposed)
        #expect(ByteKey(composed) != ByteKey(decomposed))
        #expect(ByteKey(decomposed) < ByteKey(composed))
        #expect(Set([ByteKey(composed), ByteKey(decomposed), ByteKey(composed)]).count == 2)
    }

    @Test(arguments: [
        "", "a", "12345678", "123456789", "\0", "\0\0", "a long name of more than sixteen bytes",
    ])
    func `a text equals itself however it was made`(text: String) {
        let copy = String(decoding: Array(text.utf8), as: UTF8.self)
        #expect(ByteKey(text) == ByteKey(copy))
        #expect(ByteKey(text).hashValue == ByteKey(copy).hashValue)
        #expect(ByteKey(text) != ByteKey(text + "\0"))
    }
}
