import AnomalyDetection
import ArgumentParser
import Configuration
import Decisions
import Operations
import VectorStores

/// Lists rules and lessons, or takes one back.
struct TaughtCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "taught", abstract: "List what was taught: rules and lessons; take one back.",
        discussion: """
            A rule hides anomalies with exact fields for a time: verdict incident ID suppress makes one. A lesson is \
            what a resolution teaches: expected and false positive make the shape ordinary, true positive keeps the \
            decisions out of what is normal. undo takes one back, restore brings it back; both are kept with who did \
            it. Hits are counted by the process that detects.
            """)

    @Argument(help: ArgumentHelp("A rule (R-7KQ2) or the incident of a lesson (K7F2).", valueName: "id"))
    var id: String?

    @Argument(help: ArgumentHelp("undo or restore; without it one is shown.", valueName: "act"))
    var act: String?

    @OptionGroup var identity: IdentityOptions
    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func run() async throws {
        if let act, act != "undo", act != "restore" {
            throw CommandFailure.usage("taught ID takes undo or restore, not '\(printable(act))'")
        }
        let resolved = try storeOptions.resolveDurable()
        guard let id, let act else { return try await show(resolved) }
        let who = try Identity.find(as: identity.name, on: resolved).person(for: "an act")
        let item = try await WatchedStore.with(resolved) { detection in
            let name = await Self.name(id, in: detection)
            return act == "undo"
                ? try await detection.withdraw(name, by: who) : try await detection.restore(name, by: who)
        }
        if output.json { return try StandardOutput.shared.write(json: item.commandJSON(at: WallClock.now())) }
        let standing = item.standing(at: WallClock.now())
        try StandardOutput.shared.write("\(printable(item.id)) is \(standing.commandWords)\n")
    }

    private static func name(_ id: String, in detection: DetectionService) async -> String {
        let names = await detection.snapshot().taught.map(\.id)
        return names.contains(id) ? id : id.uppercased()
    }

    private func show(_ resolved: StoreOptionGroup.Resolved) async throws {
        let now = try storeOptions.namedNow() ?? WallClock.now()
        let store = try await StoreOpening.open(resolved, access: .read)
        var items: [TaughtItem]
        do {
            items = try await TaughtReading.items(of: store, now: now) {
                StandardError.write("verdict: \(printable($0))\n")
            }
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        if let id {
            items = items.filter { $0.id == id || $0.id == id.uppercased() }
            guard let item = items.first else {
                throw CommandFailure.failed(
                    "no rule or lesson is named \(printable(id)): verdict taught lists them")
            }
            if !output.json { return try StandardOutput.shared.write(item.facts(at: now)) }
        }
        if output.json {
            for item in items { try StandardOutput.shared.write(json: item.commandJSON(at: now)) }
            return
        }
        var table = TextTable([
            ("ID", .left), ("STANDING", .left), ("BY", .left), ("MADE", .left), ("ENDS", .left),
            ("HITS", .right), ("WHAT", .left),
        ])
        for item in items {
            table.append([
                item.id, item.standing(at: now).rawValue, item.author, item.created.description,
                item.expires?.description ?? "-", grouped(item.hits.count), item.words,
            ])
        }
        try StandardOutput.shared.write(items.isEmpty ? "nothing was taught yet\n" : table.text)
    }
}

extension TaughtItem.Standing {
    /// Where it stands, in words.
    var commandWords: String { self == .active ? "in effect" : rawValue }
}

extension TaughtItem {
    /// The rule or lesson as commands print it.
    func commandJSON(at now: Timestamp) -> JSONObject {
        var object: JSONObject = ["id": .string(id)]
        var shapes: [JSONValue] = []
        switch subject {
        case .rule(let rule):
            object["type"] = .string("rule")
            object["does"] = .string("hide")
            object["rule"] = .string(rule.fields.description)
            object["incident"] = rule.incident.map { .string($0) } ?? .null
        case .lesson(let lesson):
            object["type"] = .string("lesson")
            object["does"] = .string(lesson.kind.rawValue)
            object["incident"] = .string(lesson.incident)
            object["resolution"] = .string(lesson.resolution.rawValue)
            object["members"] = .integer(lesson.members.count)
            shapes = lesson.shapes.map { shape in
                .object([
                    "principal": .string(shape.principal), "kind": .string(shape.kind),
                    "effect": .string(shape.effect.rawValue), "actions": .strings(shape.actions),
                    "count": .integer(shape.count),
                ])
            }
            object["shapes"] = .array(shapes)
        }
        object["standing"] = .string(standing(at: now).rawValue)
        object["tenant"] = tenant.map { .string($0) } ?? .null
        object["author"] = .string(author)
        object["reason"] = .string(reason)
        object["created"] = .time(created)
        object["expires"] = .time(expires)
        object["ended"] = .time(end?.time)
        object["ended_by"] = end.map { .string($0.who) } ?? .null
        object["hits"] = .integer(hits.count)
        object["critical_hits"] = .integer(hits.critical)
        object["last_hit"] = .time(hits.last)
        return object
    }

    /// The rule or lesson for people: a fact in each line.
    fileprivate func facts(at now: Timestamp) -> String {
        var table = TextTable([("FACT", .left), ("VALUE", .left)])
        table.append(["id", id])
        table.append(["standing", standing(at: now).commandWords])
        table.append(["what", words])
        table.append(["by", author])
        table.append(["reason", reason.isEmpty ? "none given" : reason])
        table.append(["made", created.description])
        table.append(["ends", expires?.description ?? "not by itself"])
        if let end { table.append([end.cause.rawValue, "\(end.time) by \(end.who)"]) }
        table.append(["hits", "\(grouped(hits.count)), \(grouped(hits.critical)) critical"])
        if let last = hits.last { table.append(["newest hit", last.description]) }
        if case .rule(let rule) = subject {
            for field in rule.fields.asked {
                table.append(["hides \(field.rawValue)", rule.fields[field] ?? ""])
            }
            if let incident = rule.incident { table.append(["made from", "incident \(incident)"]) }
        }
        return table.text
    }
}

/// A store that is watched as long as an act takes.
enum WatchedStore {
    /// Opens a store to write, does something with its detector and closes it.
    static func with<Result: Sendable>(
        _ resolved: StoreOptionGroup.Resolved, _ act: (DetectionService) async throws -> Result
    ) async throws -> Result {
        let store = try await StoreOpening.open(resolved, access: .write, createsMissing: false)
        let detection = Detection.service(
            for: store, resolved.settings.detection, grouping: resolved.settings.incidentGrouping)
        do {
            try await detection.follow()
            let result = try await act(detection)
            try await detection.close()
            try await store.finish()
            return result
        } catch {
            try? await detection.close()
            await store.close()
            throw error
        }
    }
}
