import Decisions

extension ActivityLog {
    /// A part of a log's records, by key.
    struct Page: Sendable {
        /// The entries among them.
        var entries: [Entry] = []
        /// The key that the next part begins at; `nil` behind the last record.
        var next: String?

        /// An entry with its number.
        struct Entry: Sendable {
            var number: Int
            var value: JSONValue?

            /// The head of a log that ends with it.
            var head: Head {
                Head(
                    sequence: number,
                    hash: value?.object?["hash"]?.text ?? ActivityEntry.firstPrevious)
            }
        }
    }

    /// The part of a log's records that begins at a key.
    ///
    /// Who can write into a store may leave any number of records among the entries that are none: they are passed over
    /// and end nothing. The parts go on behind the last key of each, whatever it is.
    static func page(of store: any RecordStore, from key: String) async throws -> Page {
        try Task.checkCancellation()
        let slice = try await store.records(in: collection, from: key, limit: sliceEntries)
        var page = Page()
        for record in slice {
            guard let number = number(ofKey: record.key) else { continue }
            page.entries.append(Page.Entry(number: number, value: record.value))
        }
        // The first text that comes after a key.
        if slice.count >= sliceEntries { page.next = slice.last.map { $0.key + "\u{0}" } }
        return page
    }
}
