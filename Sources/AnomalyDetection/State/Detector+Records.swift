public import Decisions
public import VectorStores

extension Detector {
    /// The collection its records are kept in.
    public static let collection = "detector"
    /// The most bytes of a tenant's past in one record.
    static let chunkBytes = 192 * 1_024

    /// The records that hold a tenant's past, written together; `nil` values delete what an earlier,
    /// longer past left behind.
    public func records(ofTenant tenant: String, previousChunks: Int = 0) -> [RecordChange] {
        guard let detector = tenantDetector(tenant) else { return [] }
        let bytes = detector.encoded
        let chunks = max(1, (bytes.count + Self.chunkBytes - 1) / Self.chunkBytes)
        var changes: [RecordChange] = []
        for chunk in 0..<chunks {
            let start = chunk * Self.chunkBytes
            let end = min(bytes.count, start + Self.chunkBytes)
            let value: JSONObject = [
                "tenant": .string(tenant), "chunk": .number(String(chunk)),
                "chunks": .number(String(chunks)), "state": .string(Base64.encode(bytes[start..<end])),
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

    /// Takes over the pasts that records hold and returns how many chunks each tenant's has.
    ///
    /// A past that cannot be read is left out and said in `problems`; its tenant learns anew.
    public mutating func restore(
        from records: [Record]
    ) -> (chunks: [ByteKey: Int], problems: [String]) {
        var parts: [ByteKey: [Int: String]] = [:]
        var wanted: [ByteKey: Int] = [:]
        for record in records {
            guard case .object(let object)? = record.value, case .string(let tenant)? = object["tenant"],
                case .number(let chunk)? = object["chunk"], let chunk = Int(chunk),
                case .number(let chunks)? = object["chunks"], let chunks = Int(chunks),
                case .string(let state)? = object["state"]
            else { continue }
            parts[ByteKey(tenant), default: [:]][chunk] = state
            wanted[ByteKey(tenant)] = chunks
        }
        var problems: [String] = []
        for (tenant, chunks) in wanted.sorted(by: { $0.key < $1.key }) {
            let texts = (0..<max(0, min(chunks, parts[tenant]?.count ?? 0))).compactMap { parts[tenant]?[$0] }
            let decoded = texts.compactMap(Base64.decode)
            guard decoded.count == chunks else {
                problems.append("the detector state of tenant \(tenant.text) is incomplete: it learns anew")
                continue
            }
            do {
                let saved = try TenantDetector(
                    decoding: Array(decoded.joined()), configuration: configuration)
                adopt(saved)
            } catch {
                problems.append("tenant \(tenant.text): \(error.description)")
            }
        }
        return (wanted, problems)
    }

    private static func key(_ tenant: String, _ chunk: Int) -> String {
        "tenant:\(tenant)#\(chunk)"
    }
}
