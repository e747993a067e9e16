public import DecisionLogs
public import Decisions
import Locks
public import VectorStores

/// Remembers in a store how far followed files were read into it, so that following goes on there after a restart.
///
/// It is told of positions that the store has acknowledged, and writes them now and then: what lies between is read
/// again after a crash, and is known already. Nothing waits for it.
public final class PositionKeeper: Sendable {
    /// The collection of the records.
    public static let collection = "sources"
    /// How many files are remembered of one followed path; the one that was read longest ago is forgotten first.
    public static let filesLimit = 4_096
    /// How many are remembered in all.
    public static let recordsLimit = 16_384
    /// For how long a file is remembered that nobody reads, in days.
    public static let rememberedDays: Int64 = 90
    /// The pause between two writes.
    public static let pause = Duration.seconds(2)
    /// The most records of one write.
    private static let writeLimit = 1_000

    /// What is known of one followed path.
    private struct Source {
        var key: String
        var path: String
        var reader: String
        /// The number of each file's record.
        var slots: [FileIdentity: Int] = [:]
        /// When each file was read last, by a count.
        var ages: [FileIdentity: Int] = [:]
        var written: [FileIdentity: ReadPosition] = [:]
        var free: [Int] = []
        var nextSlot = 0

        /// Takes over what was read from the store.
        mutating func restore(_ kept: KeptPosition, age: Int) {
            let identity = kept.position.identity
            slots[identity] = kept.slot
            ages[identity] = age
            written[identity] = kept.position
            nextSlot = max(nextSlot, kept.slot + 1)
        }

        /// The number of a file's record; where there are too many, those of the files that were read longest ago are
        /// given to others.
        mutating func takeSlot(of identity: FileIdentity, age: Int) -> Int {
            ages[identity] = age
            if let slot = slots[identity] { return slot }
            if free.isEmpty, nextSlot >= PositionKeeper.filesLimit {
                let oldest = slots.keys.sorted { ages[$0, default: 0] < ages[$1, default: 0] }
                // The oldest is taken first.
                for other in oldest.prefix(PositionKeeper.filesLimit / 8).reversed() {
                    if let slot = slots.removeValue(forKey: other) { free.append(slot) }
                    ages[other] = nil
                    written[other] = nil
                }
            }
            let slot = free.popLast() ?? nextSlot
            nextSlot = max(nextSlot, slot + 1)
            slots[identity] = slot
            return slot
        }
    }

    /// A position that is to be written.
    private struct Waiting {
        var position: ReadPosition
        /// Its place among those that were noted.
        var number: Int
    }

    private struct State {
        var sources: [String: Source] = [:]
        /// What is to be written, by followed path.
        var waiting: [String: [FileIdentity: Waiting]] = [:]
        /// Records that nobody needs any more.
        var forgotten: [String] = []
        var clock = 0
        var isWriting = false
    }

    private let store: any RecordStore
    private let host: String
    private let folder: String
    private let clock: @Sendable () -> Timestamp
    private let state = Mutex(State())

    /// Creates a keeper for a store.
    ///
    /// - Parameters:
    ///   - store: Where the decisions go to, and the positions with them.
    ///   - host: The machine that the files lie on.
    ///   - folder: The folder that relative paths begin in.
    ///   - clock: The time now.
    public init(
        store: any RecordStore, host: String, folder: String, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.host = host
        self.folder = folder
        self.clock = clock
    }

