import Decisions

extension DetectionService {
    /// The incident with a name.
    public func incident(_ id: String) -> Incident? {
        book[id]
    }

    /// What is known now.
    public func snapshot() -> DetectionSnapshot {
        if let latest { return latest }
        var snapshot = DetectionSnapshot()
        snapshot.generation = generation
        snapshot.role = role
        snapshot.incidents = book.all
        snapshot.hunts = hunts.status
        snapshot.warmUpDecisions = configuration.detector.warmUpDecisions
        snapshot.problems = problems + [unsaved, waitingActs?.sentence].compactMap(\.self)
        snapshot.unsavedActs = waitingActs == nil ? 0 : unsavedActs.count
        snapshot.unscored = unscored
        snapshot.anomalies = savedAnomalies
        snapshot.taught = taught.items(at: clock())
        for tenant in detector.tenantNames {
            let decisions = detector.decisions(ofTenant: tenant)
            if decisions < configuration.detector.warmUpDecisions { snapshot.learning[tenant] = decisions }
            let anomalies = detector.anomalies(ofTenant: tenant)
            if role == .detecting, anomalies > 0 { snapshot.anomalies[ByteKey(tenant)] = anomalies }
        }
        latest = snapshot
        return snapshot
    }

    /// Follows the incidents: yields a number that grows whenever one changes.
    public func changes() -> AsyncStream<UInt64> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: UInt64.self, bufferingPolicy: .bufferingNewest(1))
        let number = nextWatcher
        nextWatcher += 1
        watchers[number] = continuation
        continuation.onTermination = { [weak self] _ in
            Task { await self?.forget(watcher: number) }
        }
        return stream
    }

    private func forget(watcher number: Int) {
        watchers[number] = nil
    }

    /// What was shown no longer holds.
    func outdated() {
        latest = nil
    }

    func published() {
        generation += 1
        outdated()
        for watcher in watchers.values { watcher.yield(generation) }
    }

    func note(problem: String) {
        problems.append(problem)
        outdated()
        if problems.count > DetectionSnapshot.maximumProblems { problems.removeFirst() }
    }
}
