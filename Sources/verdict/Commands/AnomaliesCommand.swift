import AnomalyDetection
import ArgumentParser
import Decisions
import Operations
import VectorStores

/// Lists incidents, those that wait for somebody first.
struct AnomaliesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "anomalies", abstract: "List the incidents.",
        discussion: "Queries know the fields of decisions and severity, state and score.")

    @Argument(help: ArgumentHelp("What must match.", valueName: "query"))
    var query: [String] = []

    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let parsed = try storeOptions.parse(query: query)
        let resolved = try storeOptions.resolveDurable()
        let store = try await StoreOpening.open(resolved, access: .read)
        // An empty list would say that all is well.
        if let reason = await store.capabilities.noDecisionsReason {
            await store.close()
            throw CommandFailure.usage(
                "\(printable(resolved.name)): there are no incidents to list, since \(reason): find rows with "
                    + "verdict search, and see verdict stats and verdict health")
        }
        var incidents = try await IncidentReading.incidents(of: store) {
            StandardError.write("verdict: \(printable($0))\n")
        }
        await store.close()
        if let parsed { incidents = incidents.filter { $0.matches(parsed) } }
        incidents.sort { ($0.last, $0.id) > ($1.last, $1.id) }
        if output.json {
            for incident in incidents { try StandardOutput.shared.write(json: incident.commandJSON) }
            return
        }
        var table = TextTable([
            ("ID", .left), ("STATE", .left), ("SEVERITY", .left), ("SCORE", .right), ("COUNT", .right),
            ("TENANT", .left), ("PRINCIPAL", .left), ("KIND", .left), ("EFFECT", .left), ("LAST", .left),
            ("WHY", .left),
        ])
        for incident in incidents {
            table.append([
                incident.id, incident.state.rawValue, incident.severity.rawValue,
                fixed(incident.score, digits: 3), grouped(incident.count),
                incident.key.tenant.isEmpty ? "(none)" : incident.key.tenant, incident.key.principal,
                incident.key.kind, incident.key.effect.rawValue, incident.last.description,
                incident.why.first ?? "",
            ])
        }
        try StandardOutput.shared.write(incidents.isEmpty ? "no incidents\n" : table.text)
    }
}

extension Incident {
    /// The incident as the command prints it.
    var commandJSON: JSONObject {
        var nearest = JSONValue.null
        if let neighbour = evidence.nearest {
            nearest = .object([
                "id": .string(neighbour.decision.id), "score": .decimal(neighbour.similarity, digits: 6),
            ])
        }
        return [
            "id": .string(id), "state": .string(state.rawValue), "severity": .string(severity.rawValue),
            "tenant": .string(key.tenant), "principal": .string(key.principal), "kind": .string(key.kind),
            "effect": .string(key.effect.rawValue), "count": .integer(count), "first": .time(first),
            "last": .time(last), "score": .decimal(score, digits: 6), "why": .strings(why),
            "nearest": nearest, "members": .strings(members),
        ]
    }
}
