import Decisions
import Testing

@Suite struct DecisionTests {
    static let line =
        #"{"id":"d-1","time":"2026-01-05T09:00:00.120Z","tenant":"acme","principal":{"id":"alice","roles":["clerk"]},"#
        + #""resource":{"kind":"invoice","id":"inv-9","scope":"eu.finance"},"actions":["read"],"effect":"allow","#
        + #""outcome":"ok","policies":["invoice-base"],"duration_us":310,"cache_hit":false,"#
        + #""source":{"ip":"10.1.2.3","agent":"web/4.2","format":"verdict"}}"#
    static let least =
        #"{"id":"x","time":"2026-01-05T09:00:00Z","principal":{"id":"p"},"resource":{"kind":"k"},"#
        + #""actions":["a"],"effect":"deny"}"#

    @Test func `a full line is read and printed unchanged`() throws {
        let decision = try Decision(parsing: Self.line)
        #expect(decision.principal == Principal(id: "alice", roles: ["clerk"]))
        #expect(decision.resource == Resource(kind: "invoice", id: "inv-9", scope: "eu.finance"))
        #expect(decision.durationNanoseconds == 310_000)
        #expect(decision.cacheHit == false)
        #expect(decision.source == Source(ip: "10.1.2.3", agent: "web/4.2", format: "verdict"))
        #expect(decision.nativeLine() == Self.line)
        #expect(decision.nativeLine(canonical: true) == Self.line)
        #expect(decision.extras.isEmpty)
    }

