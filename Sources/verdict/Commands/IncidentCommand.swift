import AnomalyDetection
import ArgumentParser
import Configuration
import Decisions
import Operations
import VectorStores

/// Shows an incident, or does something to it.
struct IncidentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "incident",
        abstract: "Show an incident, or acknowledge, resolve, snooze, assign or note it.",
        discussion: """
            Acts: ack · resolve true_positive|expected|false_positive · snooze 2h|10x|TIME · wake · \
            note TEXT · assign NAME|nobody · reopen · undo · suppress [FIELD|FIELD=VALUE …]. Each is kept with \
            who did it, and undo takes back the newest that nobody took back yet. While a console or another \
            command writes the store in a directory, act in that console; a server takes any number of writers. \
            suppress makes a rule that hides what is like the incident: of its tenant, principal, kind, effect and \
            only action, or of the fields that are named: tenant principal kind resource scope action effect \
            policy ip. verdict taught lists the rules.
            """)

    @Argument(help: ArgumentHelp("The incident: K7F2.", valueName: "id"))
    var id: String

    @Argument(help: ArgumentHelp("What to do; without it the incident is shown.", valueName: "act"))
    var act: [String] = []

    @Flag(name: .long, help: "Print Markdown, for a ticket or a chat.")
    var markdown = false

    @Option(name: .long, help: ArgumentHelp("Why a rule hides this.", valueName: "text"))
    var reason: String?

    @Option(name: .long, help: ArgumentHelp("How long a rule lasts: 1h to 90d.", valueName: "time"))
    var lasts: String?

    @Flag(name: .long, help: "Only say what a rule would have hidden.")
    var dryRun = false

    @OptionGroup var identity: IdentityOptions
    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func run() async throws {
        if markdown, output.json { throw CommandFailure.usage("choose --markdown or --json") }
        if act.first == "suppress" { return try await suppress() }
        guard reason == nil, lasts == nil, !dryRun else {
            throw CommandFailure.usage("--reason, --lasts and --dry-run go with suppress")
        }
        let order = try IncidentOrder(words: act, now: try storeOptions.namedNow() ?? WallClock.now())
        let resolved = try storeOptions.resolveDurable()
        guard let order else { return try await show(resolved) }
        let who = try Identity.find(as: identity.name, on: resolved).person(for: "an act")
        try await perform(order, by: who, on: resolved)
    }

    private func show(_ resolved: StoreOptionGroup.Resolved) async throws {
        let store = try await StoreOpening.open(resolved, access: .read)
        var found: Incident?
        var reach: IncidentReach?
        do {
            found = try await Self.stored(id, in: store)
            if found == nil { found = try await Self.stored(id.uppercased(), in: store) }
            if let found, !found.isOfNoDecision {
                reach = try await ReachReader(store: store).reach(of: found)
            }
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        guard let found else { throw Self.unknown(id) }
        try print(found, reach: reach, of: resolved)
    }

    static func stored(_ id: String, in store: any DecisionStore) async throws -> Incident? {
        try await store.record(in: Incident.collection, key: id)?.value.map { try Incident(json: $0) }
    }

    static func unknown(_ id: String) -> CommandFailure {
        .failed("no incident is named \(printable(id)): list them with verdict anomalies")
    }

    private func perform(
        _ order: IncidentOrder, by who: String, on resolved: StoreOptionGroup.Resolved
    ) async throws {
        let outcome: TriageOutcome = try await WatchedStore.with(resolved) { detection in
            let name = await detection.incident(id) == nil ? id.uppercased() : id
            guard await detection.incident(name) != nil else { throw Self.unknown(id) }
            switch order {
            case .act(let act): return try await detection.perform(act, on: [name], by: who)
            case .undo: return try await detection.undo(incidents: [name], by: who)
            }
        }
        guard let incident = outcome.incidents.first else { throw Self.unknown(id) }
        if output.json || markdown { return try print(incident, of: resolved) }
        let already = outcome.changed.isEmpty ? " already" : ""
        try StandardOutput.shared.write(
            "\(printable(incident.id)) is \(printable(IncidentWords.standing(incident)))\(already)\n")
    }

    private func print(
        _ incident: Incident, reach: IncidentReach? = nil, of resolved: StoreOptionGroup.Resolved
    ) throws {
        if output.json {
            guard var object = incident.json.object else { return }
            if let reach { object["reach"] = reach.json }
            return try StandardOutput.shared.write(json: object)
        }
        if markdown {
            return try StandardOutput.shared.write(
                IncidentMarkdown(incident, store: resolved.isNamed ? resolved.name : nil, reach: reach).text)
        }
        try StandardOutput.shared.write(incident.facts(reach))
    }
}