    /// How far files were read before as a parser would read them, the latest last, by the followed path that they
    /// belonged to; those of other paths, as which a file may be known too, are under an empty one.
    public func load(_ paths: [String], parser: LineParser) async throws -> [String: [ReadPosition]] {
        let reader = KeptPosition.reader(parser)
        var keys: [String: String] = [:]
        state.withLock { state in
            for path in paths {
                let absolute = absolutePath(path)
                let key = KeptPosition.key(host: host, source: absolute, reader: reader)
                keys[key] = path
                if state.sources[path]?.key != key {
                    state.sources[path] = Source(key: key, path: absolute, reader: reader)
                }
            }
        }
        let records = try await store.records(in: Self.collection)
        let oldest = clock().advanced(bySeconds: -Self.rememberedDays * 86_400)
        var kept = records.compactMap { record in record.value.flatMap { KeptPosition(record.key, $0) } }
        kept.sort { ($0.saved, $0.number) < ($1.saved, $1.number) }
        let fresh = kept.suffix(Self.recordsLimit).filter { $0.saved >= oldest }
        let needed = Set(fresh.map(\.record))
        var positions: [String: [ReadPosition]] = [:]
        state.withLock { state in
            // What cannot be read is of a later version, or of none, and is left alone.
            state.forgotten = kept.map(\.record).filter { !needed.contains($0) }
            for one in fresh where one.reader == reader {
                let path = keys[one.key]
                positions[path ?? "", default: []].append(one.position)
                guard let path else { continue }
                state.clock += 1
                state.sources[path]?.restore(one, age: state.clock)
            }
        }
        return positions
    }

    /// Notes positions of files of a followed path that the store has acknowledged.
    func note(_ positions: [ReadPosition], of source: String) {
        guard !positions.isEmpty else { return }
        state.withLock { state in
            guard state.sources[source] != nil else { return }
            for position in positions where state.sources[source]?.written[position.identity] != position {
                state.clock += 1
                state.waiting[source, default: [:]][position.identity] = Waiting(
                    position: position, number: state.clock)
            }
        }
    }

    /// Whether there is something to write and nobody writes.
    var isDue: Bool {
        state.withLock { !$0.isWriting && !($0.waiting.isEmpty && $0.forgotten.isEmpty) }
    }

    /// Writes what was noted.
    func save() async throws {
        while let (changes, positions) = takeChanges() {
            do {
                try await store.write(changes)
            } catch {
                putBack(positions)
                throw error
            }
            state.withLock { state in
                state.isWriting = false
                for (source, position) in positions {
                    state.sources[source]?.written[position.identity] = position
                }
            }
        }
    }

    private func absolutePath(_ path: String) -> String {
        path.hasPrefix("/") ? path : folder + (folder.hasSuffix("/") ? "" : "/") + path
    }

    /// The next records to write; nil when there are none, or somebody writes already.
    private func takeChanges() -> ([RecordChange], [(source: String, position: ReadPosition)])? {
        let saved = clock()
        return state.withLock { state in
            guard !state.isWriting else { return nil }
            var changes: [RecordChange] = []
            var positions: [(source: String, position: ReadPosition)] = []
            for key in state.forgotten.prefix(Self.writeLimit) {
                changes.append(RecordChange(collection: Self.collection, key: key, value: nil))
            }
            state.forgotten.removeFirst(changes.count)
            for source in state.waiting.keys.sorted() {
                let waiting = (state.waiting[source] ?? [:]).values.sorted { $0.number < $1.number }
                for one in waiting where changes.count < Self.writeLimit {
                    let position = one.position
                    state.waiting[source]?[position.identity] = nil
                    guard let slot = state.sources[source]?.takeSlot(of: position.identity, age: one.number),
                        let place = state.sources[source]
                    else { continue }
                    let kept = KeptPosition(
                        position: position, key: place.key, slot: slot, host: host, source: place.path,
                        reader: place.reader, saved: saved, number: one.number)
                    changes.append(
                        RecordChange(collection: Self.collection, key: kept.record, value: kept.json))
                    positions.append((source, position))
                }
                if state.waiting[source]?.isEmpty ?? true { state.waiting[source] = nil }
            }
            guard !changes.isEmpty else { return nil }
            state.isWriting = true
            return (changes, positions)
        }
    }

    private func putBack(_ positions: [(source: String, position: ReadPosition)]) {
        state.withLock { state in
            state.isWriting = false
            for (source, position) in positions where state.waiting[source]?[position.identity] == nil {
                state.clock += 1
                state.waiting[source, default: [:]][position.identity] = Waiting(
                    position: position, number: state.clock)
            }
        }
    }
}
