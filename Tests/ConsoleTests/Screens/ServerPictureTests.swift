import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

/// Pictures of a store that a server keeps, while that answers and while it does not.
extension PictureTests {
    static let serverSizes = ["80x24", "160x48"]

    private static func away(_ retry: Int64?) -> ConsoleSnapshot {
        var snapshot = Fixture.serverSnapshot()
        snapshot.connection = .away(
            since: Fixture.now.advanced(bySeconds: -12),
            retry: retry.map { Fixture.now.advanced(bySeconds: $0) },
            reason: Fixture.outage)
        snapshot.statistics.server?.outage = ServerReport.Outage(retrySeconds: 1, reason: Fixture.outage)
        return snapshot
    }

    @Test(arguments: ["overview", "search", "index", "health"], serverSizes)
    func `a server that is away leaves its last picture, its age and a countdown`(
        _ view: String, _ size: String
    ) async throws {
        let surface = try await frame(view, size, snapshot: Self.away(1))
        try compare(surface, "\(view)-away-\(size)")
        let header = surface.lines[0]
        #expect(header.contains("away 12 s · retry in 1 s"), "\(header)")
        #expect(surface.plainText.contains("the server does not answer"))
        #expect(surface.plainText.contains("12 s ago"))
    }

    @Test(arguments: serverSizes + ["120x36", "40x10"])
    func `the index shows what the server knows of its own`(_ size: String) async throws {
        try compare(await frame("index", size, snapshot: Fixture.serverSnapshot()), "index-server-\(size)")
    }

    @Test func `how loose the table is stands beside its index`() async throws {
        var snapshot = Fixture.serverSnapshot()
        snapshot.statistics.server?.relations?.tables[0].bloat = 2.42
        #expect(try await frame("index", "80x24", snapshot: snapshot).plainText.contains("1.0×  table 2.4×"))
        snapshot.statistics.server?.relations?.indexes = []
        let alone = try await frame("index", "160x48", snapshot: snapshot)
        #expect(alone.plainText.contains("2.4×  of a new table"))
    }

    @Test func `while it is asked the header says so`() async throws {
        let surface = try await frame("overview", "120x36", snapshot: Self.away(nil))
        #expect(surface.lines[0].contains("server away 12 s · asking again"))
        let tiny = try await frame("overview", "40x10", snapshot: Self.away(3))
        #expect(tiny.lines[0].contains("away 12 s"))
    }

    @Test(arguments: ConsoleView.allCases)
    func `what is shown of a server that is away is grey where it is the past`(_ view: ConsoleView) {
        var console = Harness(view, width: 120, height: 36, snapshot: Self.away(1))
        #expect(console.state.isShowingThePast == ![.search, .health, .log].contains(view))
        var surface = Surface(size: console.state.size, glyphs: console.state.glyphs)
        console.state.draw(on: &surface)
        let body = console.state.body
        let isGrey = (body.y..<body.endY).allSatisfy { y in
            (body.x..<body.endX).allSatisfy { surface[$0, y].style.foreground == .role(.muted) }
        }
        #expect(isGrey == console.state.isShowingThePast)
        // Keys stay alive.
        #expect(console.press("1").isEmpty || console.state.view == .overview)
        #expect(console.state.view == .overview)
        #expect(console.press("q") == [.quit])
    }

    @Test(arguments: ["80x24", "120x36"])
    func `the question of a rebuild tells what the server's index takes`(_ size: String) async throws {
        let surface = try await frame("index", size, keys: "R", snapshot: Fixture.serverSnapshot())
        try compare(surface, "index-server-rebuild-\(size)")
        #expect(surface.plainText.contains("server's index    2.1 GB built anew too"))
        #expect(surface.plainText.contains("--shm-size must be more"))
        #expect(surface.plainText.contains("y yes   n no (also Enter, Esc)"))
    }

    @Test func `what does not fit is counted, and what can be answered stays`() async throws {
        let tiny = try await frame("index", "40x10", keys: "R", snapshot: Fixture.serverSnapshot())
        #expect(tiny.plainText.contains("3 more to know: enlarge the window"))
        #expect(tiny.plainText.contains("y yes"))
        var snapshot = Fixture.serverSnapshot()
        snapshot.statistics.server?.rebuildNotes.append(String(repeating: "and so on ", count: 60))
        let full = try await frame("index", "80x24", keys: "R", snapshot: snapshot)
        #expect(full.plainText.contains("1 more to know: enlarge the window"))
        #expect(full.plainText.contains("--shm-size") && !full.plainText.contains("and so on"))
        // Where the server builds none nothing is said of it.
        snapshot.statistics.server?.rebuildNotes = []
        let none = try await frame("index", "80x24", keys: "R", snapshot: snapshot)
        #expect(!none.plainText.contains("built anew too") && !none.plainText.contains("more to know"))
    }

