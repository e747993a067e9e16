import Decisions
import Testing
import VectorStores

@testable import PostgresStore

/// Whose a row is that another program wrote: what the server's `->>` says, by which its policies go.
@Suite struct ForeignTenantTests {
    @Test(arguments: [
        (#"{"tenant":7}"#, "7"), (#"{"tenant":true}"#, "true"), (#"{"tenant":null}"#, ""), (#"{}"#, ""),
        (#"{"tenant":1.50,"effect":"perhaps"}"#, "1.50"), (#"{"tenant":"acme"}"#, "acme"),
    ])
    func `a tenant that is no text counts as its text`(metadata: String, tenant: String) throws {
        let row = TableRow(id: "x", floats: Sample.floats(1), metadata: metadata, createdAt: 0)
        let held = try row.held(embedder: DecisionEmbedder())
        #expect(held.entry.decision.tenant == tenant)
    }
}
