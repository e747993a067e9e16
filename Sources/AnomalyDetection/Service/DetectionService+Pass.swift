import Decisions
import VectorStores

/// The periodic pass: what streaming cannot see, since each decision was near enough to the one before.
///
/// It works in slices and takes the turn for nothing but filing what it found, so that no decision waits for it.
extension DetectionService {
    /// Looks once at the newest decisions: whether principals drifted away from their own past, and whether what
    /// nobody judged when it came is strange now that there is a past.
    ///
    /// `nil` where this process does not detect. Cancelling leaves what was found until then. Costs a list of the
    /// newest decisions, a look at each, and a search for each that is scored again.
    public func pass() async throws -> PassReport? {
        guard role == .detecting, await store.capabilities.holdsDecisions else { return nil }
        var report = PassReport()
        guard let end = try await newestBelieved() else { return report }
        try await findDrift(until: end, &report)
        try await judgeUnjudged(until: end, &report)
        guard role == .detecting else { return nil }
        return report
    }

    /// Takes what nobody judged as ordinary, as when a past was only made up.
    public func takeUnjudgedAsOrdinary() {
        unjudged.forget()
    }

    /// The newest decision's time; the clock where that is more than a day ahead of it.
    private func newestBelieved() async throws -> Timestamp? {
        guard let newest = try await store.statistics().newestDecision else { return nil }
        return min(newest, clock().advanced(bySeconds: 86_400))
    }

    /// Decisions of a span of event time, the newest first.
    private func decisions(
        of tenant: String? = nil, from start: Timestamp, to end: Timestamp, limit: Int
    ) async throws -> [StoredDecision] {
        func time(_ operation: Query.Operation, _ time: Timestamp) -> Query {
            .comparison(
                Query.Comparison(field: "time", operation: operation, operands: [time.description]))
        }
        var parts = [time(.greaterOrEqual, start), time(.lessOrEqual, end)]
        if let tenant {
            parts.append(
                .comparison(Query.Comparison(field: "tenant", operation: .equals, operands: [tenant])))
        }
        let limit = max(1, min(limit, SearchRequest.maximumLimit))
        return try await store.search(SearchRequest(query: .all(parts), limit: limit)).results.map(\.stored)
    }

    /// Lets others have their turn; throws when the pass is called off.
    private func breathe() async throws {
        await Task.yield()
        try Task.checkCancellation()
    }

    // MARK: - Drift

    private func findDrift(until end: Timestamp, _ report: inout PassReport) async throws {
        let pass = configuration.pass
        let recent = try await decisions(
            from: end.advanced(bySeconds: -pass.windowSeconds), to: end, limit: pass.maximumDecisions)
        report.looked = recent.count
        let mixes = await Self.mixes(of: recent, pass)
        for start in stride(from: 0, to: mixes.count, by: max(1, pass.sliceSize)) {
            try await breathe()
            for mix in mixes[start..<min(mixes.count, start + max(1, pass.sliceSize))] {
                report.principals += 1
                guard let finding = detector.drift(of: mix, pass) else { continue }
                guard report.incidents.count < pass.maximumFindings else { return }
                try await file(finding, among: recent, &report)
            }
        }
    }

    /// Groups decisions aside, so that neither the detector nor the console waits for it.
    @concurrent
    private static func mixes(
        of recent: [StoredDecision], _ pass: PassConfiguration
    ) async -> [RecentMix] {
        RecentMix.mixes(of: recent, minimum: pass.minimumRecent, places: pass.maximumMembers)
    }

    /// Opens an incident of the cell that grew most, unless its story is told already.
    private func file(
        _ finding: DriftFinding, among recent: [StoredDecision], _ report: inout PassReport
    ) async throws {
        guard let shift = finding.shifts.first,
            let places = finding.mix.cells[shift.cell]?.places, let newest = places.first
        else { return }
        let stored = recent[newest]
        // What is hidden or taught would be found again by every pass.
        guard !isHushed(stored.decision) else { return }
        let novelty = try await novelty(
            of: stored.embedding, tenant: stored.decision.tenant,
            leavingOut: detector.lessons.withheld(of: stored.decision.tenant).union([stored.identity]))
        guard
            var assessment = detector.hindsight(
                stored.decision, storedID: stored.storedID, novelty: novelty)
        else { return }
        assessment.scored.anomalous = true
        assessment.scored.state = .scored
        assessment.scored.score = finding.score(configuration.detector)
        assessment.scored.why = finding.words(configuration.pass, at: clock())
        let hours = detector.tenantDetector(finding.mix.tenant)?.hours(ofPrincipal: finding.mix.principal)
        assessment.past = PastContext(
            counters: assessment.past?.counters ?? [],
            principalHours: hours ?? Array(repeating: 0, count: 24), principalPast: finding.past)
        let members = places.dropFirst().map { recent[$0] }
        if let id = await fileFound(stored, assessment, novelty: novelty, with: members, opened: []) {
            report.drifts += 1
            report.incidents.append(id)
        }
    }

