public import Decisions
public import VectorStores

/// Holds a store to a recall: measures what each breadth finds, and keeps the smallest that is enough.
///
/// The setting is a record of the store, so that every search there obeys it, and every reader sees it.
public struct RecallTuner: Sendable {
    /// The breadths that are measured and chosen among.
    public static let breadths = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256]
    /// The breadths that are tried in turn where none of those has the recall that is asked for.
    static let widerBreadths = [400, 800, 1_600]
    /// How many stored vectors are searched for at each breadth.
    static let sampleSize = 200
    /// Entries looked at for each of them: in a log that repeats itself most have a vector that others have.
    static let entriesPerVector = 16
    /// Chooses the same vectors of the same store each time.
    static let seed: UInt64 = 0x5EED

    private let store: any DecisionStore
    private let clock: @Sendable () -> Timestamp
    /// How long the wider breadths may take together: whoever asked waits for them.
    private let patience: Duration

    /// Creates a tuner of a store.
    public init(store: any DecisionStore, clock: @escaping @Sendable () -> Timestamp) {
        self.init(store: store, clock: clock, patience: .seconds(30))
    }

    init(store: any DecisionStore, clock: @escaping @Sendable () -> Timestamp, patience: Duration) {
        self.store = store
        self.clock = clock
        self.patience = patience
    }

    /// The setting of a store; `nil` when there is none that can be read.
    public static func setting(of store: any RecordStore) async throws -> RecallSetting? {
        try await store.record(in: RecallSetting.collection, key: RecallSetting.key)?.value
            .flatMap { RecallSetting(json: $0) }
    }

    /// Recall and speed at each breadth, over stored vectors chosen by a seed, or as the store itself measures them.
    public func curve(breadths: [Int] = RecallTuner.breadths) async throws -> [RecallPoint] {
        if let measured = try await store.recallCurve(breadths: breadths) { return measured }
        return try await RecallProbe.curve(of: store, sample: try await sample(), breadths: breadths)
    }

    /// Distinct vectors, each once however many entries have it.
    private func sample() async throws -> [Embedding] {
        var seen: Set<Embedding> = []
        let distinct = try await store.sample(Self.sampleSize * Self.entriesPerVector, seed: Self.seed)
            .filter { seen.insert($0).inserted }
        let count = min(Self.sampleSize, distinct.count)
        return (0..<count).map { distinct[$0 * distinct.count / count] }
    }

    /// Asks for a recall, or for none, and measures which breadth has it; the activity log is told in the same write.
    public func set(_ target: Double?, by who: String) async throws -> RecallTuning {
        if let reason = await store.capabilities.readOnlyReason {
            throw StoreError(.readOnly, "the recall of searches is the writer's to set: \(reason)")
        }
        let before = try await Self.setting(of: store)?.target
        func event(_ after: Double?) -> ActivityEvent {
            func number(_ recall: Double?) -> JSONValue { recall.map { .number("\($0)") } ?? .null }
            return ActivityEvent(
                time: clock(), who: who, act: "recall", subject: "searches", before: number(before),
                after: number(after))
        }
        guard let target else {
            try await ActivityLog.append([event(nil)], to: store, with: [Self.change(nil, expected: nil)])
            return RecallTuning(setting: nil, curve: [])
        }
        guard RecallSetting.targets.contains(target) else {
            throw StoreError(.usage, "a recall of \(target) cannot be asked for: give it \(Self.bounds)")
        }
        let tuning = try await measured(target)
        try await ActivityLog.append(
            [event(target)], to: store, with: [Self.change(tuning.setting, expected: nil)])
        return tuning
    }

    /// Measures again when that is due; `nil` when nothing was to do.
    ///
    /// A configured recall takes the place of another one that is kept.
    public func keepUp(with configured: Double? = nil) async throws -> RecallTuning? {
        guard await store.capabilities.readOnlyReason == nil else { return nil }
        let record = try await store.record(in: RecallSetting.collection, key: RecallSetting.key)
        let setting = record?.value.flatMap { RecallSetting(json: $0) }
        guard let target = configured ?? setting?.target else { return nil }
        if let setting, setting.target == target {
            let distinct = try await store.statistics().distinct
            let rebuilt = try await JobRecord.lastRebuild(of: store)
            guard setting.isDue(distinct: distinct, rebuilt: rebuilt) else { return nil }
        }
        let tuning = try await measured(target)
        do {
            try await store.write([Self.change(tuning.setting, expected: record?.revision ?? 0)])
        } catch let error as StoreError where error.code == .revisionConflict {
            // Somebody set another one meanwhile, which counts.
            return nil
        }
        return tuning
    }

    /// What may be asked for, in words.
    public static let bounds = "\(RecallSetting.targets.lowerBound) to \(RecallSetting.targets.upperBound)"

    private func measured(_ target: Double) async throws -> RecallTuning {
        let distinct = try await store.statistics().distinct
        let curve = try await RecallProbe.curve(
            of: store, sample: try await sample(), breadths: Self.breadths,
            seeking: SoughtRecall(recall: target, breadths: Self.widerBreadths, patience: patience))
        return RecallTuning(
            setting: RecallSetting(target: target, curve: curve, distinct: distinct, time: clock()),
            curve: curve)
    }

    private static func change(_ setting: RecallSetting?, expected: UInt64?) -> RecordChange {
        RecordChange(
            collection: RecallSetting.collection, key: RecallSetting.key, value: setting?.json,
            expected: expected)
    }
}

/// What asking for a recall led to.
public struct RecallTuning: Sendable, Hashable {
    /// What is kept now; `nil` when no recall is asked for.
    public var setting: RecallSetting?
    /// What was measured, by breadth.
    public var curve: [RecallPoint]

    /// Creates a tuning.
    public init(setting: RecallSetting?, curve: [RecallPoint]) {
        self.setting = setting
        self.curve = curve
    }

    /// What came of it, in a sentence.
    public var sentence: String {
        guard let setting else { return "no recall is asked for: searches have the index's own breadth" }
        guard let measurement = setting.measurement else {
            return "recall \(setting.target): measured as soon as there are decisions"
        }
        let recall = (measurement.recall * 10_000).rounded() / 10_000
        return setting.isReached == true
            ? "recall \(setting.target): breadth \(measurement.breadth) has \(recall)"
            : "recall \(setting.target) is not reached: the largest breadth measured, \(measurement.breadth), "
                + "has \(recall)"
    }
}
