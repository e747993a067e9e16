import AnomalyDetection
import Decisions
import Operations
import VectorStores

@testable import Console

/// A made-up but coherent picture of a running program; the same on every machine.
enum Fixture {
    /// 2026-03-02T14:02:31Z.
    static let now = Timestamp(seconds: 1_772_460_151, fractionDigits: 0)

    static func snapshot() -> ConsoleSnapshot {
        var snapshot = ConsoleSnapshot()
        snapshot.generation = 1
        snapshot.isRead = true
        snapshot.storeName = "demo"
        snapshot.storeAddress = "memory:"
        snapshot.wallTime = now
        snapshot.newestDecision = now
        snapshot.statistics = statistics
        snapshot.residentBytes = 118_000_000
        snapshot.processorShare = 0.021
        snapshot.incidents = incidents
        snapshot.tenants = tenants
        snapshot.metrics = MetricName.allCases.map { metric($0, end: now) }
        snapshot.sources = [
            SourceSummary(
                id: "live traffic", state: .following, lastEvent: now, lagSeconds: 0.4, ratePerSecond: 41,
                accepted: 8_120),
            SourceSummary(
                id: "sample-data/audit.jsonl.gz", state: .done, lastEvent: now.advanced(bySeconds: -1_140),
                accepted: 16_474, rejected: 3, lastReject: "line 812: not JSON at byte 7"),
        ]
        snapshot.health = [
            HealthCheck(
                name: "retention", status: .degraded, since: now.advanced(bySeconds: -7_200),
                detail: "full in about 12 days; keep less with --keep 30d"),
            HealthCheck(
                name: "index", status: .ok, since: now.advanced(bySeconds: -86_400),
                detail: "every node is reached"),
            HealthCheck(
                name: "recall", status: .ok, since: now.advanced(bySeconds: -600),
                detail: "99.2 % of 512 sampled searches"),
        ]
        snapshot.log = (0..<60).map { index in
            LogLine(
                time: now.advanced(bySeconds: Int64(index - 60)), level: LogLine.Level.allCases[index % 4],
                label: index % 3 == 0 ? "ingest" : "store", message: "line \(index) of the log")
        }
        snapshot.recall = RecallSummary(recall: 0.992, samples: 512, ageSeconds: 40)
        return snapshot
    }

    /// A rebuild that another process runs.
    static var othersJob: JobSummary {
        JobSummary(
            id: 12, title: "rebuild", state: .running, phase: "building", fraction: 0.41, elapsedSeconds: 52,
            remainingSeconds: 74,
            owner: JobOwner(user: "ada", host: "host", processID: 812, command: "verdict rebuild"))
    }

    /// Rebuilds that ended, the newest first.
    static var endedJobs: [JobSummary] {
        [
            JobSummary(
                id: 3, title: "rebuild m=24", state: .done, phase: "verifying", fraction: 1,
                elapsedSeconds: 14,
                report: RebuildReport(
                    before: IndexQuality(recall: 0.961, p50Microseconds: 103, memoryBytes: 21_300_000),
                    after: IndexQuality(recall: 0.985, p50Microseconds: 91, memoryBytes: 22_300_000))),
            JobSummary(
                id: 2, title: "rebuild", state: .cancelled, phase: "building", fraction: 0.4,
                elapsedSeconds: 6),
            JobSummary(
                id: 1, title: "rebuild", state: .failed("the disk is full"), phase: "swapping", fraction: 0.9,
                elapsedSeconds: 20),
        ]
    }

    /// A recall that is asked for, measured some minutes ago.
    static func recallSetting(_ recall: Double) -> RecallSetting {
        RecallSetting(
            target: 0.98,
            measurement: RecallSetting.Measurement(
                breadth: 96, recall: recall, p50Microseconds: 108, distinct: 15_022,
                time: now.advanced(bySeconds: -240)))
    }

    static var statistics: StoreStatistics {
        var statistics = StoreStatistics(
            vectors: 24_381, distinct: 15_022, recipe: "decision-384/1",
            index: StoreStatistics.IndexReport(
                efConstruction: 200, ef: 64, kernel: "avx512vnni", nodes: 15_022, tombstones: 12,
                layers: [15_022, 940, 58, 3],
                degreeHistogram: (0...32).map { $0 < 4 ? 0 : $0 * (36 - $0) }),
            memoryBytes: 23_600_000,
            memoryParts: [
                "codes": 5_768_448, "links": 2_100_000, "columns": 9_500_000, "identities": 6_231_552,
            ],
            lastInsert: now, newestDecision: now, oldestDecision: now.advanced(bySeconds: -259_200),
            tenants: 5)
        statistics.index.codeBytes = 64
        statistics.index.exactBytes = 64
        statistics.index.selfSearch = StoreStatistics.IndexReport.SelfSearch(
            searches: 256, recall: 0.996, distances: 812.4, hops: 71.3)
        return statistics
    }