    // MARK: - What nobody judged

    private func judgeUnjudged(until end: Timestamp, _ report: inout PassReport) async throws {
        let pass = configuration.pass
        let oldest = end.advanced(bySeconds: -pass.unjudgedSeconds)
        for tenant in unjudged.tenants {
            guard let span = unjudged[tenant], report.rescored < pass.maximumRescored else { continue }
            // Nobody looks at what is so old any more, and only so many tenants have a place.
            if span.to < oldest {
                unjudged.judged(tenant, from: nil)
                continue
            }
            // With less, all that is new would still be strange.
            guard detector.decisions(ofTenant: tenant) >= 2 * configuration.detector.warmUpDecisions else {
                continue
            }
            let left = pass.maximumRescored - report.rescored
            let found = try await decisions(
                of: tenant, from: max(span.from, oldest), to: min(span.to, end), limit: left)
            var opened: Set<String> = []
            for (number, stored) in found.enumerated() {
                if number % max(1, pass.sliceSize) == 0 { try await breathe() }
                guard report.incidents.count < pass.maximumFindings else { return }
                try await judge(stored, &report, opened: &opened)
            }
            unjudged.judged(tenant, from: found.count < left ? nil : found.last?.decision.time)
        }
    }

    private func judge(
        _ stored: StoredDecision, _ report: inout PassReport, opened: inout Set<String>
    ) async throws {
        report.rescored += 1
        let decision = stored.decision
        // What a run ends at is looked at again by the next: what is hidden would be counted by both.
        guard detector.mayBeFlagged(decision), !isHushed(decision),
            !book.lists(stored.storedID, ofTenant: decision.tenant)
        else { return }
        let novelty = try await novelty(
            of: stored.embedding, tenant: decision.tenant,
            leavingOut: detector.lessons.withheld(of: decision.tenant).union([stored.identity]))
        guard var assessment = detector.hindsight(decision, storedID: stored.storedID, novelty: novelty),
            assessment.scored.anomalous
        else { return }
        assessment.scored.why.append(
            "found by the periodic pass at \(clock()): when it came there was too little past to judge it by")
        let id = await fileFound(stored, assessment, novelty: novelty, with: [], opened: opened)
        guard let id else { return }
        report.strange += 1
        if opened.insert(id).inserted { report.incidents.append(id) }
    }

    // MARK: - Filing

    /// Files what was found, unless an incident tells its story already; answers the incident's name.
    ///
    /// `opened` are those that this run opened, which may grow.
    private func fileFound(
        _ stored: StoredDecision, _ assessment: Assessment, novelty: Novelty, with members: [StoredDecision],
        opened: Set<String>
    ) async -> String? {
        await takeTurn()
        defer { turns.pass() }
        guard role == .detecting else { return nil }
        let entry = Entry(decision: stored.decision, embedding: stored.embedding)
        let anomaly = Anomaly(decision: stored.decision, scored: assessment.scored, severity: .low)
        if let known = book.placement(of: anomaly).incidentID, !opened.contains(known) { return nil }
        let change = await file(entry, assessment, novelty: novelty, notYetPast: { [] })
        guard let id = change?.incident.id else { return nil }
        book.noteFoundByPass(id, with: members)
        outdated()
        await pinMembers()
        await saveOrTell { try await saveWhatIsDue(urgent: true) }
        published()
        return id
    }

    // MARK: - Saving

    /// Reads what was not judged, as it was saved.
    func restoreUnjudged(from records: [Record]) {
        unjudged = UnjudgedSpans()
        let saved = records.first { $0.key == UnjudgedSpans.key }?.value
        guard let saved else { return }
        do throws(IncidentError) {
            unjudged = try UnjudgedSpans(json: saved)
        } catch {
            note(problem: error.description)
        }
    }

    /// Writes what was not judged, if that changed; before the state, which may not be ahead of it.
    func saveUnjudged() async throws {
        guard role == .detecting, unjudged.isChanged else { return }
        let saved = unjudged
        let change = RecordChange(
            collection: Detector.collection, key: UnjudgedSpans.key, value: saved.json)
        guard try await writeHolding([change]) else { return }
        if unjudged == saved { unjudged.isChanged = false }
    }
}
