import Operations
import TerminalUI
import Testing

@testable import Console

@Suite struct HostileTextTests {
    @Test(arguments: FrameRenderer.Subject.names, ["80x24", "200x50", "40x10"])
    func `no control character of a name reaches the surface`(_ view: String, _ size: String) async throws {
        let subject = try #require(FrameRenderer.Subject(name: view))
        for keys in ["", "Enter", "Enter Enter", "m", "t", "/"] {
            let renderer = FrameRenderer(subject, size: PictureTests.size(size), now: Fixture.now)
            let surface = await renderer.frame(
                Fixture.hostileSnapshot(), keys: Key.sequence(keys),
                client: FixtureClient(failure: Fixture.hostile))
            let bad = surface.plainText.unicodeScalars.filter { scalar in
                scalar != "\n"
                    && (scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value == 0x202E
                        || scalar.value == 0x200B)
            }
            #expect(bad.isEmpty)
            #expect(surface.lines.allSatisfy { $0.displayWidth == surface.size.width })
        }
    }

    @Test func `every view draws at any size`() async throws {
        for view in FrameRenderer.Subject.names {
            let subject = try #require(FrameRenderer.Subject(name: view))
            for (width, height) in [(0, 0), (1, 1), (3, 2), (10, 4), (59, 17), (60, 18), (99, 40), (300, 90)]
            {
                let renderer = FrameRenderer(
                    subject, size: Size(width: width, height: height), now: Fixture.now, glyphs: .ascii)
                let surface = await renderer.frame(Fixture.snapshot(), client: FixtureClient())
                #expect(surface.lines.count == height)
                #expect(surface.plainText.allSatisfy { $0.isASCII })
            }
        }
    }
}
