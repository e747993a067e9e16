import Decisions
import Locks

/// The payloads of journal records: what was stored, merged and deleted.
enum EntryRecord {
    /// What is done with an entry.
    private enum Action: UInt8 {
        case store = 1
        case merge = 2
    }

    /// Adds records for the entries a plan stores or merges, which count together.
    static func add(
        _ entries: [Entry], _ plan: InsertPlan, at now: Timestamp, to frames: inout JournalFrames
    ) {
        var isOpen = false
        let last = plan.steps.lastIndex { $0.disposition.isWritten }
        for (index, step) in plan.steps.enumerated() where step.disposition.isWritten {
            let entry = entries[index]
            if !isOpen {
                frames.begin(.entries)
                frames.append { writer in
                    writer.append(signed: now.seconds)
                    writer.append(varint: now.nanoseconds)
                }
                isOpen = true
            }
            frames.append { writer in
                writer.append(step.disposition == .merged ? Action.merge.rawValue : Action.store.rawValue)
                EntryCodec.append(entry, storedID: step.storedID, to: &writer)
            }
            if index == last || frames.payloadBytes >= JournalFormat.preferredPayload {
                frames.end(continues: index != last)
                isOpen = false
            }
        }
    }

    /// Adds records for entries that are taken out, deletions or retirements, which count together.
    static func add(
        _ type: JournalFormat.RecordType, of entries: [EntryIdentity], to frames: inout JournalFrames
    ) {
        var rest = entries[...]
        while !rest.isEmpty {
            var bytes = 0
            let part = rest.prefix { identity in
                defer { bytes += identity.tenant.utf8.count + identity.id.utf8.count }
                return bytes < JournalFormat.preferredPayload
            }
            rest = rest.dropFirst(part.count)
            frames.begin(type)
            frames.append { writer in
                writer.append(varint: part.count)
                for identity in part {
                    writer.append(identity.tenant)
                    writer.append(identity.id)
                }
            }
            frames.end(continues: !rest.isEmpty)
        }
    }

    /// Adds a record for records written together.
    static func add(_ records: [Record], to frames: inout JournalFrames) {
        frames.add(.records) { writer in
            writer.append(varint: records.count)
            for record in records { RecordCodec.append(record, to: &writer) }
        }
    }
}

extension StoreCore {
    /// Does again what a journal record says; answers the records it wrote.
    func replay(
        _ type: JournalFormat.RecordType, _ payload: ArraySlice<UInt8>
    ) throws(EntryRecord.ReplayFailure) -> [Record] {
        var reader = ByteReader(payload)
        do {
            switch type {
            case .synchronized: return []
            case .entries:
                try replayEntries(&reader)
                return []
            case .deletions, .retirements:
                var rows: [Int] = []
                for _ in 0..<(try reader.count()) {
                    let identity = EntryIdentity(tenant: try reader.text(), id: try reader.text())
                    if let row = state.withReading({ $0.row(identity) }) { rows.append(row) }
                }
                if type == .retirements { retire(rows: rows) } else { delete(rows: rows) }
                return []
            case .records:
                var records: [Record] = []
                for _ in 0..<(try reader.count()) { records.append(try RecordCodec.read(&reader)) }
                state.withWriting { state in
                    state.records.apply(records)
                    state.revision += 1
                }
                return records
            }
        } catch {
            throw EntryRecord.ReplayFailure()
        }
    }

    private func replayEntries(_ reader: inout ByteReader) throws {
        let batch = try EntryRecord.readBatch(&reader)
        for (entry, storedID) in batch.content {
            let identity = EntryIdentity(tenant: entry.decision.tenant, id: storedID)
            if state.withReading({ $0.row(identity) }) != nil {
                try merge(entry, storedID: storedID)
            } else {
                _ = try insert(entry, storedID: storedID)
            }
        }
        state.withWriting { $0.lastInsert = batch.time }
    }
}

extension EntryRecord {
    /// Reads the entries of one record, and when they were stored.
    static func readBatch(_ reader: inout ByteReader) throws -> WriteQueue.Batch {
        let seconds = try reader.signed()
        let nanoseconds = try reader.varint()
        let time = Timestamp(seconds: seconds, nanoseconds: Int32(nanoseconds % 1_000_000_000))
        var batch = WriteQueue.Batch(content: [], time: time)
        while reader.remaining > 0 {
            let action = Action(rawValue: try reader.byte())
            let (entry, storedID) = try EntryCodec.read(&reader)
            guard action != nil, entry.embedding.scale > 0 else { throw ReplayFailure() }
            batch.content.append((entry, storedID))
        }
        return batch
    }

    /// A record passed its checksum and still says what cannot be.
    struct ReplayFailure: Error {}
}
