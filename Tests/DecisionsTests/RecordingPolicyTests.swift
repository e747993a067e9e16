import Testing

@testable import Decisions

@Suite struct RecordingModeTests {
    @Test(arguments: [
        ("off", "off"), ("ON", "on"), ("25 %", "25 %"), ("25%", "25 %"), (" 7 % ", "7 %"), ("0 %", "off"),
        ("100 %", "on"), ("0.5 %", "0.5 %"), ("12.25%", "12.25 %"), ("0.05 %", "0.05 %"),
        ("99.90 %", "99.9 %"),
    ])
    func `a mode is read and written`(_ text: String, _ written: String) throws {
        let mode = try #require(RecordingMode(text))
        #expect(mode.description == written)
        #expect(RecordingMode(written) == mode)
    }

    @Test(arguments: [
        "", "%", "25", "101 %", "100.01 %", "-1 %", "1.234 %", "1. %", ".5 %", "1,5 %", "1e1 %", "nan %",
        "maybe", "٢٥ %", "25 % %", "0x1 %",
    ])
    func `what is no mode is refused`(_ text: String) {
        #expect(RecordingMode(text) == nil)
    }

    @Test func `a share in percent is kept to the hundredth, and never becomes none`() {
        #expect(RecordingMode(percent: 25)?.description == "25 %")
        #expect(RecordingMode(percent: 0.000_1)?.description == "0.01 %")
        #expect(RecordingMode(percent: 0) == .off)
        #expect(RecordingMode(percent: 100) == .on)
        #expect(RecordingMode(percent: 100.1) == nil)
        #expect(RecordingMode(percent: .nan) == nil)
    }
}

@Suite struct RecordingPolicyTests {
    private static func taken(_ percent: Double, of ids: [String]) -> Set<String> {
        let policy = RecordingPolicy(RecordingMode(percent: percent) ?? .off)
        return Set(ids.filter { policy.takes(id: $0, tenant: "acme") })
    }

    /// Identifiers as engines give them: counted, of random bytes, with what differs at either end.
    private static let ids: [[String]] = {
        var random = SeededGenerator(seed: 9)
        func hexadecimal() -> String { String(random.next(), radix: 16) + String(random.next(), radix: 16) }
        return [
            (0..<50_000).map { "d-\($0)" }, (0..<50_000).map { _ in hexadecimal() },
            (0..<50_000).map { "\($0)-8f14e45f-ceea-467f-a6c6-1d1c2b7e0a11#0/A" },
        ]
    }()

    @Test(arguments: [1.0, 10, 25, 50, 75, 99], 0..<3)
    func `the share of what is recorded is within one percent`(_ percent: Double, _ kind: Int) {
        let ids = Self.ids[kind]
        let share = Double(Self.taken(percent, of: ids).count) / Double(ids.count) * 100
        #expect(abs(share - percent) < 1)
        // Of few, one percent would say nothing.
        #expect(abs(share - percent) < max(0.25, percent / 20))
    }

