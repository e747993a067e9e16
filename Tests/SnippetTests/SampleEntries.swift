import Decisions
import VectorStores

/// A few doors and who tried to open them; the last is the first again.
enum SampleEntries {
    static let doors: [Entry] = {
        let embedder = DecisionEmbedder()
        let first = decision("1", "bank", "director", "vault", .allow, second: 0)
        return [
            first,
            decision("2", "bank", "clerk", "vault", .deny, second: 60),
            decision("3", "office", "cleaner", "lobby", .allow, second: 120),
            first,
        ].map { Entry(decision: $0, embedding: embedder.embed($0)) }
    }()

    private static func decision(
        _ id: String, _ tenant: String, _ who: String, _ door: String, _ effect: Effect, second: Int64
    ) -> Decision {
        Decision(
            id: id, time: Timestamp(seconds: 1_767_603_600 + second), tenant: tenant,
            principal: Principal(id: who), resource: Resource(kind: "door", id: door), actions: ["open"],
            effect: effect)
    }
}
