import TerminalUI
import Testing

@testable import Console

/// Pictures of rules, lessons, the form and a rehearsal.
@Suite struct TaughtPictureTests {
    @Test(arguments: [
        ("L", "list"), ("L Enter", "rule"), ("L Down Enter", "lesson"), ("S", "form"),
        (": r e h e a r s e Enter", "rehearsal"), (": r e h e a r s e Enter Left Left", "smaller"),
    ])
    func `what was taught looks as recorded`(_ keys: String, _ name: String) async throws {
        let pictures = PictureTests()
        for size in ["80x24", "160x48"] {
            let frame = try await pictures.frame(
                "anomalies", size, keys: keys, snapshot: TaughtTests.snapshot())
            try pictures.compare(frame, "taught-\(name)-\(size)")
        }
    }

    @Test(arguments: ["L", "L Enter", "S", ": r e h e a r s e Enter"])
    func `small terminals show as much as they can`(_ keys: String) async throws {
        for size in ["40x10", "20x6"] {
            let frame = try await PictureTests().frame(
                "anomalies", size, keys: keys, snapshot: TaughtTests.snapshot())
            let parts = PictureTests.size(size)
            #expect(frame.lines.count == parts.height)
        }
    }
}
