import AnomalyDetection
import Configuration
import Decisions
import Operations
import VectorStores

extension IncidentCommand {
    /// Makes a rule that hides what is like the incident, or says what it would have hidden.
    func suppress() async throws {
        if markdown { throw CommandFailure.usage("suppress prints no Markdown") }
        let seconds = try term()
        let resolved = try storeOptions.resolveDurable()
        if dryRun { return try await rehearse(resolved) }
        let who = try Identity.find(as: identity.name, on: resolved).person(for: "an act")
        let item = try await WatchedStore.with(resolved) { detection in
            let known = await detection.incident(id)
            let incident = if let known { known } else { await detection.incident(id.uppercased()) }
            guard let incident else { throw Self.unknown(id) }
            let fields = try fields(of: incident)
            // Before it is made: whoever reads that it is too much takes it back with `verdict taught`.
            let preview = try await detection.tuningHistory().hidden(by: fields)
            StandardError.write("verdict: \(preview.sentence)\n")
            let draft = SuppressionDraft(
                fields: fields, reason: reason ?? "", seconds: seconds, incident: incident.id)
            return try await detection.suppress(draft, by: who)
        }
        if output.json { return try StandardOutput.shared.write(json: item.commandJSON(at: WallClock.now())) }
        let until = item.expires.map { " until \($0)" } ?? ""
        try StandardOutput.shared.write("rule \(item.id) \(printable(item.words))\(until)\n")
    }

    private func term() throws -> Int64 {
        guard let lasts else { return SuppressionRule.usualSeconds }
        guard let seconds = SuppressionDraft.seconds(lasts) else {
            throw CommandFailure.usage(
                "--lasts takes \(SuppressionDraft.knownTerms), not '\(printable(lasts))'")
        }
        return seconds
    }

    /// The fields that are named after `suppress`, with the incident's values where none is given.
    private func fields(of incident: Incident) throws -> SuppressionFields {
        let words = act.dropFirst()
        if words.isEmpty { return incident.suppression }
        var fields = SuppressionFields()
        for word in words {
            if word.contains("=") {
                let more: SuppressionFields
                do {
                    more = try SuppressionFields(parsing: word)
                } catch {
                    throw CommandFailure.usage(printable(error.description))
                }
                for field in more.asked { fields[field] = more[field] }
                continue
            }
            guard let field = SuppressionFields.Field(rawValue: word) else {
                let known = SuppressionFields.Field.allCases.map(\.rawValue).joined(separator: ", ")
                throw CommandFailure.usage("'\(printable(word))' is no field of a rule: \(known)")
            }
            guard let value = incident.suppressionValues(of: field).first else {
                throw CommandFailure.usage("\(incident.id) has no \(word) that a rule could ask for")
            }
            fields[field] = value
        }
        // A rule is of the incident's tenant unless another one is named.
        if fields[.tenant] == nil { fields[.tenant] = incident.key.tenant }
        return fields
    }

    private func rehearse(_ resolved: StoreOptionGroup.Resolved) async throws {
        let configuration = Detection.configuration(
            resolved.settings.detection, grouping: resolved.settings.incidentGrouping)
        let store = try await StoreOpening.open(resolved, access: .read)
        let preview: SuppressionPreview
        let fields: SuppressionFields
        do {
            var found = try await Self.stored(id, in: store)
            if found == nil { found = try await Self.stored(id.uppercased(), in: store) }
            guard let found else { throw Self.unknown(id) }
            fields = try self.fields(of: found)
            preview = try await TaughtReading.history(
                of: store, alpha: configuration.detector.alpha, configuration: configuration.incidents,
                now: WallClock.now()
            ).hidden(by: fields)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        if !fields.isNarrow {
            StandardError.write("verdict: such a rule is not taken: \(SuppressionDraft.tooWide)\n")
        }
        if output.json {
            var object = preview.commandJSON
            object["rule"] = .string(fields.description)
            return try StandardOutput.shared.write(json: object)
        }
        try StandardOutput.shared.write("\(printable(fields.description))\n\(preview.sentence)\n")
    }
}
