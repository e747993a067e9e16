import Decisions
import VectorStores

/// A row of the table or of the inbox, as it was read.
struct TableRow {
    var id: String
    var floats: [Float]
    /// The text of the metadata; `nil` for null.
    var metadata: String?
    /// When it was stored, in microseconds since the beginning of 2000.
    var createdAt: Int64?
    /// The tenant by which it lies in its table; `nil` where that has no such column.
    var tenant: String?

    /// What names it among the rows of all tenants.
    var rowID: String { tenant.map { TableLayout.partitioned.rowID(tenant: $0, id: id) } ?? id }

    /// Why a row cannot be held.
    struct Unusable: Error {
        var reason: String
    }

    /// When it was stored; `nil` for null, for an infinity and outside the years 1 to 9999.
    var storedAt: Timestamp? { createdAt.flatMap { Timestamp(postgresMicroseconds: $0) } }

    /// The row as a store holds it, with its identifier among its tenant's.
    ///
    /// What another program wrote without being a decision is held as one of which only identifier, time, tenant and
    /// vector are known.
    func held(embedder: DecisionEmbedder) throws(Unusable) -> (entry: Entry, storedID: String) {
        guard floats.count == Embedding.dimension else {
            throw Unusable(
                reason: "its vector has \(floats.count) dimensions instead of \(Embedding.dimension)")
        }
        guard floats.allSatisfy(\.isFinite), floats.contains(where: { $0 != 0 }) else {
            throw Unusable(reason: "its vector is zero or not finite")
        }
        if let metadata, let held = try? archived(metadata).held(embedder: embedder) { return held }
        let foreign = ForeignMetadata(metadata: metadata, storedAt: storedAt)
        for candidate in foreign.candidates {
            if let held = try? archived(candidate).held(embedder: embedder) { return held }
        }
        throw Unusable(reason: "it has no identifier")
    }

    private func archived(_ metadata: String) -> ArchivedRow {
        ArchivedRow(id: id, floats: floats, metadata: metadata, createdAt: storedAt)
    }
}

/// Metadata that is no decision, made one: first by what is lacking, else as an attachment to one that says nothing.
struct ForeignMetadata {
    var metadata: String?
    var storedAt: Timestamp?

    /// What stands for what is not known.
    static let unknownText = "?"
    private static let unknown = JSONValue.string(unknownText)

    /// Native lines without identifier, the fullest first; the last one is always readable.
    var candidates: [String] {
        let value = metadata.flatMap { try? JSONParser().parse($0) }
        let object = value?.object ?? JSONObject()
        return [completed(object), minimal(object, value)].map { JSONValue.object($0).json }
    }

    private var time: JSONValue {
        .string((storedAt ?? Timestamp(seconds: 0, fractionDigits: 0)).description)
    }

    private func completed(_ object: JSONObject) -> JSONObject {
        var object = object
        for key in ["tenant", "time"] { object[key] = Self.asText(object[key]) }
        if Self.isAbsent(object["time"]) { object["time"] = time }
        object["principal"] = Self.completed(object["principal"], "id")
        object["resource"] = Self.completed(object["resource"], "kind")
        if Self.isAbsent(object["actions"]) || object["actions"] == .array([]) {
            object["actions"] = .array([Self.unknown])
        }
        // What is not known to be allowed never counts as allowed.
        if Self.isAbsent(object["effect"]) { object["effect"] = .string(Effect.conditional.rawValue) }
        return object
    }

    private func minimal(_ object: JSONObject, _ value: JSONValue?) -> JSONObject {
        var minimal = completed(JSONObject())
        if let text = Self.asText(object["time"])?.text, Timestamp(text) != nil {
            minimal["time"] = .string(text)
        }
        if let tenant = Self.asText(object["tenant"])?.text { minimal["tenant"] = .string(tenant) }
        if let value, value != .null { minimal["metadata"] = value }
        return minimal
    }

    /// A number or a truth as the text that `->>` gives, by which policies, triggers and the mover go.
    private static func asText(_ value: JSONValue?) -> JSONValue? {
        switch value {
        case .number(let text)?: .string(text)
        case .bool(let isTrue)?: .string(isTrue ? "true" : "false")
        default: value
        }
    }

    private static func isAbsent(_ value: JSONValue?) -> Bool { value == nil || value == .null }

    /// An object with a member; anything else is left as it is.
    private static func completed(_ value: JSONValue?, _ key: String) -> JSONValue {
        guard !isAbsent(value) else { return .object([key: unknown]) }
        guard case .object(var object)? = value else { return value ?? .null }
        if isAbsent(object[key]) || object[key] == .string("") { object[key] = unknown }
        return .object(object)
    }
}

extension Timestamp {
    /// Seconds from 1970 to 2000, where PostgreSQL's times begin.
    private static let postgresEpoch: Int64 = 946_684_800

    /// The time of PostgreSQL's microseconds; `nil` for its infinities and for years that are not written.
    init?(postgresMicroseconds microseconds: Int64) {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let seconds = quotient + Self.postgresEpoch - (remainder < 0 ? 1 : 0)
        guard Timestamp.writableSeconds.contains(seconds) else { return nil }
        let fraction = remainder < 0 ? remainder + 1_000_000 : remainder
        self.init(seconds: seconds, nanoseconds: Int32(fraction * 1_000))
    }

    /// PostgreSQL's microseconds of the time.
    var postgresMicroseconds: Int64 {
        (seconds - Self.postgresEpoch) * 1_000_000 + Int64(nanoseconds / 1_000)
    }
}