    @Test func `what waits for the table or the server is shown as long as something does`() async throws {
        var snapshot = Fixture.serverSnapshot()
        let before = try await frame("index", "160x48", snapshot: snapshot).plainText
        #expect(!before.contains("queue ") && !before.contains("done in"))
        snapshot.statistics.server?.inboxRows = 31_200
        snapshot.statistics.server?.inboxSeconds = 62
        snapshot.statistics.server?.queuedEntries = 1_234
        let text = try await frame("index", "160x48", snapshot: snapshot).plainText
        #expect(text.contains("31,200  done in 1 m"), "\(text)")
        #expect(text.contains("1,234  for the server"), "\(text)")
    }

    @Test func `an answer of a mirror that is late says how old it is`() {
        var answer = FixtureClient.answer(isLike: false, limit: 3)
        func picture() -> String {
            var console = Harness()
            console.press("5")
            console.answer(.search(SearchOutcome(answer)), .search)
            return console.picture
        }
        #expect(!picture().contains("s old"))
        answer.mirrorAgeSeconds = 42
        #expect(picture().contains("list  42 s old"), "\(picture())")
    }

    @Test func `a mirror that is late makes the picture old`() async throws {
        var snapshot = Fixture.serverSnapshot()
        snapshot.statistics.server?.mirrorAgeSeconds = 9
        let surface = try await frame("overview", "120x36", snapshot: snapshot)
        #expect(surface.lines[0].contains("live, picture 9 s old"))
    }
}

extension Fixture {
    /// Why a server does not answer.
    static let outage =
        "postgres://db.example/authz: connection refused; check that the server runs and can be reached"

    /// What its server says of building its index of neighbours anew.
    static let rebuildNotes = [
        "the server builds its index of neighbours (2.1 GB) beside the old one, which serves meanwhile: its disk must "
            + "have room for both",
        "building takes 2.2 GB in memory and gets 134 MB, which makes it several times slower: if the server has the "
            + "memory, give the address options=-cmaintenance_work_mem%3D2108MB",
        "2 processes that help share a segment of up to 134 MB: in a container, --shm-size must be more",
    ]

    /// The picture of a store that a server keeps.
    static func serverSnapshot() -> ConsoleSnapshot {
        var snapshot = snapshot()
        snapshot.storeName = "prod-eu"
        snapshot.storeAddress = "postgres://db.example/authz"
        let tables = [
            ServerReport.Table(
                name: "decision_vectors", liveRows: 1_004_210, deadRows: 31_007, bytes: 2_204_000_000,
                indexBytes: 2_480_000_000, cacheHits: 0.941, lastVacuum: now.advanced(bySeconds: -2_460),
                lastAnalyze: now.advanced(bySeconds: -2_460)),
            ServerReport.Table(
                name: "decision_inbox", liveRows: 312, deadRows: 1_802, bytes: 4_200_000, indexBytes: 90_000),
        ]
        let index = ServerReport.Index(
            name: "decision_vectors_embedding_hnsw", table: "decision_vectors", method: "hnsw",
            bytes: 2_110_000_000, scans: 48_211, cacheHits: 0.987, m: 16, efConstruction: 64, bloat: 1.03)
        let relations = ServerReport.Relations(
            ageSeconds: 4, tables: tables, indexes: [index],
            advice: [
                "shared_buffers (134 MB) is smaller than the index of neighbours (2.1 GB): searches read the disk"
            ])
        snapshot.statistics.server = ServerReport(
            version: "18.1", relations: relations, rebuildNotes: rebuildNotes)
        snapshot.health = [
            HealthCheck(
                name: "server", status: .degraded, since: now.advanced(bySeconds: -12),
                detail:
                    "searches are answered by the mirror, nothing can be written: \(outage); asked again in 1 s"
            ),
            HealthCheck(
                name: "mirror", status: .degraded, since: now.advanced(bySeconds: -8),
                detail: "1,004,210 rows, as the server had them 12 seconds ago"),
            HealthCheck(
                name: "locks", status: .ok, since: now.advanced(bySeconds: -9_000),
                detail: "nobody waits for a table"),
        ]
        return snapshot
    }
}
