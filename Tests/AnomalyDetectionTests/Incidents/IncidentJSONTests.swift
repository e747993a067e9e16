import Decisions
import Testing

@testable import AnomalyDetection

@Suite struct IncidentJSONTests {
    /// An incident with something in every field.
    static func incident() throws -> Incident {
        var book = IncidentBook()
        let anomaly = IncidentBookTests.anomaly(id: "d-1", resource: "db\n\u{1b}[31m")
        var evidence = Evidence(decision: anomaly.decision, channels: anomaly.scored.channels)
        evidence.counters = ["a", "b"]
        evidence.nearest = Evidence.Neighbour(
            decision: anomaly.decision, similarity: 0.46, differs: ["principal"])
        evidence.nearestOwn = Evidence.Neighbour(
            decision: anomaly.decision, similarity: 0.31, differs: [])
        evidence.novelTokens = [Evidence.TokenShare(token: "kind = secrets", share: 0.25)]
        evidence.principalHours[3] = 8
        evidence.principalPast = 214
        let id = try added(book.add(anomaly, evidence: evidence)).incident.id
        _ = book.add(IncidentBookTests.anomaly(id: "d-2", second: 9), evidence: nil)
        return try book.setState(.acknowledged, of: id, by: "ana", at: IncidentBookTests.now)
    }

    @Test func `an incident comes back as it was saved`() throws {
        let incident = try Self.incident()
        let text = incident.json.json
        let read = try Incident(json: JSONParser().parse(text))
        #expect(read == incident)
        #expect(read.json.json == text)
    }

    @Test func `the saved form has what a listing prints`() throws {
        let object = try #require(try Self.incident().json.object)
        for key in [
            "id", "state", "severity", "tenant", "principal", "kind", "effect", "count", "first", "last",
            "score", "why", "nearest", "members",
        ] {
            #expect(object[key] != nil)
        }
        #expect(object["nearest"]?.object?["id"] == .string("d-1"))
    }

    @Test func `a field that is missing or of another sort is named`() throws {
        let saved = try #require(try Self.incident().json.object)
        for member in saved.members where member.key != "nearest" {
            for wrong: JSONValue in [.null, .bool(true), .object([:]), .array([.bool(false)])] {
                var object = saved
                object[member.key] = wrong
                let error = #expect(throws: IncidentError.self) { try Incident(json: .object(object)) }
                #expect(error?.description.contains(member.key) == true)
            }
        }
        #expect(throws: IncidentError.self) { try Incident(json: .null) }
    }

    @Test func `damaged evidence and neighbours are refused`() throws {
        let saved = try #require(try Self.incident().evidence.json.object)
        for key in ["decision", "channels", "counters", "novel_tokens", "principal_hours", "principal_past"] {
            var object = saved
            object[key] = .array([.null])
            #expect(throws: IncidentError.self) { try Evidence(json: .object(object)) }
        }
        var object = saved
        object["nearest"] = .object(["decision": .string("none")])
        #expect(throws: IncidentError.self) { try Evidence(json: .object(object)) }
        object = saved
        object["decision"] = .object(["id": .string("only")])
        #expect(throws: IncidentError.self) { try Evidence(json: .object(object)) }
    }

    @Test func `numbers that no count, share or cosine has are refused`() throws {
        let saved = try #require(try Self.incident().json.object)
        for (key, number) in [
            ("count", "9223372036854775807"), ("count", "-1"), ("revision", "9007199254740993"),
            ("resource_count", "1e3"), ("score", "1e300"), ("score", "-3"),
        ] {
            var object = saved
            object[key] = .number(number)
            #expect(throws: IncidentError.self, "\(key)") { try Incident(json: .object(object)) }
        }
        let evidence = try #require(saved["evidence"]?.object)
        for (key, value) in [
            ("principal_hours", JSONValue.array(Array(repeating: .number("-1"), count: 24))),
            ("principal_past", .number("9223372036854775807")),
            (
                "channels",
                .object(["distance": .number("1e9"), "rarity": .number("0"), "first_seen": .number("0")])
            ),
        ] {
            var object = evidence
            object[key] = value
            #expect(throws: IncidentError.self, "\(key)") { try Evidence(json: .object(object)) }
        }
    }

    @Test func `numbers that JSON cannot say become 0`() {
        #expect(JSONValue.double(.nan) == .number("0"))
        #expect(JSONValue.double(0.5) == .number("0.5"))
    }
}