    /// An index whose searches walk over product codes, trained on so many vectors.
    static func quantized(_ name: String = "pq8", trainedOn vectors: Int = 10_000) -> StoreStatistics {
        var statistics = statistics
        statistics.index.quantization = name
        statistics.index.codeBytes = 48
        statistics.mappedBytes = 961_408
        statistics.index.training = StoreStatistics.IndexReport.Training(
            vectors: vectors, centroids: min(256, vectors - 2), centroidLimit: 256)
        return statistics
    }

    static var tenants: [TenantSummary] {
        let rows = [
            ("acme", 11_204, 3), ("globex", 4_810, 1), ("umbrella", 4_301, 0), ("initech", 2_904, 0),
            ("", 1_162, 0),
        ]
        return rows.map { name, count, open in
            TenantSummary(
                statistics: TenantStatistics(
                    tenant: name, vectors: count, distinct: count * 6 / 10, denies: count / 16,
                    lastTime: now.advanced(bySeconds: -Int64(count % 97))),
                openIncidents: open, anomalies: open * 9, activity: wave(60, height: count / 100),
                recall: name == "acme" ? TenantRecallSummary(recall: 0.992, samples: 42) : nil)
        }
    }

    static func wave(_ count: Int, height: Int) -> [Int] {
        (0..<count).map { index in height * ((index * 7) % 13 + (index / 6) % 9) / 20 + 1 }
    }

    static func metric(_ name: MetricName, end: Timestamp) -> MetricSeries {
        let isEventTime = [.decisions, .denyRate].contains(name)
        let unit = name.unit
        let scale: Double = unit == "B" ? 400_000 : [.recall, .selfRecall].contains(name) ? 0.2 : 1
        let base: Double = [.recall, .selfRecall].contains(name) ? 97 : 0
        let values: [Double?] = wave(120, height: 40).enumerated().map { index, value in
            index == 17 ? nil : base + Double(value) * scale
        }
        let title = name == .decisions ? "Decisions/s" : name == .denyRate ? "Deny rate" : name.rawValue
        return MetricSeries(
            name: name, title: title, unit: unit, isEventTime: isEventTime, end: end, step: 15, values: values
        )
    }

    static func decision(
        _ id: String, _ principal: String, _ action: String, _ kind: String, _ resource: String?,
        effect: Effect = .allow, tenant: String = "acme", secondsAgo: Int64 = 60
    ) -> Decision {
        var decision = Decision(
            id: id, time: now.advanced(bySeconds: -secondsAgo), tenant: tenant,
            principal: Principal(id: principal, roles: ["deployer"]),
            resource: Resource(kind: kind, id: resource, scope: "eu.prod"), actions: [action], effect: effect)
        decision.outcome = "ok"
        decision.policies = ["deploy-base"]
        decision.durationNanoseconds = 310_500
        decision.cacheHit = false
        decision.source = Source(ip: "203.0.113.7", agent: "kubectl/1.30", format: "verdict")
        decision.extras = ["trace": .string("4bf92f35")]
        return decision
    }

    static var incidents: [Incident] {
        var leak = incident("K7F2", "svc-deploy", "secrets", .critical, count: 27, secondsAgo: 33)
        leak.resources = ["secrets/db", "secrets/jwt", "secrets/tls", "secrets/smtp"]
        leak.resourceCount = 19
        leak.addresses = ["203.0.113.7"]
        leak.first = now.advanced(bySeconds: -156)
        leak.evidence.novelTokens = [
            Evidence.TokenShare(token: "principal × kind = svc-deploy × secrets", share: 0.107),
            Evidence.TokenShare(token: "source = 203.0.113.7", share: 0.061),
        ]
        var burst = incident(
            "J3QT", "j.ortiz", "payroll", .high, effect: .deny, tenant: "globex", count: 14, secondsAgo: 540)
        burst.evidence.nearestOwn = nil
        var drift = incident("M8XC", "m.chen", "customer", .low, count: 1, secondsAgo: 1_860)
        drift.evidence.nearest = nil
        drift.resourceCount = 1
        var old = incident("P4WZ", "q.costa", "report", .medium, count: 3, secondsAgo: 90_000)
        old.state = .resolved
        old.history = [
            Incident.TriageEntry(
                time: now.advanced(bySeconds: -80_000), who: "sam", from: .new, to: .acknowledged),
            Incident.TriageEntry(
                time: now.advanced(bySeconds: -70_000), who: "sam", from: .acknowledged, to: .resolved),
        ]
        var taken = incident(
            "R6NB", "y.khan", "role", .medium, effect: .conditional, count: 2, secondsAgo: 4_000)
        taken.state = .acknowledged
        return [leak, burst, drift, taken, old]
    }

