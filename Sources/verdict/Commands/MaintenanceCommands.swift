import ArgumentParser
import Decisions
import Operations
import VectorStores

/// Deletes decisions by query or identifier.
struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete decisions by query or identifier.",
        discussion: "Asks on the terminal before it deletes, unless --yes is given; --dry-run only counts.")

    @Argument(help: ArgumentHelp("What must match.", valueName: "query"))
    var query: [String] = []

    @Option(name: .long, help: ArgumentHelp("An identifier; may be repeated.", valueName: "id"))
    var id: [String] = []

    @Flag(name: .long, help: "Count, delete nothing.")
    var dryRun = false

    @Flag(name: .long, help: "Do not ask.")
    var yes = false

    @OptionGroup var identity: IdentityOptions
    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let parsed = try storeOptions.parse(query: query)
        let selection = try selection(parsed)
        let resolved = try storeOptions.resolveDurable()
        let who = try Identity.find(as: identity.name, on: resolved).name
        guard yes || dryRun || Confirmation.isPossible else {
            throw CommandFailure.usage(
                "delete asks on a terminal only, and this is none: give --yes, or --dry-run to count")
        }
        let store = try await StoreOpening.open(
            resolved, access: dryRun ? .read : .write, createsMissing: false,
            mirror: MirrorReport(isConfirmed: yes))
        do {
            await Upkeep.endOrphans(of: store)
            let report = try await delete(selection, from: store, resolved, by: who)
            try print(report)
            try await store.finish()
        } catch {
            await store.close()
            throw error
        }
    }

    /// What is named: a query, or identifiers, of one tenant on request.
    private func selection(_ query: Query?) throws -> DeleteSelection {
        switch (query, id.isEmpty) {
        case (nil, true):
            throw CommandFailure.usage(
                "name what to delete: a query, or --id; an empty query would delete everything")
        case (nil, false): return .ids(id, tenant: nil)
        case (let query?, true): return .query(query)
        case (let query?, false):
            guard let tenant = query.onlyTenant else {
                throw CommandFailure.usage("beside --id only tenant:NAME may stand; put the rest in a query")
            }
            return .ids(id, tenant: tenant)
        }
    }

    private func delete(
        _ selection: DeleteSelection, from store: any DecisionStore, _ resolved: StoreOptionGroup.Resolved,
        by who: String
    ) async throws -> DeleteReport {
        let started = ContinuousClock().now
        let matched = try await store.count(selection)
        if dryRun || matched == 0 {
            return DeleteReport(matched: matched, deleted: 0, seconds: started.secondsUntilNow)
        }
        if !yes, !Confirmation.ask("Delete \(counted(matched, "decision")) from \(printable(resolved.name))?")
        {
            throw CommandFailure(
                exit: .cancelled, message: "nothing was deleted; answer y, or give --yes")
        }
        // Told before: what is deleted cannot tell any more.
        let subject = query.isEmpty ? "id " + id.joined(separator: " ") : query.joined(separator: " ")
        if await store.capabilities.readOnlyReason != nil { return try await store.delete(selection) }
        try await Activity.record(
            "delete", subject, before: ["decisions": .integer(matched)], after: ["decisions": .integer(0)],
            to: store, by: who)
        do {
            return try await store.delete(selection)
        } catch {
            await Activity.tell("delete failed", subject, to: store, by: who)
            throw error
        }
    }

    private func print(_ report: DeleteReport) throws {
        if output.json {
            try StandardOutput.shared.write(json: [
                "matched": .integer(report.matched), "deleted": .integer(report.deleted),
                "seconds": .decimal(report.seconds, digits: 3),
            ])
        } else {
            try StandardOutput.shared.write(
                "\(grouped(report.matched)) matched, \(grouped(report.deleted)) deleted in "
                    + "\(fixed(report.seconds, digits: 3)) s\n")
        }
    }
}
