import AnomalyDetection
import Decisions
import Foundation
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

/// Pictures of every screen, compared cell by cell with the recorded ones.
///
/// `VERDICT_RECORD=1 swift test --filter PictureTests` records them anew.
@Suite struct PictureTests {
    static let sizes = ["80x24", "120x36", "200x50", "40x10"]
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Pictures")

    static func size(_ text: String) -> Size {
        let parts = text.split(separator: "x").compactMap { Int($0) }
        return Size(width: parts[0], height: parts[1])
    }

    func compare(_ surface: Surface, _ name: String) throws {
        #expect(surface.lines.count == surface.size.height)
        #expect(surface.lines.allSatisfy { $0.displayWidth == surface.size.width })
        let file = Self.folder.appending(path: name + ".txt")
        if ProcessInfo.processInfo.environment["VERDICT_RECORD"] != nil {
            try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
            try surface.plainText.write(to: file, atomically: true, encoding: .utf8)
        }
        let recorded = try String(contentsOf: file, encoding: .utf8)
        #expect(surface.plainText == recorded, "the picture \(name) has changed")
    }

    func frame(
        _ subject: String, _ size: String, keys: String = "", snapshot: ConsoleSnapshot = Fixture.snapshot()
    ) async throws -> Surface {
        let subject = try #require(FrameRenderer.Subject(name: subject))
        let renderer = FrameRenderer(subject, size: Self.size(size), now: Fixture.now)
        return await renderer.frame(snapshot, keys: Key.sequence(keys), client: FixtureClient())
    }

    @Test(arguments: FrameRenderer.Subject.names, sizes)
    func `every view looks as recorded at every size`(_ view: String, _ size: String) async throws {
        try compare(await frame(view, size), "\(view)-\(size)")
    }

    @Test(arguments: [
        ("anomalies", "Enter", "evidence"), ("anomalies", "Enter Enter", "members"),
        ("anomalies", "m", "like"), ("anomalies", "m p", "proof"), ("anomalies", "a", "acknowledged"),
        ("anomalies", "/ ortiz", "filtered"), ("anomalies", "x", "menu"),
        ("anomalies", "Space Space", "marked"), ("anomalies", "Enter w", "flip"),
        ("anomalies", "Enter Tab Tab", "value"), ("anomalies", "Enter H", "hunt"),
        ("anomalies", "x s 2 h", "snooze"), ("anomalies", "x s 2 h Enter Up Enter", "snoozed"),
        ("search", "/ tenant:", "caret"),
        ("search", "Enter", "details"),
        ("metrics", "c Down Down", "compared"), ("metrics", "+ + , .", "zoomed"), ("index", "R", "rebuild"),
        ("index", "c", "curve"), ("tenants", "Enter 1", "scoped"), ("overview", ": re", "command"),
        ("overview", "t", "picker"), ("log", "L L / 7", "filtered"), ("health", "Down Down Down", "source"),
    ])
    func `what keys lead to looks as recorded`(_ view: String, _ keys: String, _ name: String) async throws {
        for size in ["80x24", "120x36"] {
            try compare(await frame(view, size, keys: keys), "\(view)-\(name)-\(size)")
        }
    }

    @Test(arguments: ["80x24", "120x36", "40x10"], [0.9834, 0.9712])
    func `the index shows the recall that is asked for, and a rebuild of another process`(
        _ size: String, _ recall: Double
    ) async throws {
        var snapshot = Fixture.snapshot()
        snapshot.recallSetting = Fixture.recallSetting(recall)
        snapshot.statistics.index.ef = 96
        snapshot.jobs = [Fixture.othersJob]
        let name = recall < 0.98 ? "missed" : "target"
        try compare(await frame("index", size, snapshot: snapshot), "index-\(name)-\(size)")
    }

    @Test(arguments: ["80x24", "120x36", "40x10"])
    func `the header tells what is not recorded`(_ size: String) async throws {
        var snapshot = Fixture.snapshot()
        snapshot.recording.set(RecordingMode(percent: 25), tenant: "acme")
        try compare(await frame("overview", size, snapshot: snapshot), "overview-recording-\(size)")
    }

    @Test(arguments: ["80x24", "120x36", "160x48"])
    func `a finished rebuild stands with what it changed and the jobs before it`(_ size: String) async throws
    {
        var snapshot = Fixture.snapshot()
        snapshot.recallSetting = Fixture.recallSetting(0.9834)
        snapshot.statistics.index.ef = 64
        snapshot.jobs = Fixture.endedJobs
        try compare(await frame("index", size, keys: "c", snapshot: snapshot), "index-finished-\(size)")
    }

    @Test(arguments: ["80x24", "120x36", "40x10"])
    func `the index shows its codes, what they were trained on, and what is chosen`(_ size: String)
        async throws
    {
        var snapshot = Fixture.snapshot()
        snapshot.statistics = Fixture.quantized()
        try compare(await frame("index", size, snapshot: snapshot), "index-codes-\(size)")
        // Few vectors, another choice, and a recall that is asked for: the most facts there are.
        snapshot.statistics = Fixture.quantized("pq16", trainedOn: 120)
        snapshot.statistics.distinct = 3_144
        snapshot.statistics.index.nodes = 3_144
        snapshot.statistics.index.chosen = QuantizationSetting("pq8")
        snapshot.recallSetting = Fixture.recallSetting(0.9834)
        try compare(await frame("index", size, snapshot: snapshot), "index-chosen-\(size)")
    }