    @Test func `absent stays absent, and the canonical form prints every key`() throws {
        let decision = try Decision(parsing: Self.least)
        #expect(decision.nativeLine() == Self.least)
        #expect(
            decision.nativeLine(canonical: true)
                == #"{"id":"x","time":"2026-01-05T09:00:00Z","tenant":"","principal":{"id":"p","roles":[]},"#
                + #""resource":{"kind":"k","id":null,"scope":null},"actions":["a"],"effect":"deny","outcome":null,"#
                + #""policies":[],"duration_us":null,"cache_hit":null,"source":{"ip":null,"agent":null,"format":null}}"#
        )
        #expect(try Decision(parsing: decision.nativeLine(canonical: true)) == decision)
    }

    @Test func `metadata is the line without id`() throws {
        let decision = try Decision(parsing: Self.line)
        #expect("{\"id\":\"d-1\"," + decision.metadata.dropFirst() == Self.line)
        #expect(try Decision(id: "d-1", metadata: decision.metadata) == decision)
        #expect(throws: DecisionError.notAnObject) { try Decision(id: "d-1", metadata: "[]") }
        #expect(throws: DecisionError.json(JSONError(.truncated, at: 1))) {
            try Decision(id: "d-1", metadata: "{")
        }
    }

    @Test func `unknown keys are kept at every depth and merge back`() throws {
        let line =
            #"{"id":"x","time":"2026-01-05T09:00:00Z","principal":{"id":"p","department":"x","roles":null},"#
            + #""resource":{"kind":"k","attr":{"owner":[1,2.50]}},"actions":["a"],"effect":"deny","#
            + #""source":{"port":443},"trace":"1","principal_hint":{}}"#
        let decision = try Decision(parsing: line)
        #expect(decision.extras["principal"] == .object(["department": .string("x")]))
        #expect(decision.extras["trace"] == .string("1"))
        let printed = decision.nativeLine()
        #expect(printed == line.replacing(",\"roles\":null", with: ""))
        #expect(try Decision(parsing: printed) == decision)
        #expect(try Decision(parsing: decision.nativeLine(canonical: true)) == decision)
    }

    @Test func `equal decisions have equal canonical lines, whatever the order of their keys`() throws {
        let swapped =
            #"{"z":1,"effect":"deny","actions":["a"],"resource":{"kind":"k"},"principal":{"id":"p"},"#
            + #""b":{"y":1,"x":2},"time":"2026-01-05T09:00:00Z","id":"x"}"#
        let one = try Decision(parsing: swapped)
        let other = try Decision(parsing: String(Self.least.dropLast()) + #","b":{"x":2,"y":1},"z":1}"#)
        #expect(one == other)
        #expect(one.nativeLine(canonical: true) == other.nativeLine(canonical: true))
    }

    @Test func `a repeated object replaces all that its first occurrence said`() throws {
        let line =
            String(Self.least.dropLast())
            + #","principal":{"id":"q","x":1},"resource":{"kind":"l"},"principal":{"id":"r"},"source":{"ip":"1"},"#
            + #""source":null}"#
        let decision = try Decision(parsing: line)
        #expect(decision.principal == Principal(id: "r"))
        #expect(decision.resource.kind == "l")
        #expect(decision.source == Source())
        #expect(decision.extras.isEmpty)
    }

    @Test func `of repeated objects the last one's unknown keys are kept, each where the first stood`() throws
    {
        let line =
            String(Self.least.dropLast())
            + #","source":{"a":1},"z":1,"source":{},"resource":{"kind":"k","b":2},"source":{"c":3},"#
            + #""resource":{"kind":"k"}}"#
        let extras = try Decision(parsing: line).extras
        #expect(extras.members.map(\.key) == ["source", "z"])
        #expect(extras["source"] == .object(["c": .number("3")]))
    }

    /// Reading that looks through all unknown keys at each repetition does not end in time.
    @Test(.timeLimit(.minutes(1))) func `a line of nothing but repeated objects is read in one pass`() throws
    {
        let unknown = (0..<60_000).map { ",\"x\($0)\":1" }.joined()
        let repeated = String(repeating: #","source":{"x":1}"#, count: 60_000)
        let decision = try Decision(parsing: Self.least.dropLast() + unknown + repeated + "}")
        #expect(decision.extras.members.count == 60_001)
    }

    @Test(
        arguments: [
            ("310", 310_000, "310"), ("310.5", 310_500, "310.5"), ("0.001", 1, "0.001"), ("0", 0, "0"),
            ("1e3", 1_000_000, "1000"), ("0.0004", 0, "0"), ("0.0005", 1, "0.001"),
            ("9223372036854775.807", Int64.max, "9223372036854775.807"),
        ] as [(String, Int64, String)])
    func `durations keep their fraction`(text: String, nanoseconds: Int64, printed: String) throws {
        let line = String(Self.least.dropLast()) + ",\"duration_us\":\(text)}"
        let decision = try Decision(parsing: line)
        #expect(decision.durationNanoseconds == nanoseconds)
        #expect(decision.nativeLine().hasSuffix(",\"duration_us\":\(printed)}"))
    }

    @Test(arguments: [
        ("id", "null", "id is missing"), ("id", "\"\"", "id is missing"), ("id", "7", "id must be a string"),
        ("time", "null", "time is missing"), ("principal", "null", "principal.id is missing"),
        ("principal", "\"p\"", "principal must be an object"), ("principal", "{}", "principal.id is missing"),
        ("principal", #"{"id":"p","roles":"r"}"#, "principal.roles must be an array of strings"),
        ("principal", #"{"id":"p","roles":[1]}"#, "principal.roles must be an array of strings"),
        ("resource", "{}", "resource.kind is missing"), ("resource", "[]", "resource must be an object"),
        ("resource", #"{"kind":1}"#, "resource.kind must be a string"),
        ("actions", "[]", "actions is missing"),
        ("actions", "\"a\"", "actions must be an array of strings"), ("effect", "null", "effect is missing"),
        ("effect", "\"Allow\"", "effect must be allow, deny or conditional"),
        ("time", "\"yesterday\"", Self.timeReason), ("time", "1e99", Self.timeReason),
        ("time", "[]", Self.timeReason),
        ("duration_us", "-1", "duration_us must be a number of microseconds from 0"),
        ("duration_us", "1e40", "duration_us must be a number of microseconds from 0"),
        ("duration_us", "\"5\"", "duration_us must be a number of microseconds from 0"),
        ("cache_hit", "1", "cache_hit must be true or false"),
        ("source", "\"x\"", "source must be an object"),
        ("tenant", "5", "tenant must be a string"), ("outcome", "{}", "outcome must be a string"),
        ("policies", "{}", "policies must be an array of strings"),
        ("id", #""sur\ud800""#, "id must be text without lone surrogates"),
        ("tenant", #""\udc00x""#, "tenant must be text without lone surrogates"),
        ("principal", #"{"id":"\ud83d\ud83d\ude00"}"#, "principal.id must be text without lone surrogates"),
        ("resource", #"{"kind":"\ud800"}"#, "resource.kind must be text without lone surrogates"),
        ("resource", #"{"kind":"k","id":"\ud800"}"#, "resource.id must be text without lone surrogates"),
    ])
    func `a field that cannot be is told by name`(field: String, value: String, reason: String) {
        let line = String(Self.least.dropLast()) + ",\"\(field)\":\(value)}"
        #expect {
            try Decision(parsing: line)
        } throws: { error in
            "\(error)" == reason
        }
    }

    @Test func `lone surrogates are replaced where nothing is told apart by them`() throws {
        let line =
            String(Self.least.dropLast())
            + #","id":"\ud83d\ude00\ufffd","outcome":"\ud800","source":{"agent":"a\udfffb"}}"#
        let decision = try Decision(parsing: line)
        #expect(decision.id == "\u{1F600}\u{FFFD}")
        #expect(decision.outcome == "\u{FFFD}")
        #expect(decision.source.agent == "a\u{FFFD}b")
    }

    private static let timeReason =
        "time must be an RFC 3339 time or a number of seconds since 1970, years 1 to 9999"

    @Test func `what is no object is told so`() {
        #expect(throws: DecisionError.notAnObject) { try Decision(parsing: "[]") }
        #expect(throws: DecisionError.json(JSONError(.truncated, at: 0))) { try Decision(parsing: "") }
        #expect("\(DecisionError.json(JSONError(.tooDeep, at: 64)))".contains("nested too deeply"))
    }

    @Test(arguments: 0..<100) func `random decisions survive printing and reading`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var decision = random.decision(number: Int(seed))
        decision.id += random.text()
        decision.tenant += random.text()
        decision.principal.roles.append(random.text())
        decision.resource.scope = random.text()
        decision.outcome = random.text()
        decision.source.agent = random.text()
        decision.extras["x" + random.text()] = random.jsonValue()
        #expect(try Decision(parsing: decision.nativeLine()) == decision)
        #expect(try Decision(parsing: decision.nativeLine(canonical: true)) == decision)
        #expect(try Decision(id: decision.id, metadata: decision.metadata) == decision)
    }

    @Test func `the flat record has every key`() throws {
        let record = try Decision(parsing: Self.line).canonicalRecord
        #expect(
            record.json
                == #"{"id":"d-1","ts":"2026-01-05T09:00:00.120Z","tenant":"acme","principal":"alice","roles":["clerk"],"#
                + #""kind":"invoice","rid":"inv-9","actions":["read"],"effect":"allow","outcome":"ok","#
                + #""scope":"eu.finance","policies":["invoice-base"],"latency_ms":0.31,"cache_hit":false,"#
                + #""ip":"10.1.2.3","ua":"web/4.2","attrs":{},"source":"verdict"}"#)
        let least = try #require(try Decision(parsing: Self.least).canonicalRecord.object)
        #expect(least["outcome"] == .string("denied"))
        #expect(least["latency_ms"] == .null)
        #expect(least["cache_hit"] == .null)
        #expect(least["rid"] == .string(""))
    }
}
