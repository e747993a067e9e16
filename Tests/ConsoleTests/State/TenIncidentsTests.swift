import AnomalyDetection
import Decisions
import Foundation
import Operations
import Testing

@testable import Console

/// The runbook's key sequence: ten incidents triaged by keyboard, in under two minutes.
@Suite struct TenIncidentsTests {
    /// The keys as `Documentation/Triage.md` has them.
    static func keysOfTheRunbook() throws -> [String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(
                path: "Documentation/Triage.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let block = try #require(text.components(separatedBy: "```keys\n").dropFirst().first)
        let keys = try #require(block.components(separatedBy: "```").first)
        return keys.split(separator: "\n").map { line in
            String(line.prefix { $0 != "#" }).trimmingCharacters(in: .whitespaces)
        }
    }

    /// Ten incidents, from the worst on, that nobody looked at.
    static func snapshot() -> ConsoleSnapshot {
        var snapshot = Fixture.snapshot()
        snapshot.incidents = (0..<10).map { number in
            let severity: Incident.Severity =
                number < 2 ? .critical : number < 5 ? .high : number < 8 ? .medium : .low
            return Fixture.incident(
                "T\(number)NC", "person-\(number)", number < 5 ? "secrets" : "report", severity,
                secondsAgo: 60 + Int64(number) * 30)
        }
        return snapshot
    }

    /// What a person takes for a key, and for reading what a line of the runbook leads to.
    static let (secondsPerKey, secondsPerLine) = (0.5, 6.0)

    @Test func `ten incidents are triaged in under two minutes`() throws {
        let lines = try Self.keysOfTheRunbook()
        var console = Harness(.overview, width: 80, height: 24, snapshot: Self.snapshot())
        var keys = 0
        for line in lines {
            let before = console.milliseconds
            console.press(line)
            keys += Int(console.milliseconds - before) / 500
        }
        #expect(Double(keys) * Self.secondsPerKey + Double(lines.count) * Self.secondsPerLine < 120)
        #expect(console.state.openIncidentCount == 0)
        let states = console.state.incidents.map(\.state)
        #expect(states.count == 10)
        #expect(states.count { $0 == .resolved } == 7)
        #expect(states.count { $0 == .acknowledged } == 2)
        let byID = Dictionary(uniqueKeysWithValues: console.state.incidents.map { ($0.id, $0) })
        #expect(byID["T0NC"]?.state == .acknowledged && byID["T0NC"]?.notes.count == 1)
        #expect(byID["T1NC"]?.resolution == .truePositive)
        #expect(byID["T2NC"]?.snooze != nil && byID["T3NC"]?.assignee == "ben")
        #expect((4...5).allSatisfy { byID["T\($0)NC"]?.resolution == .falsePositive })
        #expect((6...9).allSatisfy { byID["T\($0)NC"]?.resolution == .expected })
    }
}
