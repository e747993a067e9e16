import ArgumentParser
import Decisions
import Operations
import VectorStores

/// Finds decisions by query, by likeness to a stored one, or by likeness to a given one.
struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Find decisions by query or by likeness.",
        discussion: """
            Without --like or --decision the newest decisions that match come first. Queries look like \
            'tenant:acme effect:deny time>-1h duration_us>=500 not policy:baseline'.
            """)

    @Argument(help: ArgumentHelp("What must match.", valueName: "query"))
    var query: [String] = []

    @Option(name: .long, help: ArgumentHelp("Find decisions like this stored one.", valueName: "id"))
    var like: String?

    @Option(name: .long, help: ArgumentHelp("Find decisions like this native line.", valueName: "json"))
    var decision: String?

    @Option(name: .customShort("k"), help: ArgumentHelp("How many results.", valueName: "number"))
    var limit = 10

    @Flag(name: .long, help: "Compare with every matching decision.")
    var exact = false

    @Option(
        name: .long,
        help: ArgumentHelp("Give a server up after so many seconds, 1 to 3600.", valueName: "seconds"))
    var timeout = 60

    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard (1...3_600).contains(timeout) else {
            throw CommandFailure.usage("--timeout takes 1 to 3600 seconds, not \(timeout)")
        }
        guard (1...SearchRequest.maximumLimit).contains(limit) else {
            throw CommandFailure.usage("-k takes 1 to \(SearchRequest.maximumLimit), not \(limit)")
        }
        guard like != "" else {
            throw CommandFailure.usage("--like takes an identifier, not an empty one")
        }
        guard like == nil || decision == nil else {
            throw CommandFailure.usage("--like and --decision exclude each other; name one")
        }
        let resolved = try storeOptions.resolveDurable()
        let query = try storeOptions.parse(query: query)
        var request = SearchRequest(query: query, limit: limit, exact: exact)
        if let like {
            request.target = .like(id: like, tenant: query?.tenantScope)
        } else if let decision {
            request.target = .embedding(try embedding(of: decision))
        }
        let (answer, step, holdsDecisions) = try await answer(request, resolved)
        if output.json {
            try StandardOutput.shared.write(answer.json(step) + "\n")
        } else {
            try StandardOutput.shared.write(holdsDecisions ? answer.text(step) : answer.textOfOtherRows)
        }
    }

    private func answer(
        _ request: SearchRequest, _ resolved: StoreOptionGroup.Resolved
    ) async throws -> (answer: SearchAnswer, step: RecallStep, holdsDecisions: Bool) {
        // One question is not worth reading a whole table for: the server answers it.
        let limit = Duration.seconds(timeout)
        if let answer = try await ServerSearch.answer(request, at: resolved.address, within: limit) {
            return (answer, .usual, true)
        }
        let store = try await StoreOpening.open(resolved, access: .read)
        // What a console found of the recall here holds for everybody who searches.
        let recallGuard = RecallGuard(clock: WallClock.now)
        try await recallGuard.takeUp(from: store)
        let step = recallGuard.step(of: request)
        let answer = try await recallGuard.search(request, in: store)
        let holdsDecisions = await store.capabilities.holdsDecisions
        await store.close()
        return (answer, step, holdsDecisions)
    }

    private func embedding(of text: String) throws -> Embedding {
        do {
            let decision = try Decision(
                parsingPartial: text, now: try storeOptions.namedNow() ?? WallClock.now())
            return DecisionEmbedder().embed(decision)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure.usage("--decision is not a native line: \(error)")
        }
    }
}

extension Decision {
    /// Reads a native line whose identifier and time may be missing, as a question has none.
    init(parsingPartial text: String, now: Timestamp) throws {
        guard case .object(var object) = try JSONParser().parse(text) else {
            throw CommandFailure.usage("--decision takes a JSON object")
        }
        if object["id"] == nil { object["id"] = .string("?") }
        if object["time"] == nil { object["time"] = .string(now.description) }
        var writer = JSONWriter()
        writer.value(.object(object))
        try self.init(parsing: writer.text)
    }
}

extension SearchAnswer {
    /// The answer as the command prints it, with what was done where the recall is below the floor.
    func json(_ step: RecallStep) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("strategy")
        writer.string(strategy.rawValue)
        writer.key("exact")
        writer.bool(exact)
        writer.key("scanned")
        writer.integer(scanned)
        writer.key("elapsed_us")
        writer.number(fixed(elapsedMicroseconds, digits: 1))
        if step != .usual {
            writer.key("guarded")
            writer.string(step.rawValue)
        }
        if let mirrorAgeSeconds {
            writer.key("mirror_age_seconds")
            writer.number(fixed(mirrorAgeSeconds, digits: 1))
        }
        if let reason {
            writer.key("reason")
            writer.string(reason)
        }
        writer.key("results")
        writer.beginArray()
        for result in results { result.write(to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.text
    }

    /// The answer for people, with what was done where the recall is below the floor.
    func text(_ step: RecallStep) -> String {
        var table = TextTable([
            ("COSINE", .right), ("TIME", .left), ("TENANT", .left), ("PRINCIPAL", .left), ("ACTIONS", .left),
            ("RESOURCE", .left), ("EFFECT", .left), ("ID", .left),
        ])
        for result in results {
            let decision = result.stored.decision
            let resource = decision.resource.kind + (decision.resource.id.map { " " + $0 } ?? "")
            table.append([
                result.similarity.map { fixed(Double($0), digits: 4) } ?? "",
                decision.time.description, decision.tenant.isEmpty ? "(none)" : decision.tenant,
                decision.principal.id, decision.actions.joined(separator: ","), resource,
                decision.effect.rawValue, result.stored.storedID,
            ])
        }
        var text = table.text + summary
        if let mirrorAgeSeconds {
            text += "as the server had it \(grouped(mirrorAgeSeconds)) s ago\n"
        }
        if step != .usual { text += "recall is below the floor: \(step.sentence), see verdict health\n" }
        if let reason { text += printable(reason) + "\n" }
        return text
    }

    /// The answer for people where rows are no decisions: what each is called, and what it says.
    var textOfOtherRows: String {
        var table = TextTable([
            ("COSINE", .right), ("TIME", .left), ("TENANT", .left), ("ID", .left), ("ROW", .left),
        ])
        for result in results {
            let row = result.stored.decision
            table.append([
                result.similarity.map { fixed(Double($0), digits: 4) } ?? "",
                row.hasRowTime ? row.time.description : "-", row.tenant.isEmpty ? "(none)" : row.tenant,
                result.stored.storedID, row.rowText,
            ])
        }
        return table.text + summary + (reason.map { printable($0) + "\n" } ?? "")
    }

    /// How many there are, and how they were found.
    private var summary: String {
        let kind = exact ? "exact" : "approximate"
        let count = counted(results.count, "result")
        return "\(count) · \(strategy.rawValue), \(kind) · \(grouped(scanned)) scanned · "
            + "\(grouped(elapsedMicroseconds)) µs\n"
    }
}

extension SearchResult {
    /// Writes the result as the command prints it.
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.string(stored.storedID)
        writer.key("tenant")
        writer.string(stored.decision.tenant)
        if let similarity {
            writer.key("score")
            writer.number(fixed(Double(similarity), digits: 6))
        }
        writer.key("metadata")
        writer.raw(stored.decision.metadata)
        writer.endObject()
    }
}