    static func incident(
        _ id: String, _ principal: String, _ kind: String, _ severity: Incident.Severity,
        effect: Effect = .allow, tenant: String = "acme", count: Int = 1, secondsAgo: Int64
    ) -> Incident {
        let flagged = decision(
            "d-\(id)", principal, "get", kind, "db", effect: effect, tenant: tenant, secondsAgo: secondsAgo)
        var evidence = Evidence(
            decision: flagged,
            channels: ScoredDecision.Channels(distance: 0.986, rarity: 0.9999, firstSeen: 0.42))
        evidence.counters = ["\(kind) in \(tenant): 3 principals ever, last new one 41 days ago"]
        evidence.nearest = Evidence.Neighbour(
            decision: decision("d-9", "vault-agent", "get", kind, "db", tenant: tenant, secondsAgo: 9_000),
            similarity: 0.46, differs: ["principal", "source"])
        evidence.nearestOwn = Evidence.Neighbour(
            decision: decision(
                "d-10", principal, "get", "configmap", "app", tenant: tenant, secondsAgo: 9_100),
            similarity: 0.31, differs: ["kind", "id", "source"])
        evidence.principalHours = (0..<24).map { (9..<18).contains($0) && $0 != 14 ? 20 + $0 : $0 % 2 }
        evidence.principalPast = 214
        var incident = Incident(
            id: id, key: Incident.Key(tenant: tenant, principal: principal, kind: kind, effect: effect),
            severity: severity, time: now.advanced(bySeconds: -secondsAgo), score: 0.994,
            why: ["\(principal): 214 past decisions, none on \(kind)", "source 203.0.113.7: never seen"],
            member: "d-\(id)", evidence: evidence)
        incident.count = count
        incident.actions = ["get"]
        incident.resources = ["\(kind)/db"]
        incident.resourceCount = min(count, 7)
        return incident
    }

    static func stored(_ decision: Decision) -> StoredDecision {
        var counts = [Int8](repeating: 0, count: Embedding.dimension)
        counts[7] = 20
        return StoredDecision(decision: decision, embedding: Embedding(counts: counts), storedID: decision.id)
    }

    /// Names that try to leave their cell.
    static let hostile = "a\u{1B}[31mb\u{7}c\u{202E}d\u{200B}e\nf\u{9B}2J"

    /// The picture with hostile text in every name.
    static func hostileSnapshot() -> ConsoleSnapshot {
        var snapshot = snapshot()
        snapshot.storeName = hostile
        snapshot.storeAddress = "memory:" + hostile
        snapshot.incidents = [
            incident(hostile, hostile, hostile, .critical, tenant: hostile, count: 2, secondsAgo: 5)
        ]
        snapshot.incidents[0].resources = [hostile]
        snapshot.incidents[0].actions = [hostile]
        snapshot.incidents[0].addresses = [hostile]
        snapshot.incidents[0].evidence.novelTokens = [Evidence.TokenShare(token: hostile, share: 1)]
        snapshot.tenants = [
            TenantSummary(
                statistics: TenantStatistics(
                    tenant: hostile, vectors: 9, distinct: 9, denies: 1, lastTime: nil))
        ]
        snapshot.sources = [SourceSummary(id: hostile, state: .failed, lastReject: hostile)]
        snapshot.health = [HealthCheck(name: hostile, status: .failed, since: now, detail: hostile)]
        snapshot.log = [LogLine(time: now, level: .error, label: hostile, message: hostile)]
        snapshot.jobs = [
            JobSummary(
                id: 1, title: hostile, state: .failed(hostile), phase: hostile,
                owner: JobOwner(user: hostile, host: hostile, processID: 1, command: hostile))
        ]
        snapshot.statistics.memoryParts = [hostile: 12]
        return snapshot
    }
}
