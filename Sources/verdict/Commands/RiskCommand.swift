import AnomalyDetection
import ArgumentParser
import Configuration
import Decisions
import Operations
import VectorStores

/// Judges requests before they are decided.
struct RiskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "risk", abstract: "Say how risky a request is before it is decided, and why.",
        discussion: """
            A request is a native line, of which id, time and effect may be missing; without an effect it is \
            judged as if it were allowed. Three parts raise the risk: how often similar requests of its tenant \
            were denied, how strange it would be, and what it would touch. Nothing is stored or counted.
            """)

    @Argument(help: ArgumentHelp("Requests, one a line; - for standard input.", valueName: "file"))
    var file: String?

    @Option(name: .long, help: ArgumentHelp("The request.", valueName: "json"))
    var decision: String?

    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard (file == nil) != (decision == nil) else {
            throw CommandFailure.usage("name a request with --decision, or a file of requests; one of both")
        }
        let now = try storeOptions.namedNow() ?? WallClock.now()
        let resolved = try storeOptions.resolveDurable()
        let single = try decision.map { text -> Decision in
            do {
                return try Decision(parsingRequest: text, now: now)
            } catch let failure as CommandFailure {
                throw failure
            } catch {
                throw CommandFailure.usage("--decision is no request: \(error)")
            }
        }
        let store = try await StoreOpening.open(resolved, access: .read)
        if let reason = await store.capabilities.noDecisionsReason {
            await store.close()
            throw CommandFailure.usage(
                "\(printable(resolved.name)): no request can be judged, since \(reason)")
        }
        let assessor = RiskAssessor(
            store: store, detection: Detection.service(for: store, resolved.settings.detection))
        var rejected = 0
        do {
            if let single {
                try show(try await assessor.assess(single))
            } else if let file {
                rejected = try await judge(file, with: assessor, now: now)
            }
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        if rejected > 0 { throw CommandExit.someRejected }
    }

    /// Judges each request of a file; says how many lines were none.
    private func judge(_ file: String, with assessor: RiskAssessor, now: Timestamp) async throws -> Int {
        var rejected = 0
        try await RequestLines.forEach(of: file) { number, line in
            try Interruption.check()
            let request: Decision
            do {
                switch line {
                case .text(let text): request = try Decision(parsingRequest: text, now: now)
                case .unreadable(let reason): throw CommandFailure.failed(reason)
                }
            } catch {
                rejected += 1
                let reason = (error as? CommandFailure)?.message ?? "\(error)"
                StandardError.write("\(printable(file)):\(number): \(printable(reason))\n")
                return
            }
            try show(try await assessor.assess(request))
        }
        return rejected
    }

    private func show(_ risk: RequestRisk) throws {
        if output.json {
            try StandardOutput.shared.write(json: risk.commandJSON)
            return
        }
        let request = risk.request
        let resource = request.resource.kind + (request.resource.id.map { "/" + $0 } ?? "")
        let what = "\(request.principal.id) \(request.actions.joined(separator: ",")) \(resource)"
        var text = "\(risk.level.rawValue)  \(fixed(risk.score, digits: 2))  \(printable(what))\n"
        for reason in risk.why { text += "      \(printable(reason))\n" }
        try StandardOutput.shared.write(text)
    }
}

extension Decision {
    /// Reads a request: a native line whose identifier, time and effect may be missing.
    init(parsingRequest text: String, now: Timestamp) throws {
        guard case .object(var object) = try JSONParser().parse(text) else {
            throw CommandFailure.usage("a request is a JSON object")
        }
        if object["effect"] == nil { object["effect"] = .string(Effect.allow.rawValue) }
        var writer = JSONWriter()
        writer.value(.object(object))
        try self.init(parsingPartial: writer.text, now: now)
    }
}

extension RequestRisk {
    /// The judgement as the command prints it.
    var commandJSON: JSONObject {
        let scored = preview.assessment.scored
        return [
            "id": .string(request.id), "tenant": .string(request.tenant),
            "principal": .string(request.principal.id), "kind": .string(request.resource.kind),
            "actions": .strings(request.actions), "effect": .string(request.effect.rawValue),
            "risk": .decimal(score, digits: 6), "level": .string(level.rawValue),
            "similar": .integer(answers.requests), "denied": .integer(answers.denied),
            "conditional": .integer(answers.conditional),
            "denial_rate": answers.denialRate.map { .decimal($0, digits: 6) } ?? .null,
            "nearest": answers.nearestID.map { .string($0) } ?? .null,
            "state": .string(scored.state.rawValue), "novelty": .decimal(scored.score, digits: 6),
            "distance": .decimal(scored.channels.distance, digits: 6),
            "rarity": .decimal(scored.channels.rarity, digits: 6),
            "first_seen": .decimal(scored.channels.firstSeen, digits: 6),
            "anomalous": .bool(scored.anomalous), "sensitive": .strings(privilege.sensitive),
            "change": .bool(privilege.isChange), "why": .strings(why),
        ]
    }
}
