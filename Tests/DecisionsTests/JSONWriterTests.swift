import Decisions
import Testing

@Suite struct JSONWriterTests {
    @Test func `commas come by themselves`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.beginArray()
        writer.integer(1)
        writer.bool(true)
        writer.null()
        writer.double(0.5)
        writer.double(.infinity)
        writer.beginObject()
        writer.endObject()
        writer.raw("[2]")
        writer.endArray()
        writer.key("b")
        writer.string("x")
        writer.endObject()
        #expect(writer.text == #"{"a":[1,true,null,0.5,null,{},[2]],"b":"x"}"#)
        writer.removeAll()
        writer.number("7")
        #expect(writer.bytes == [0x37])
    }

    @Test func `nothing that a terminal obeys is written raw`() {
        let hostile = "\u{1B}[2J\u{9B}31m\u{7F}\u{202E}\u{2066}\u{200F}\u{2028}\r\u{8}\u{0}é\u{A0}€☃"
        let json = JSONValue.string(hostile).json
        #expect(
            json == #""\u001b[2J\u009b31m\u007f\u202e\u2066\u200f\u2028\r\b\u0000é"# + "\u{A0}" + #"€☃""#)
        for scalar in json.unicodeScalars { #expect(scalar.properties.generalCategory != .control) }
    }

    @Test func `what takes no place in a text is written as its escape and read back`() throws {
        let hidden = "\u{AD}\u{61C}\u{180E}\u{200B}\u{2060}\u{206F}\u{FEFF}\u{FFF9}\u{E0041}\u{E0FFF}"
        let json = JSONValue.string("a" + hidden + "\u{E000}\u{1F600}ÿ\u{61B}").json
        #expect(
            json == #""a\u00ad\u061c\u180e\u200b\u2060\u206f\ufeff\ufff9\udb40\udc41\udb43\udfff"#
                + "\u{E000}\u{1F600}ÿ\u{61B}\"")
        #expect(try JSONParser().parse(json) == .string("a" + hidden + "\u{E000}\u{1F600}ÿ\u{61B}"))
    }

    @Test func `quotes and backslashes are escaped`() {
        #expect(JSONValue.string(#"a"b\c/"#).json == #""a\"b\\c/""#)
        #expect(JSONValue.object(["k\"": .string("\t\n\u{C}")]).json == #"{"k\"":"\t\n\f"}"#)
    }
}

@Suite struct JSONObjectTests {
    @Test func `order does not matter for equality`() {
        let one: JSONObject = ["a": .number("1"), "b": .object(["x": .null, "y": .null])]
        let other: JSONObject = ["b": .object(["y": .null, "x": .null]), "a": .number("1")]
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        #expect(one != ["a": .number("1")])
        #expect(one != ["a": .number("2"), "b": .object(["x": .null, "y": .null])])
        #expect(other.sorted.members.map(\.key) == ["a", "b"])
    }

    @Test func `members are set, replaced and removed by key`() {
        var object = JSONObject()
        #expect(object.isEmpty)
        object["a"] = .bool(true)
        object["b"] = .null
        object["a"] = .bool(false)
        object["c"] = nil
        #expect(object.members.map(\.key) == ["a", "b"])
        object["a"] = nil
        #expect(object == ["b": .null])
    }

    @Test func `values give what they hold and nothing else`() {
        #expect(JSONValue.string("x").text == "x")
        #expect(JSONValue.null.text == nil)
        #expect(JSONValue.number("2.5").number == 2.5)
        #expect(JSONValue.string("2.5").number == nil)
        #expect(JSONValue.array([.null]).elements == [.null])
        #expect(JSONValue.null.elements == nil)
        #expect(JSONValue.object([:]).object == [:])
        #expect(JSONValue.bool(true).object == nil)
    }
}
