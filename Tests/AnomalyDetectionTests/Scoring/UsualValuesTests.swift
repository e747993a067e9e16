import Decisions
import Testing

@testable import AnomalyDetection

@Suite struct UsualValuesTests {
    @Test func `the first by an order are those that a sort begins with`() {
        var random = SplitMix64(seed: 7)
        for length in [0, 1, 2, 5, 40, 1_000] {
            // Few different values, so that equals stand beside each other.
            let values = (0..<length).map { (place: $0, value: Int.random(in: 0..<9, using: &random)) }
            let sorted = values.enumerated().sorted {
                ($0.element.value, $0.offset) < ($1.element.value, $1.offset)
            }
            for count in [-1, 0, 1, 3, 8, 2_000] {
                let first = values.first(count) { $0.value < $1.value }
                #expect(first.map(\.place) == sorted.prefix(max(0, count)).map(\.element.place))
            }
        }
    }

    @Test func `of many names few are compared more than once`() {
        var comparisons = 0
        let names = (0..<65_536).map { ($0 * 40_503) % 65_536 }
        let first = names.first(6) { left, right in
            comparisons += 1
            return left > right
        }
        #expect(first == [65_535, 65_534, 65_533, 65_532, 65_531, 65_530])
        #expect(comparisons < 2 * names.count)
    }

    @Test func `usual are those that did the same most often, then those that do most of all`() {
        var traffic = Traffic(seed: 3)
        var detector = Detector()
        func feed(_ principal: String, _ action: String, _ kind: String, times: Int) {
            for _ in 0..<times {
                _ = detector.ingest(traffic.make(principal, action, kind), novelty: DetectorTests.near)
            }
        }
        for number in 0..<300 { feed("p-\(number)", "read", "report", times: 1) }
        feed("busy", "read", "report", times: 20)
        feed("vault", "get", "secrets", times: 6)
        feed("agent", "get", "secrets", times: 9)
        feed("svc-deploy", "get", "secrets", times: 30)
        let decision = traffic.make("svc-deploy", "get", "secrets")
        let past = detector.tenantDetector("acme")
        #expect(
            past?.usualPrincipals(for: decision, limit: 6) == ["agent", "vault", "busy", "p-0", "p-1", "p-2"])
        #expect(past?.usualPrincipals(for: decision, limit: 2) == ["busy", "agent"])
        #expect(past?.usualPrincipals(for: decision, limit: 0) == [])
        #expect(past?.usualKinds(for: decision, limit: 6) == ["report"])
        #expect(past?.usualActions(for: decision, limit: 6) == ["read"])
    }
}
