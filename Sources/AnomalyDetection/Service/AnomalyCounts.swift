public import Decisions
public import VectorStores

/// How many decisions of each tenant were flagged, kept beside the incidents for whoever only reads.
///
/// What followed an anomaly unflagged belongs to its incident and is not counted here.
public enum AnomalyCounts {
    /// The collection they are kept in, one record per tenant.
    public static let collection = "anomalies"

    /// The counts of a store.
    public static func counts(of store: any RecordStore) async throws -> [ByteKey: Int] {
        var counts: [ByteKey: Int] = [:]
        for record in try await store.records(in: collection) {
            counts[ByteKey(record.key)] = count(in: record)
        }
        return counts
    }

    /// The count that a record holds.
    static func count(in record: Record) -> Int? {
        guard case .number(let text)? = record.value else { return nil }
        return Int(text)
    }

    /// The write of one tenant's count.
    static func change(_ tenant: ByteKey, to count: Int) -> RecordChange {
        RecordChange(collection: collection, key: tenant.text, value: .integer(count))
    }
}
