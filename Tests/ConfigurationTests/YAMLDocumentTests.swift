import Testing

@testable import Configuration

@Suite struct YAMLDocumentTests {
    private func problem(_ text: String) -> String {
        do throws(ConfigurationError) {
            _ = try YAMLDocument.parse(text, file: "f")
            return "none"
        } catch {
            return error.description
        }
    }

    @Test func `keeps order, lines and the text of scalars`() throws {
        let value = try YAMLDocument.parse("b: 007\na:\n  - x\n  - \"true\"\n  - 1.5\n  - yes\nc: ~\n")
        #expect(value.entries?.map(\.key) == ["b", "a", "c"])
        #expect(value.entries?.map(\.line) == [1, 2, 7])
        #expect(value["b"]?.text == "007")
        #expect(value["b"]?.integer == 7)
        let list = try #require(value["a"]?.elements)
        #expect(list.map(\.line) == [3, 4, 5, 6])
        #expect(list[1].truth == nil)
        #expect(list[1].text == "true")
        #expect(list[2].number == 1.5)
        #expect(list[3].truth == true)
        #expect(value["c"]?.isNull == true)
        #expect(value["d"] == nil)
        #expect(value.text == nil)
        #expect(
            list[0].elements == nil && list[0].entries == nil && list[0].integer == nil
                && list[0].number == nil)
        #expect(value.kindName == "a mapping" && list[0].kindName == "text")
        #expect(try YAMLDocument.parse("no").truth == false)
        #expect(try YAMLDocument.parse("maybe").truth == nil)
        #expect(value["a"]?.isNull == false)
    }

    @Test func `an empty document says nothing`() throws {
        #expect(try YAMLDocument.parse("").isNull)
        #expect(try YAMLDocument.parse("# only a comment\n").isNull)
    }

    @Test func `faults are told with file and line`() {
        #expect(problem("a: [1\nb: 2").hasPrefix("f:"))
        #expect(problem("a: 1\na: 2").contains("a key occurs twice"))
        #expect(problem("a: *b").contains("f:1:"))
        #expect(problem("? [a]\n: b").contains("a key must be text"))
        #expect(problem("a: \u{1}").hasPrefix("f"))
    }

    @Test func `depth, number of values and size have limits`() {
        #expect(problem(String(repeating: "[", count: 100_000)).contains("nested deeper"))
        #expect(problem(String(repeating: "- ", count: 100_000)).contains("nested deeper"))
        #expect(
            problem(String(repeating: "{a: ", count: 200) + String(repeating: "}", count: 200)).contains(
                "nested deeper"))
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...8 {
            let alias = "*a\(level - 1)"
            bomb +=
                "a\(level): &a\(level) [" + Array(repeating: alias, count: 10).joined(separator: ", ") + "]\n"
        }
        #expect(problem(bomb).contains("more than 200000 values"))
        #expect(problem(String(repeating: " ", count: 5 << 20)).contains("larger than 4 MiB"))
    }
}