    @Test func `the same identifiers are taken always, and a smaller share is a part of a larger one`() {
        let ids = Self.ids[0]
        let shares = [0, 0.5, 5, 25, 60, 100].map { Self.taken($0, of: ids) }
        #expect(shares[3] == Self.taken(25, of: ids.reversed()))
        for (smaller, larger) in zip(shares, shares.dropFirst()) { #expect(smaller.isSubset(of: larger)) }
        #expect(shares[0].isEmpty && shares[5].count == ids.count)
    }

    /// Told by another program after the same description: what one build records, every other one does.
    @Test(arguments: [
        ("", 7_636), ("d-1", 1_538), ("d-2", 6_774), ("8f14e45f-ceea-467f-a6c6-1d1c2b7e0a11", 4_997),
        ("caf\u{E9}", 4_720),
    ])
    func `an identifier has the same place in every build`(_ id: String, _ place: Int) {
        #expect(RecordingPolicy.place(of: id) == place)
        func takes(_ places: Int) -> Bool {
            RecordingPolicy(RecordingMode(percent: Double(places) / 100) ?? .on).takes(id: id, tenant: "")
        }
        #expect(!takes(place) && takes(place + 1))
    }

    @Test func `a tenant's own mode comes before that of all others`() throws {
        let policy = try RecordingPolicy(parsing: "acme=off, globex=on, *=50 %")
        #expect(policy.mode(of: "acme") == .off)
        #expect(policy.mode(of: "globex") == .on)
        #expect(policy.mode(of: "else").description == "50 %")
        #expect(!policy.takes(id: "1", tenant: "acme") && policy.takes(id: "1", tenant: "globex"))
        #expect(RecordingPolicy().takesAll && RecordingPolicy(.on).takesAll && !policy.takesAll)
        #expect(try !RecordingPolicy(parsing: "acme=off").takesAll)
        #expect(try RecordingPolicy(parsing: "acme=on").takesAll)
    }

    @Test func `names that only look alike are two tenants`() {
        var policy = RecordingPolicy()
        policy.set(.off, tenant: "caf\u{E9}")
        #expect(policy.mode(of: "caf\u{E9}") == .off)
        #expect(policy.mode(of: "cafe\u{301}") == .on)
    }

    @Test func `what is said of all is said of each that was said before`() throws {
        let below = try RecordingPolicy(parsing: "acme=off, *=50 %")
        let above = try RecordingPolicy(parsing: "globex=25 %")
        #expect(try above.over(below) == RecordingPolicy(parsing: "acme=off, globex=25 %, *=50 %"))
        #expect(RecordingPolicy(.on).over(below).takesAll)
        #expect(RecordingPolicy().over(below) == below)
        #expect(below.over(RecordingPolicy()) == below)
    }

    @Test(arguments: [
        ("maybe", "off, on, or a share"), ("acme=off, acme=on", "two recording modes"),
        ("on, off", "two recording modes"), ("acme=", "off, on, or a share"), ("", "off, on, or a share"),
        (String(repeating: "x", count: 70_000) + "=on", "64 KiB"),
        ((0...1_000).map { "t\($0)=off" }.joined(separator: ","), "more than 1000 tenants"),
    ])
    func `modes that cannot be read are told with what is expected`(_ text: String, _ said: String) {
        let error = #expect(throws: RecordingPolicyError.self) { try RecordingPolicy(parsing: text) }
        #expect(error?.description.contains(said) == true)
    }

    @Test func `a tenant without a name is written so`() throws {
        let policy = try RecordingPolicy(parsing: "=off,a=b=1 %")
        #expect(policy.mode(of: "") == .off)
        #expect(policy.mode(of: "a=b").description == "1 %")
        #expect(policy.mode(of: "a") == .on)
    }

    @Test func `modes survive their record, and what is unknown there is left out`() throws {
        let policy = try RecordingPolicy(parsing: "=off, acme=0.5 %, *=50 %")
        #expect(RecordingPolicy(json: policy.json) == policy)
        let unknown: JSONObject = ["acme": .string("by moonlight"), "b": .bool(true)]
        #expect(RecordingPolicy(json: .object(unknown))?.isEmpty == true)
        #expect(RecordingPolicy(json: .string("on")) == nil)
    }

    @Test func `a thousand tenants have modes of their own, and those can be changed`() {
        var policy = RecordingPolicy()
        let isSet = (0..<RecordingPolicy.maximumTenants).map { policy.set(.off, tenant: "t\($0)") }
        #expect(isSet.allSatisfy { $0 })
        let isOver = policy.set(.off, tenant: "one more")
        #expect(!isOver && policy.mode(of: "one more") == .on)
        let isChanged = policy.set(.on, tenant: "t7")
        #expect(isChanged && policy.mode(of: "t7") == .on)
        policy.set(nil, tenant: "t7")
        let hasRoom = policy.set(.off, tenant: "one more")
        #expect(hasRoom)
    }
}
