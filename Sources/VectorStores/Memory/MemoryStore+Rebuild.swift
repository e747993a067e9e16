public import Decisions
import Locks
import VectorIndex

extension MemoryStore {
    /// Builds the index anew aside, verifies it and swaps it in; cancelling leaves the old one.
    ///
    /// A store that is not there reads as an empty one, whose index is the same before and after.
    @concurrent
    public func rebuild(
        _ request: RebuildRequest, progress: @Sendable (RebuildProgress) -> Void
    ) async throws -> RebuildReport {
        try await offPool {
            var report = try rebuildNow(request, progress: progress)
            report.server = try rebuildServer(request, progress: progress)
            return report
        }
    }

    /// Builds the index of the server that keeps the store, where there is one.
    ///
    /// Apart from the mirror's, whose rows may move again meanwhile: it may take long.
    private func rebuildServer(
        _ request: RebuildRequest, progress: @Sendable (RebuildProgress) -> Void
    ) throws(StoreError) -> ServerRebuild? {
        guard case .mirror(let log, _) = role, request.isOfGraph else { return nil }
        do throws(StoreError) {
            return try log.rebuild(request, isCancelled: { Task.isCancelled }, progress: progress)
        } catch {
            throw StoreError(
                error.code, "the mirror's index was built anew, the server's was not: \(error.description)")
        }
    }

    private func rebuildNow(
        _ request: RebuildRequest, progress: @Sendable (RebuildProgress) -> Void
    ) throws -> RebuildReport {
        if isAbsent {
            let quality = try measure(core.index, [], phase: .measuring, progress)
            return RebuildReport(before: quality, after: quality)
        }
        try writer.withLock { writer throws(StoreError) in try checkWritable(writer) }
        waitForLinks()
        // The new graph takes over the old one's row numbers.
        let hold = RowHold(core)
        defer { withExtendedLifetime(hold) {} }
        let configuration = try configuration(for: request)
        let old = core.index
        let nodes = old.distinctCount
        let sample = sampledCounts(IndexMeasurement.sampleSize, seed: 1)
        let before = try measure(old, sample, phase: .measuring, progress)
        let built: VectorIndex.RebuildReport
        do {
            built = try old.rebuild(
                configuration, threads: options.rebuildThreads,
                progress: { progress(MemoryStore.translated($0, nodes: nodes)) },
                isCancelled: { Task.isCancelled })
        } catch .cancelled {
            throw StoreError(.cancelled, "the rebuild was cancelled: the old index serves on")
        } catch {
            // The request was checked before, so it is the work that failed.
            throw StoreError(.failed, "\(error)")
        }
        core.state.withWriting { $0.builds += 1 }
        try keepRebuilt(choosing: request.quantization)
        let after = try measure(old, sample, phase: .verifying, from: 0.1, progress)
        progress(RebuildProgress(phase: .swapping, fraction: 1, done: 1, total: 1))
        announceChange()
        return RebuildReport(before: before, after: after, built: RebuildReport.BuiltGraph(built))
    }

    /// Keeps a rebuilt graph in a snapshot, since it is not in the journal; what was asked for is the store's
    /// choice from here on.
    private func keepRebuilt(choosing quantization: String?) throws(StoreError) {
        // What came since the graph took over; without the turn to write, so that others have it.
        core.index.linkTail(atMost: core.index.tailCount)
        try writer.withLock { writer throws(StoreError) in
            guard !writer.isClosed else {
                throw StoreError(
                    .failed, "the store was closed while its index was built anew: rebuild it again")
            }
            do throws(StoreError) {
                if let chosen = quantization.flatMap({ QuantizationSetting($0) }) {
                    try keep([chosen.change()], &writer)
                }
                try checkpoint(&writer)
            } catch {
                throw StoreError(
                    error.code,
                    "the index was built anew but could not be kept, and the old one comes back when the "
                        + "store is opened again: \(error.description)")
            }
        }
    }

    /// The index's phases in the words of a store, counted in vectors.
    private static func translated(
        _ progress: VectorIndex.RebuildProgress, nodes: Int
    ) -> RebuildProgress {
        let (phase, fraction): (RebuildProgress.Phase, Double) =
            switch progress.phase {
            // Copying is a small part of building.
            case .copying: (.building, progress.fraction * 0.05)
            case .linking: (.building, 0.05 + progress.fraction * 0.85)
            case .quantizing: (.building, 0.9 + progress.fraction * 0.1)
            case .verifying: (.verifying, progress.fraction * 0.05)
            // The swap takes an instant; the rest of verifying measures the index now in use.
            case .swapping: (.verifying, 0.05 + progress.fraction * 0.05)
            }
        return RebuildProgress(
            phase: phase, fraction: fraction, done: Int(fraction * Double(nodes)), total: nodes)
    }

    private func configuration(for request: RebuildRequest) throws(StoreError) -> IndexConfiguration {
        var configuration = core.index.configuration
        if let m = request.m {
            guard (4...64).contains(m) else {
                throw StoreError(.usage, "m is \(m): give it a value from 4 to 64")
            }
            configuration.maximumLinks = m
        }
        if let breadth = request.efConstruction {
            guard (8...1_000).contains(breadth) else {
                throw StoreError(.usage, "ef-construction is \(breadth): give it a value from 8 to 1000")
            }
            configuration.constructionBreadth = breadth
        }
        if let name = request.quantization {
            guard let quantization = Quantization(rawValue: name) else {
                throw StoreError(
                    .usage,
                    "quantization is \(PrintedText.escaped(name, limit: 20)): give it one of \(Quantization.names)"
                )
            }
            configuration.quantization = quantization
        }
        return configuration
    }

    /// Embeddings of stored entries, chosen evenly by a seed.
    @concurrent
    public func sample(_ count: Int, seed: UInt64) async throws -> [Embedding] {
        sampledCounts(count, seed: seed).map { Embedding(counts: $0) }
    }

    private func sampledCounts(_ count: Int, seed: UInt64) -> [[Int8]] {
        let index = core.index
        let rows = core.state.withReading { state in
            (0..<state.columns.count).filter { !state.columns.isDeleted($0) }
        }
        return IndexMeasurement.rows(from: rows.count, sampling: count, seed: seed).compactMap {
            index.counts(of: Row(rawValue: UInt32(rows[$0])))
        }
    }

    private func measure(
        _ index: HNSWIndex, _ sample: [[Int8]], phase: RebuildProgress.Phase, from start: Double = 0,
        _ progress: @Sendable (RebuildProgress) -> Void
    ) throws(StoreError) -> IndexQuality {
        try IndexMeasurement.quality(
            of: index, sample: sample, breadth: core.state.withReading { $0.records.searchBreadth },
            memoryBytes: index.memoryBytes,
            isCancelled: { phase == .measuring && Task.isCancelled }
        ) { done in
            if done % 32 == 0 || done == sample.count {
                progress(
                    RebuildProgress(
                        phase: phase, fraction: start + (1 - start) * Double(done) / Double(sample.count),
                        done: done,
                        total: sample.count))
            }
        }
    }
}
