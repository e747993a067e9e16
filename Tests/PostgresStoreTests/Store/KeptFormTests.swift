import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// The form in which decisions are kept, which is the one they are read back in.
@Suite struct KeptFormTests {
    private static let numbers: [(String, String)] = [
        ("0", "0"), ("-0", "0"), ("-0.0", "0.0"), ("1.50", "1.50"), ("-7", "-7"), ("1e3", "1000"),
        ("1.5E+3", "1500"), ("1.50e1", "15.0"), ("1e-3", "0.001"), ("1.5e-2", "0.015"), ("0e5", "0"),
        ("0.00e1", "0.0"), ("0e-3", "0.000"), ("-2.5e-1", "-0.25"), ("0.05e1", "0.5"), ("12e0", "12"),
    ]

    @Test(arguments: numbers)
    func `a number takes the form of the server's`(written: String, kept: String) {
        #expect(NumericText.kept(written) == .number(kept))
    }

    @Test(arguments: ["1e131073", "1e-16384", "1e99999999999999999999", "-1e200000"])
    func `a number that the server cannot hold becomes text`(written: String) {
        #expect(NumericText.kept(written) == .string(written))
    }

    @Test(arguments: PostgresVersion.allCases)
    func `the server has the same form for each`(version: PostgresVersion) async throws {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let connection = try database.connect()
        let written = Self.numbers.map(\.0) + ["1e130000", "1e-16000"]
        for number in written {
            let row = try connection.run("select \(.jsonb(number))::text").onlyRow()
            #expect(NumericText.kept(number) == .number(try row.text(0)))
        }
        connection.close()
    }

    @Test func `zero characters are replaced everywhere, and nothing else is touched`() throws {
        var decision = Sample.decision(1)
        decision.extras = [
            "a\0": .array([.string("b\0"), .object(["c": .string("d\0")])]), "plain": .number("1.50"),
        ]
        decision.policies = ["p\0"]
        let kept = decision.keptForm
        #expect(
            kept.extras["a\u{FFFD}"] == .array([.string("b\u{FFFD}"), .object(["c": .string("d\u{FFFD}")])]))
        #expect(kept.policies == ["p\u{FFFD}"])
        var plain = Sample.decision(2)
        plain.extras = ["attrs": .object(["a": .number("1.50"), "b": .null]), "c": .bool(true)]
        #expect(plain.keptForm == plain)
        #expect(kept.keptForm == kept)
    }

    @Test func `a log cannot have a decision read back under another name`() {
        var decision = Sample.decision(3)
        let original = decision.id
        decision.id = IdentityResolver.derivedID(ofTenant: decision.tenant, from: original)
        decision.extras = ["original_id": .string(original)]
        #expect(decision.keptForm.extras["original_id"] == nil)
        decision.extras = ["original_id": .string("something else")]
        #expect(decision.keptForm.extras["original_id"] == .string("something else"))
    }
}
