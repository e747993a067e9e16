import Decisions
import Testing

@testable import Operations

@Suite struct EventLogTests {
    @Test func `lines come back oldest first with their time`() {
        let log = EventLog(capacity: 4) { Timestamp(seconds: 7) }
        log.write(.info, "store", "one")
        log.write(.error, "ingest", "two")
        let (lines, dropped) = log.snapshot()
        #expect(lines.map(\.message) == ["one", "two"])
        #expect(lines.map(\.level) == [.info, .error])
        #expect(lines.allSatisfy { $0.time == Timestamp(seconds: 7) })
        #expect(dropped == 0)
    }

    @Test func `the oldest lines make room and are counted`() {
        let log = EventLog(capacity: 3) { Timestamp(seconds: 0) }
        for number in 0..<10 { log.write(.debug, "x", "\(number)") }
        let (lines, dropped) = log.snapshot()
        #expect(lines.map(\.message) == ["7", "8", "9"])
        #expect(dropped == 7)
    }
}
