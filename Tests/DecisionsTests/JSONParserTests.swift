import Decisions
import Testing

@Suite struct JSONParserTests {
    private func problem(_ text: String, limits: JSONLimits = JSONLimits()) -> JSONError? {
        do {
            _ = try JSONParser(limits: limits).parse(text)
            return nil
        } catch {
            return error as? JSONError
        }
    }

    @Test func `values of every type are read`() throws {
        let value = try JSONParser().parse(
            #" { "a" : [ null , true , false , -0.5e+2 , "x" , { } , [ ] ] , "b" : "" } "#)
        let expected: JSONValue = .object([
            "a": .array([
                .null, .bool(true), .bool(false), .number("-0.5e+2"), .string("x"), .object([:]), .array([]),
            ]),
            "b": .string(""),
        ])
        #expect(value == expected)
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u0041""#, "éA"),
        (#""\ud83d\ude00!""#, "😀!"), (#""\ud83d""#, "\u{FFFD}"), (#""\ude00x""#, "\u{FFFD}x"),
        (#""\ud83dA""#, "\u{FFFD}A"), (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\u0000""#, "\u{0}"),
        (#""plain text of more than eight bytes é""#, "plain text of more than eight bytes é"),
    ])
    func `escapes are resolved`(text: String, expected: String) throws {
        #expect(try JSONParser().parse(text) == .string(expected))
    }

    @Test(arguments: [
        ("", JSONError.Problem.truncated, 0), ("  ", .truncated, 2), ("{", .truncated, 1),
        ("[1,", .truncated, 3), (#"{"a""#, .truncated, 4), (#"{"a":"#, .truncated, 5),
        (#""abc"#, .truncated, 4),
        (#""abc\"#, .truncated, 5), (#""\u12"#, .truncated, 5), ("tru", .truncated, 3),
        ("nul1", .unexpectedByte, 3), ("x", .unexpectedByte, 0), ("[1 2]", .unexpectedByte, 3),
        ("[,1]", .unexpectedByte, 1), ("[1,]", .unexpectedByte, 3), (#"{"a" 1}"#, .unexpectedByte, 5),
        (#"{"a":1,}"#, .unexpectedByte, 7), ("{a:1}", .unexpectedByte, 1), ("[1}", .unexpectedByte, 2),
        (#"{"a":1]"#, .unexpectedByte, 6), ("1 2", .trailingText, 2), ("{}{}", .trailingText, 2),
        ("01", .malformedNumber, 0), ("-", .malformedNumber, 0), ("1.", .malformedNumber, 0),
        ("[1e]", .malformedNumber, 1), ("1e+", .malformedNumber, 0), ("+1", .unexpectedByte, 0),
        (".5", .unexpectedByte, 0), ("NaN", .unexpectedByte, 0), (#""\x""#, .malformedEscape, 1),
        (#""\u12g4""#, .malformedEscape, 1), ("\"a\nb\"", .controlCharacter, 2),
        ("\"long enough for a word\u{1}\"", .controlCharacter, 23),
    ])
    func `what is not JSON is refused with its place`(text: String, expected: JSONError.Problem, offset: Int)
    {
        #expect(problem(text) == JSONError(expected, at: offset))
    }

    @Test func `invalid UTF-8 is refused with its place`() {
        let bytes: [UInt8] = Array(#"{"a":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)
        #expect(throws: JSONError(.invalidUTF8, at: 6)) { try JSONParser().parse(bytes.span) }
        let surrogate: [UInt8] = [0x22, 0xED, 0xA0, 0x80, 0x22]
        #expect(throws: JSONError(.invalidUTF8, at: 1)) { try JSONParser().parse(surrogate.span) }
    }

    @Test func `depth and length are limited`() {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(problem(deep) == nil)
        #expect(problem("[" + deep + "]") == JSONError(.tooDeep, at: 64))
        #expect(problem(String(repeating: "[", count: 100_000)) == JSONError(.tooDeep, at: 64))
        #expect(problem("[1,2]", limits: JSONLimits(bytes: 4)) == JSONError(.tooLong, at: 4))
    }

    @Test func `a repeated key keeps its last value and its first place`() throws {
        #expect(try JSONParser().parse(#"{"a":1,"b":2,"a":3}"#).json == #"{"a":3,"b":2}"#)
        let many = (0..<40).map { "\"k\($0 % 20)\":\($0)" }.joined(separator: ",")
        let object = try #require(try JSONParser().parse("{\(many)}").object)
        #expect(object.members.map(\.key) == (0..<20).map { "k\($0)" })
        #expect(object["k3"] == .number("23"))
    }

    @Test func `a large object is read in linear time`() throws {
        let many = (0..<50_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        #expect(try JSONParser().parse("{\(many)}").object?.members.count == 50_000)
    }

    @Test(arguments: 0..<200) func `what is written is read back`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let value = random.jsonValue()
        #expect(try JSONParser().parse(value.json) == value)
        #expect(try JSONParser().parse(value.sorted.json) == value)
    }

    @Test(arguments: 0..<100) func `damaged text is refused or read as what it says`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let text = JSONValue.object(random.jsonObject()).json
        for _ in 0..<40 {
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = random.pick([0x00, 0x22, 0x2C, 0x5C, 0x7B, 0x7D, 0x5B, 0x5D, 0x31, 0x80, 0xFF])
            }
            if random.chance(3) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            do {
                let value = try JSONParser().parse(bytes.span)
                #expect(try JSONParser().parse(value.json) == value)
            } catch let error as JSONError {
                #expect((0...bytes.count).contains(error.offset))
            }
        }
    }

    @Test func `errors say what and where`() {
        #expect(
            JSONError(.malformedNumber, at: 7).description == "not valid JSON at byte 7: malformed number")
    }
}
