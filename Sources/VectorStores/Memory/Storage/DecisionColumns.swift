import Decisions

/// Decisions by column: about 60 bytes per row beside the distinct texts.
///
/// Rows are appended and never move; a deleted row stays as a tombstone, and its values with it, until the
/// store is compacted into new columns. The embedding is not here: the index holds it.
struct DecisionColumns: ~Copyable {
    var identifiers = IdentifierColumn()
    var seconds = Column<Int64>()
    var nanoseconds = Column<Int32>()
    var fractionDigits = Column<UInt8>()
    var flags = Column<UInt8>()
    var durations = Column<Int64>()
    var tenants = TextColumn()
    var principals = TextColumn()
    var roles = TextColumn()
    var kinds = TextColumn()
    var resources = TextColumn()
    var scopes = TextColumn()
    var actions = TextColumn()
    var policies = TextColumn()
    var outcomes = TextColumn()
    var addresses = TextColumn()
    var agents = TextColumn()
    var formats = TextColumn()
    var extras = TextColumn()
    /// The earliest and latest whole second of each chunk, deleted rows included.
    var chunkSeconds: [ClosedRange<Int64>] = []

    init() {}

    /// Rows held, deleted ones included.
    var count: Int { flags.count }

    /// The duration that stands for an absent one.
    static let absentDuration = Int64.min

    /// Appends a decision under an identifier that starts with the decision's own.
    mutating func append(_ decision: Decision, storedID: String) {
        let form = identifiers.append(storedID, originalLength: decision.id.utf8.count)
        flags.append(
            RowFlags(
                effect: decision.effect, cacheHit: decision.cacheHit, form: form,
                isDerived: storedID.utf8.count != decision.id.utf8.count
            ).rawValue)
        seconds.append(decision.time.seconds)
        nanoseconds.append(decision.time.nanoseconds)
        fractionDigits.append(decision.time.fractionDigits)
        durations.append(decision.durationNanoseconds ?? DecisionColumns.absentDuration)
        tenants.append(decision.tenant)
        principals.append(decision.principal.id)
        roles.append(list: decision.principal.roles)
        kinds.append(decision.resource.kind)
        resources.append(decision.resource.id)
        scopes.append(decision.resource.scope)
        actions.append(list: decision.actions)
        policies.append(list: decision.policies)
        outcomes.append(decision.outcome)
        addresses.append(decision.source.ip)
        agents.append(decision.source.agent)
        formats.append(decision.source.format)
        extras.append(DecisionColumns.text(of: decision.extras))
        widenChunk(of: count - 1, by: decision.time.seconds)
    }

    /// Replaces all of a row's content but its tenant and identifier.
    mutating func replace(row: Int, by decision: Decision) {
        var flag = RowFlags(rawValue: flags[row])
        flag.effect = decision.effect
        flag.cacheHit = decision.cacheHit
        flags[row] = flag.rawValue
        seconds[row] = decision.time.seconds
        nanoseconds[row] = decision.time.nanoseconds
        fractionDigits[row] = decision.time.fractionDigits
        durations[row] = decision.durationNanoseconds ?? DecisionColumns.absentDuration
        principals.set(decision.principal.id, at: row)
        roles.set(list: decision.principal.roles, at: row)
        kinds.set(decision.resource.kind, at: row)
        resources.set(decision.resource.id, at: row)
        scopes.set(decision.resource.scope, at: row)
        actions.set(list: decision.actions, at: row)
        policies.set(list: decision.policies, at: row)
        outcomes.set(decision.outcome, at: row)
        addresses.set(decision.source.ip, at: row)
        agents.set(decision.source.agent, at: row)
        formats.set(decision.source.format, at: row)
        extras.set(DecisionColumns.text(of: decision.extras), at: row)
        widenChunk(of: row, by: decision.time.seconds)
    }

    /// The decision of a row.
    func decision(at row: Int) -> Decision {
        let flag = RowFlags(rawValue: flags[row])
        var decision = Decision(
            id: identifiers.originalText(at: row, form: flag.form), time: time(at: row),
            tenant: tenants.text(at: row) ?? "",
            principal: Principal(id: principals.text(at: row) ?? "", roles: roles.list(at: row)),
            resource: Resource(
                kind: kinds.text(at: row) ?? "", id: resources.text(at: row), scope: scopes.text(at: row)),
            actions: actions.list(at: row), effect: flag.effect)
        decision.outcome = outcomes.text(at: row)
        decision.policies = policies.list(at: row)
        let duration = durations[row]
        decision.durationNanoseconds = duration == DecisionColumns.absentDuration ? nil : duration
        decision.cacheHit = flag.cacheHit
        decision.source = Source(
            ip: addresses.text(at: row), agent: agents.text(at: row), format: formats.text(at: row))
        if let text = extras.text(at: row) { decision.extras = DecisionColumns.object(from: text) }
        return decision
    }

    /// The identifier a row is stored under.
    func storedID(at row: Int) -> String {
        identifiers.text(at: row, form: RowFlags(rawValue: flags[row]).form)
    }

    func time(at row: Int) -> Timestamp {
        Timestamp(
            seconds: seconds[row], nanoseconds: nanoseconds[row], fractionDigits: fractionDigits[row])
    }

    /// The rows of a chunk.
    func rows(ofChunk chunk: Int) -> Range<Int> {
        let start = chunk << Chunk.shift
        return start..<min(start + Chunk.rows, count)
    }

    func isDeleted(_ row: Int) -> Bool { flags[row] & RowFlags.deletedBit != 0 }

    /// Whether there is such a row and it is not deleted.
    func isHeld(_ row: Int) -> Bool { row < count && !isDeleted(row) }

    mutating func markDeleted(_ row: Int) { flags[row] |= RowFlags.deletedBit }

    /// Whether a row is in a tenant and stored under an identifier.
    func matches(row: Int, tenant: UInt32, id: String, compact: IdentifierColumn.Code?) -> Bool {
        tenants.numbers[row] == tenant
            && identifiers.matches(
                row: row, form: RowFlags(rawValue: flags[row]).form, text: id, compact: compact)
    }

    mutating func widenChunk(of row: Int, by second: Int64) {
        let chunk = row >> Chunk.shift
        if chunk == chunkSeconds.count {
            chunkSeconds.append(second...second)
        } else {
            let range = chunkSeconds[chunk]
            chunkSeconds[chunk] = min(range.lowerBound, second)...max(range.upperBound, second)
        }
    }

    /// The JSON text of extras; `nil` when there are none.
    static func text(of extras: JSONObject) -> String? {
        extras.isEmpty ? nil : StoredJSON.text(of: .object(extras))
    }

    /// The extras that a JSON text holds.
    static func object(from text: String) -> JSONObject {
        guard case .object(let object)? = StoredJSON.value(of: text) else { return JSONObject() }
        return object
    }

    /// Bytes allocated, by what they hold.
    var memoryParts: (identifiers: Int, metadata: Int) {
        let fixed =
            seconds.memoryBytes + nanoseconds.memoryBytes + fractionDigits.memoryBytes + flags.memoryBytes
            + durations.memoryBytes
        let who = tenants.memoryBytes + principals.memoryBytes + roles.memoryBytes
        let what =
            kinds.memoryBytes + resources.memoryBytes + scopes.memoryBytes + actions.memoryBytes
            + policies.memoryBytes + outcomes.memoryBytes
        let source =
            addresses.memoryBytes + agents.memoryBytes + formats.memoryBytes + extras.memoryBytes
        return (identifiers.memoryBytes, fixed + who + what + source)
    }
}
