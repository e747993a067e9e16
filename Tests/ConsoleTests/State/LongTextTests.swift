import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

/// Numbers and sentences that are longer than usual: told whole, or in another form.
@Suite struct LongTextTests {
    @Test func `a long reason of a failed rebuild is read whole, above what the last one changed`() {
        var snapshot = Fixture.snapshot()
        let reason =
            "the disk is full while the index was written anew beside the old one, which serves on: free "
            + "some space on the disk of the store, then ask for the rebuild once more with R thereafter"
        let failed = JobSummary(
            id: 9, title: "rebuild m=24", state: .failed(reason), phase: "swapping", fraction: 0.9)
        snapshot.jobs = [failed] + Fixture.endedJobs
        let picture = Harness(.index, width: 120, height: 50, snapshot: snapshot).picture
        #expect(picture.contains("thereafter"), "\(picture)")
        #expect(picture.contains("stored sample"))
    }

    @Test func `counts of a source that are too long for their column are told in another form`() {
        var snapshot = Fixture.snapshot()
        snapshot.sources = [SourceSummary(id: "audit.log", state: .following)]
        snapshot.sources[0].accepted = 12_345_678
        snapshot.sources[0].rejected = 1_234_567
        let picture = Harness(.health, width: 120, height: 36, snapshot: snapshot).picture
        #expect(picture.contains(" 12M") && picture.contains(" 1.2M"), "\(picture)")
        #expect(!picture.contains("12,345,6…"))
        // There is room for it whole below.
        #expect(Quantity.grouped(1_234_567, within: 9) == "1,234,567")
        #expect(Quantity.grouped(12_345_678, within: 9) == "12M")
    }
}
