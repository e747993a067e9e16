import Testing
import VectorStores

/// What is said of a mirror before it is loaded.
@Suite struct MirrorCostTests {
    @Test func `the cost names rows, memory and time`() {
        let cost = MirrorCost(rows: 1_000_000)
        #expect(cost.sentence == "reading the mirror: about 1,000,000 rows, 600 MB of memory, 40 s")
        let saved = MirrorCost(rows: 1_000_000, isSaved: true)
        #expect(saved.sentence == "opening the saved mirror: about 1,000,000 rows, 600 MB of memory, 10 s")
        #expect(MirrorCost(rows: 1).sentence == "reading the mirror: about 1 row, 600 B of memory, 1 s")
        #expect(MirrorCost(rows: 0).seconds == 1)
    }

    @Test func `only a large mirror that nobody asked for before is asked about`() {
        #expect(!MirrorCost(rows: 300_000).needsConsent)
        #expect(MirrorCost(rows: 400_000).needsConsent)
        #expect(!MirrorCost(rows: 400_000, isSaved: true).needsConsent)
    }

    @Test func `each address has a folder of its own that does not tell it`() {
        let files = MirrorFiles(folder: "/cache")
        let folder = files.folder(of: "postgres://u@h/db")
        #expect(folder.hasPrefix("/cache/") && folder.count == "/cache/".count + 64)
        #expect(folder == files.folder(of: "postgres://u@h/db"))
        #expect(folder != files.folder(of: "postgres://u@h/other"))
    }
}
