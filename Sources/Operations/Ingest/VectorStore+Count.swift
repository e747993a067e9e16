public import VectorStores

extension VectorStore {
    /// How many entries a selection names; reads them all, in batches.
    public func count(_ selection: DeleteSelection) async throws -> Int {
        switch selection {
        case .ids(let ids, let tenant):
            var count = 0
            for id in Set(ids) {
                do {
                    count += try await entries(id: id, tenant: tenant).count
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
