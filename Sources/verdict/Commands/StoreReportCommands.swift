import AnomalyDetection
import ArgumentParser
import Decisions
import Delivery
import Operations
import VectorStores

/// Says what a store holds and what its index is like.
struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Say what the store holds.")

    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = try await StoreOpening.open(try storeOptions.resolveDurable(), access: .read)
        let statistics = try await store.statistics()
        let holdsDecisions = await store.capabilities.holdsDecisions
        await store.close()
        let resident = ProcessMeter.residentBytes() ?? 0
        if output.json {
            try StandardOutput.shared.write(json: statistics.json(residentBytes: resident))
        } else {
            try StandardOutput.shared.write(
                holdsDecisions ? statistics.text(residentBytes: resident) : statistics.textOfOtherRows)
        }
    }
}

/// Lists the tenants of a store.
struct TenantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenants", abstract: "List the tenants with their counts.")

    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = try await StoreOpening.open(try storeOptions.resolveDurable(), access: .read)
        let tenants = try await store.tenants()
        let anomalies = try await AnomalyCounts.counts(of: store)
        let reason = await store.capabilities.noDecisionsReason
        await store.close()
        if let reason { return try show(tenants, ofOtherRows: reason) }
        if output.json {
            for tenant in tenants {
                try StandardOutput.shared.write(json: [
                    "tenant": .string(tenant.tenant), "vectors": .integer(tenant.vectors),
                    "distinct": .integer(tenant.distinct), "denies": .integer(tenant.denies),
                    "anomalies": .integer(anomalies[ByteKey(tenant.tenant)] ?? 0),
                    "last_time": .time(tenant.lastTime),
                ])
            }
            return
        }
        var table = TextTable([
            ("TENANT", .left), ("VECTORS", .right), ("DISTINCT", .right), ("DENIES", .right),
            ("ANOMALIES", .right), ("LAST", .left),
        ])
        for tenant in tenants {
            table.append([
                tenant.tenant.isEmpty ? "(none)" : tenant.tenant, grouped(tenant.vectors),
                grouped(tenant.distinct),
                grouped(tenant.denies), grouped(anomalies[ByteKey(tenant.tenant)] ?? 0),
                tenant.lastTime?.description ?? "-",
            ])
        }
        try StandardOutput.shared.write(table.text)
    }

    /// What only decisions have is left out, and said to be: a zero would be a figure.
    private func show(_ tenants: [TenantStatistics], ofOtherRows reason: String) throws {
        StandardError.write("verdict: denies and anomalies are not counted, since \(reason)\n")
        if tenants.isEmpty {
            StandardError.write("verdict: no tenants are known: name their column by tenant=COLUMN\n")
        }
        var table = TextTable([("TENANT", .left), ("ROWS", .right), ("LAST", .left)])
        for tenant in tenants {
            if output.json {
                try StandardOutput.shared.write(json: [
                    "tenant": .string(tenant.tenant), "vectors": .integer(tenant.vectors), "distinct": .null,
                    "denies": .null, "anomalies": .null, "last_time": .time(tenant.lastTime),
                ])
            }
            table.append([
                tenant.tenant.isEmpty ? "(none)" : tenant.tenant, grouped(tenant.vectors),
                tenant.lastTime?.description ?? "-",
            ])
        }
        if !output.json { try StandardOutput.shared.write(table.text) }
    }
}

/// Says whether the store is well.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Check the store; exit 1 when it failed.")

    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let resolved = try storeOptions.resolveDurable()
        let checks: [HealthCheck]
        do {
            let store = try await StoreOpening.open(resolved, access: .read)
            checks = try await Self.checks(of: store, alerts: Alerting.plan(resolved))
            await store.close()
        } catch let error as StoreError where error.isOfTheStore {
            checks = [
                HealthCheck(
                    name: "store", status: .failed, since: WallClock.now(), detail: error.description)
            ]
        }
        try show(checks)
    }

    private static func checks(
        of store: any DecisionStore, alerts: AlertPlan?
    ) async throws -> [HealthCheck] {
        var detection = DetectionSnapshot()
        detection.holder = try await Detection.service(for: store).leaseHolder()
        let recallGuard = RecallGuard(clock: WallClock.now)
        try await recallGuard.takeUp(from: store)
        var others = recallGuard.checks()
        if await store.capabilities.holdsDecisions {
            others += try await DetectionCare(of: store).checks(at: WallClock.now())
        }
        if let alerts {
            others += try await AlertHealth.checks(
                of: store, receivers: alerts.receivers, at: WallClock.now())
            others += alerts.checks(at: WallClock.now())
        }
        return try await SnapshotBuilder.checks(
            of: store, detection: detection, adding: others, at: WallClock.now())
    }

    private func show(_ checks: [HealthCheck]) throws {
        let status = HealthProbe(checks).status
        if output.json {
            let list = checks.map { check in
                JSONValue.object([
                    "name": .string(check.name), "status": .string(check.status.rawValue),
                    "since": .time(check.since), "detail": .string(check.detail),
                ])
            }
            try StandardOutput.shared.write(json: [
                "status": .string(status.rawValue), "checks": .array(list),
            ])
        } else {
            var table = TextTable([("CHECK", .left), ("STATUS", .left), ("SINCE", .left), ("DETAIL", .left)])
            for check in checks {
                table.append([check.name, check.status.rawValue, check.since.description, check.detail])
            }
            try StandardOutput.shared.write(table.text + "status: \(status.rawValue)\n")
        }
        if status == .failed { throw CommandExit.failed }
    }
}

extension StoreError {
    /// Whether it tells of the store's condition, not of an address or a build that has no such store.
    fileprivate var isOfTheStore: Bool {
        switch code {
        case .missing, .corrupt, .inputOutput, .failed: true
        case .usage, .unknownID, .ambiguousID, .locked, .readOnly, .revisionConflict, .unsupported,
            .cancelled:
            false
        }
    }
}
