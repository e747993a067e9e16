import Decisions
public import VectorStores

extension VectorStore {
    /// How many entries a selection names; reads them all, in batches.
    ///
    /// Throws as a deletion would when several tenants have an identifier and none was named.
    public func count(_ selection: DeleteSelection) async throws -> Int {
        switch selection {
        case .ids(let ids, let tenant):
            var count = 0
            for id in Set(ids.map { ByteKey($0) }) {
                do {
                    let found = try await entries(id: id.text, tenant: tenant)
                    guard found.count <= 1 else {
                        throw StoreError.ambiguous(id: id.text, tenants: found.map(\.decision.tenant))
                    }
                    count += found.count
                } catch let error as StoreError where error.code == .unknownID {
                    continue
                }
            }
            return count
        case .query(let query):
            var count = 0
            for try await batch in try await export(matching: query) { count += batch.count }
            return count
        }
    }
}
