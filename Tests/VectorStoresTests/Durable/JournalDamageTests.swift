import Decisions
import Foundation
import Locks
import Testing
import VectorIndex

@testable import VectorStores

/// Damaged journals of every kind: refused by name, or read without harm.
@Suite struct JournalDamageTests {
    /// How often a journal is damaged; more where there is time.
    private static let rounds =
        ProcessInfo.processInfo.environment["VERDICT_FILE_DAMAGES"].flatMap { Int($0) } ?? 300
    /// Changes what is damaged, and how: another number each time that there is time.
    private static let seed =
        ProcessInfo.processInfo.environment["VERDICT_DAMAGE_SEED"].flatMap { UInt64($0) } ?? 0

    private func reading() -> StoreOptions {
        var options = StoreOptions(clock: testClock)
        options.access = .read
        return options
    }

    /// A journal with records of every kind that commands write.
    private func journal() async throws -> [UInt8] {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        let store = try MemoryStore(directory: scratch.path, options: StoreOptions(clock: testClock))
        var source = DecisionSource(seed: 81)
        let entries = source.entries(8)
        _ = try await store.insert(entries)
        try await store.write([RecordChange(collection: "things", key: "one", value: .string("seven"))])
        let gone = entries[3].decision
        _ = try await store.delete(.ids([gone.id], tenant: gone.tenant))
        _ = try await store.insert(source.entries(3))
        await store.close()
        return try scratch.bytes("journal-0")
    }

    /// Damages a record, or what is between records; half of the time with its checksum made right again.
    private func damage(
        _ bytes: inout [UInt8], _ records: [Range<Int>], sealing: Bool, _ generator: inout SeededGenerator
    ) {
        let record = records[Int.random(in: 0..<records.count, using: &generator)]
        let payload = record.lowerBound + JournalFormat.frameBytes..<record.upperBound
        let place = Int.random(in: sealing ? payload : record, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1:
            let extremes: [UInt8] = [0, 0x7F, 0x80, 0xFF]
            let value = extremes[Int.random(in: 0..<extremes.count, using: &generator)]
            for index in place..<min(place + Int.random(in: 1...12, using: &generator), record.upperBound) {
                bytes[index] = value
            }
        case 2: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 3: bytes[record.lowerBound + 4] = UInt8.random(in: 0...6, using: &generator)
        case 4 where !sealing: bytes.removeLast(Int.random(in: 1..<bytes.count, using: &generator))
        case 5 where !sealing:
            bytes += (0..<20).map { _ in UInt8.random(in: 0...255, using: &generator) }
        default: bytes[place] &+= 1
        }
        guard sealing else { return }
        let head = Checksum.crc32c(bytes[record.lowerBound..<record.lowerBound + 12])
        let checksum = Checksum.crc32c(bytes[payload], from: head)
        for index in 0..<4 {
            bytes[record.lowerBound + 12 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * index))
        }
    }

    @Test func `a damaged journal is refused by name, or does no harm`() async throws {
        let whole = try await journal()
        let records = JournalRecords(whole).ranges
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var generator = SeededGenerator(seed: 82 ^ Self.seed)
        var refused = 0
        for round in 0..<Self.rounds {
            var bytes = whole
            damage(&bytes, records, sealing: round % 2 == 0, &generator)
            try scratch.write(bytes, to: "journal-0")
            do {
                let store = try MemoryStore(directory: scratch.path, options: reading())
                #expect(store.core.state.withReading { $0.invariantViolations() } == [])
                #expect(store.core.index.checkInvariants() == [])
                _ = try await store.statistics()
                _ = try await store.tenants()
                _ = try await store.health()
                for try await batch in try await store.export(matching: nil) {
                    for stored in batch { _ = stored.decision.time.description }
                }
                await store.close()
            } catch let error as StoreError {
                refused += 1
                #expect(error.description.contains("journal-0"), "\(error)")
            }
        }
        #expect(refused > Self.rounds / 4)
    }
}
