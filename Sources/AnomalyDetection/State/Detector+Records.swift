public import Decisions
public import VectorStores

extension Detector {
    /// The collection its records are kept in.
    public static let collection = "detector"
    /// The most bytes of a tenant's past in one record.
    static let chunkBytes = 192 * 1_024
    /// The most records that hold one tenant's past.
    static let maximumChunks = 1 << 14

    /// The records that hold a tenant's past, to be written together; `nil` values delete what an earlier,
    /// longer past left behind, or all of it when the tenant is no longer kept.
    ///
    /// `save` numbers the save that they are part of.
    public func records(
        ofTenant tenant: String, save: Int = 0, previousChunks: Int = 0
    ) -> [RecordChange] {
        let bytes = tenantDetector(tenant)?.encoded ?? []
        let chunks = (bytes.count + Self.chunkBytes - 1) / Self.chunkBytes
        var changes: [RecordChange] = []
        for chunk in 0..<chunks {
            let start = chunk * Self.chunkBytes
            let end = min(bytes.count, start + Self.chunkBytes)
            let value: JSONObject = [
                "tenant": .string(tenant), "chunk": .integer(chunk), "chunks": .integer(chunks),
                "save": .integer(save), "state": .string(Base64.encode(bytes[start..<end])),
            ]
            changes.append(
                RecordChange(
                    collection: Self.collection, key: Self.key(tenant, chunk), value: .object(value)))
        }
        for chunk in chunks..<max(chunks, previousChunks) {
            changes.append(
                RecordChange(collection: Self.collection, key: Self.key(tenant, chunk), value: nil))
        }
        return changes
    }

    /// What restoring found.
    public struct Restoration: Sendable, Hashable {
        /// How many records each tenant's past has.
        public var chunks: [ByteKey: Int] = [:]
        /// The number of the save that each tenant's past is part of.
        public var saves: [ByteKey: Int] = [:]
        /// Tenants whose past cannot be read.
        public var unreadable: Set<ByteKey> = []
        /// Why, one sentence for each.
        public var problems: [String] = []
    }

    /// Takes over the pasts that records hold.
    ///
    /// A past that cannot be read is left out and said in `problems`; its tenant learns anew.
    public mutating func restore(from records: [Record]) -> Restoration {
        var restoration = Restoration()
        var parts: [ByteKey: [Int: String]] = [:]
        for record in records {
            guard case .object(let object)? = record.value, case .string(let name)? = object["tenant"],
                case .number(let chunk)? = object["chunk"], let chunk = Int(chunk),
                case .number(let chunks)? = object["chunks"], let chunks = Int(chunks),
                case .string(let state)? = object["state"]
            else { continue }
            let tenant = ByteKey(name)
            // A damaged number must not make records of that many.
            guard (0..<Self.maximumChunks).contains(chunk), (1...Self.maximumChunks).contains(chunks) else {
                restoration.unreadable.insert(tenant)
                restoration.problems.append(
                    "record \(Reasons.short(record.key)) of the detector state is damaged: its tenant learns anew"
                )
                continue
            }
            parts[tenant, default: [:]][chunk] = state
            restoration.chunks[tenant] = chunks
            if case .number(let save)? = object["save"], let save = Int(save) {
                restoration.saves[tenant] = save
            }
        }
        for (tenant, chunks) in restoration.chunks.sorted(by: { $0.key < $1.key }) {
            let texts = (0..<max(0, min(chunks, parts[tenant]?.count ?? 0))).compactMap { parts[tenant]?[$0] }
            let decoded = texts.compactMap(Base64.decode)
            guard decoded.count == chunks else {
                restoration.unreadable.insert(tenant)
                restoration.problems.append(
                    "the detector state of tenant \(Reasons.short(tenant.text)) is incomplete: it learns anew"
                )
                continue
            }
            do {
                let saved = try TenantDetector(
                    decoding: Array(decoded.joined()), configuration: configuration)
                guard ByteKey(saved.tenant) == tenant else {
                    throw IncidentError(
                        .damaged, "detector state is another tenant's: the tenant learns anew")
                }
                adopt(saved)
            } catch {
                restoration.unreadable.insert(tenant)
                restoration.problems.append("tenant \(Reasons.short(tenant.text)): \(error)")
            }
        }
        return restoration
    }

    private static func key(_ tenant: String, _ chunk: Int) -> String {
        "tenant:\(tenant)#\(chunk)"
    }
}
