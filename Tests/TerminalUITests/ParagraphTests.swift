import Testing

@testable import TerminalUI

/// Where lines may be broken, and where not.
@Suite struct ParagraphTests {
    private func wrapped(_ text: String, _ width: Int) -> [String] {
        Paragraph(text).wrapped(width: width).map { $0.spans.map(\.text).joined() }
    }

    @Test func `a number and its unit stay on one line, whatever stands around them`() {
        #expect(
            wrapped("rather base: read +3 %, write +12 %", 21) == ["rather base: read", "+3 %, write +12 %"])
        #expect(wrapped("it took 4,000 s in all", 14) == ["it took", "4,000 s in all"])
        #expect(wrapped("about (1.5 GB) of memory", 10) == ["about", "(1.5 GB)", "of memory"])
        // Words that only look alike are words.
        #expect(wrapped("item 7 may go", 7) == ["item 7", "may go"])
        #expect(wrapped("version v2 s", 10) == ["version v2", "s"])
    }

    @Test(arguments: 1...60) func `no line is wider than it may be or ends with a blank`(width: Int) {
        let text = "they decide the same  in 100 % of 1,234 decisions; rather x +3 % and y +12 %, 40 ms each "
        let lines = wrapped(text, width)
        #expect(lines.allSatisfy { $0.displayWidth <= width })
        #expect(lines.allSatisfy { $0.last != " " }, "\(lines)")
        let words = { (text: String) in text.split(separator: " ").joined() }
        #expect(words(lines.joined()) == words(text))
    }

    @Test func `where even number and unit are too wide they are cut like any word`() {
        #expect(wrapped("1,234,567 %", 5).allSatisfy { $0.displayWidth <= 5 })
    }
}