    @Test(arguments: ["80x24", "120x36", "40x10"])
    func `codes are chosen from a list, and asked about`(_ size: String) async throws {
        var snapshot = Fixture.snapshot()
        try compare(
            await frame("index", size, keys: "Q Down Down", snapshot: snapshot), "index-chooser-\(size)")
        snapshot.statistics.distinct = 3_144
        let asked = try await frame("index", size, keys: "Q p q 8 Enter", snapshot: snapshot)
        try compare(asked, "index-choice-\(size)")
    }

    @Test func `the curve shows the breadths that its box has rows for, the widest first`() async throws {
        let surface = try await frame("index", "80x24", keys: "c")
        #expect(surface.plainText.contains("  256 █"))
        #expect(surface.plainText.contains("▸  64 █"))
        #expect(!surface.plainText.contains("  10 █"))
    }

    @Test func `without sources the checks have their room`() async throws {
        var snapshot = Fixture.snapshot()
        snapshot.sources = []
        snapshot.health = ["detector", "disk", "identity", "index", "journal", "lease", "memory", "recall"]
            .map {
                HealthCheck(name: $0, status: .ok, since: Fixture.now, detail: "as it should be")
            }
        let surface = try await frame("health", "80x24", snapshot: snapshot)
        #expect(surface.plainText.contains("memory"))
        try compare(surface, "health-checks-80x24")
    }

    @Test func `the verdict on an incident of an old log stands in one line at 80 columns`() {
        var incident = Fixture.incidents[0]
        incident.first = Fixture.now.advanced(bySeconds: -40_000)
        incident.last = Fixture.now.advanced(bySeconds: -39_000)
        let lines = [80, 120].map { width in
            EvidencePage(
                incident: incident, now: Fixture.now, isLogEnd: true, width: width, glyphs: .block
            ).lines.map(\.text).filter { !$0.isEmpty }
        }
        #expect(lines[0][0].hasSuffix("quiet for 10 h"))
        #expect(lines[1][0].hasSuffix("quiet for 10 h when the log ends"))
        #expect(lines.allSatisfy { $0[1].hasPrefix("svc-deploy") })
    }

    @Test func `on the smallest screen the exact answer marks what the graph missed`() async throws {
        try compare(await frame("anomalies", "40x10", keys: "m p"), "anomalies-proof-40x10")
    }

    @Test func `tenants below the floor of recall look as recorded`() async throws {
        var snapshot = Fixture.snapshot()
        snapshot.tenants[0].recall = TenantRecallSummary(recall: 0.612, samples: 64, step: .exact)
        snapshot.tenants[1].recall = TenantRecallSummary(recall: 0.9, samples: 5)
        snapshot.health[2] = HealthCheck(
            name: "recall acme", status: .degraded, since: Fixture.now.advanced(bySeconds: -4_000),
            detail:
                "61.2 % of 64 sampled searches, below 95 %: "
                + "searches compare everything until samples are well, run verdict rebuild"
        )
        try compare(
            await frame("health", "80x24", keys: "Down Down", snapshot: snapshot), "health-recall-80x24")
        try compare(await frame("tenants", "80x24", snapshot: snapshot), "tenants-recall-80x24")
    }

    @Test(arguments: sizes)
    func `an empty store offers how to begin`(_ size: String) async throws {
        var snapshot = ConsoleSnapshot()
        snapshot.storeName = "verdict"
        snapshot.storeAddress = "memory:"
        snapshot.wallTime = Fixture.now
        try compare(await frame("overview", size, snapshot: snapshot), "empty-\(size)")
    }

    @Test func `a lost store keeps its last picture and counts down`() async throws {
        var snapshot = Fixture.snapshot()
        snapshot.connection = .lost(
            since: Fixture.now.advanced(bySeconds: -12), retry: Fixture.now.advanced(bySeconds: 3),
            reason: "the server closed the connection")
        try compare(await frame("overview", "120x36", snapshot: snapshot), "lost-120x36")
    }

    @Test func `an old log ends its charts at its newest decision`() async throws {
        var snapshot = Fixture.snapshot()
        let newest = Timestamp(seconds: 1_674_844_320, fractionDigits: 0)
        snapshot.newestDecision = newest
        snapshot.metrics = MetricName.allCases.map {
            Fixture.metric($0, end: [.decisions, .denyRate].contains($0) ? newest : Fixture.now)
        }
        let surface = try await frame("overview", "120x36", snapshot: snapshot)
        #expect(surface.plainText.contains("as of 2023-01-27 18:32Z"))
        try compare(surface, "as-of-120x36")
    }

    @Test func `quiet says since when all is well`() async throws {
        var snapshot = Fixture.snapshot()
        snapshot.incidents = []
        try compare(await frame("anomalies", "80x24", snapshot: snapshot), "quiet-80x24")
    }
}