/// What a command line asks to be done to an incident.
enum IncidentOrder: Equatable {
    case act(TriageAct)
    case undo

    /// Reads the words after the incident's name; `nil` when there are none.
    init?(words: [String], now: Timestamp) throws {
        guard let verb = words.first else { return nil }
        let rest = words.dropFirst().joined(separator: " ")
        switch verb {
        case "ack", "acknowledge": self = .act(.acknowledge)
        case "reopen": self = .act(.reopen)
        case "wake": self = .act(.wake)
        case "undo": self = .undo
        case "resolve":
            guard let resolution = Resolution(word: rest) else {
                throw CommandFailure.usage("resolve takes \(Resolution.known), not '\(printable(rest))'")
            }
            self = .act(.resolve(resolution))
        case "snooze":
            guard let term = Snooze.Term(rest, now: now) else {
                throw CommandFailure.usage("snooze takes \(Snooze.Term.known), not '\(printable(rest))'")
            }
            self = .act(.snooze(term))
        case "assign":
            guard rest == "nobody" || TriageAct.personName(rest) != nil else {
                throw CommandFailure.usage("assign takes a name of 1 to 100 printable characters, or nobody")
            }
            self = .act(.assign(rest == "nobody" ? nil : rest))
        case "note":
            guard !rest.allSatisfy(\.isWhitespace) else { throw CommandFailure.usage("note takes a text") }
            self = .act(.note(rest))
        default:
            throw CommandFailure.usage(
                "'\(printable(verb))' is nothing to do to an incident: ack, resolve, snooze, wake, note, assign, "
                    + "reopen, undo or suppress")
        }
        if ["ack", "acknowledge", "reopen", "wake", "undo"].contains(verb), !rest.isEmpty {
            throw CommandFailure.usage("\(verb) takes nothing after it, not '\(printable(rest))'")
        }
    }
}

extension Incident {
    /// The incident for people: a fact in each line.
    fileprivate func facts(_ reach: IncidentReach?) -> String {
        var table = TextTable([("FACT", .left), ("VALUE", .left)])
        table.append(["id", id])
        table.append(["severity", severity.rawValue])
        table.append(["state", IncidentWords.standing(self)])
        table.append(["tenant", key.tenant.isEmpty ? "(none)" : key.tenant])
        table.append(["principal", key.principal])
        table.append(["kind", key.kind])
        table.append(["effect", key.effect.rawValue])
        table.append([isOfNoDecision ? "times" : "decisions", "\(count), \(first) to \(last)"])
        table.append(["score", fixed(score, digits: 3)])
        table.append(["actions", actions.joined(separator: ", ")])
        table.append(["resources", resources.joined(separator: ", ")])
        if !addresses.isEmpty { table.append(["from", addresses.joined(separator: ", ")]) }
        for reason in why { table.append(["why", reason]) }
        for line in reach?.lines({ $0 }) ?? [] { table.append(["got", line]) }
        for entry in history {
            table.append(["triage", "\(entry.time) \(entry.who) \(IncidentWords.act(entry))"])
        }
        for note in notes { table.append(["note", "\(note.time) \(note.who): \(note.text)"]) }
        return table.text
    }
}
