import Decisions
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct HuntTests {
    static func hunt(_ decision: Decision, id: String = "4TQZ", created: Int64 = 1_800_000_000) -> Hunt {
        Hunt(
            id: id, decision: decision, author: "ana", created: Timestamp(seconds: created),
            incident: "K7F2")
    }

    static func record(_ hunt: Hunt) -> Record {
        Record(collection: Hunt.collection, key: hunt.id, value: hunt.json, revision: 1)
    }

    static func watch(_ hunts: [Hunt]) throws -> HuntWatch {
        var watch = HuntWatch()
        for hunt in hunts {
            let isNew = try watch.adopt(hunt: record(hunt))
            #expect(isNew)
        }
        return watch
    }

    @Test func `the same story is one whoever it is told of, from wherever and on whichever resource`() throws
    {
        var traffic = Traffic(seed: 1)
        let story = traffic.make("svc-deploy", "get", "secrets", id: "db")
        var other = traffic.make("mallory", "get", "secrets", id: "smtp")
        other.principal.roles = ["guest", "intern"]
        other.source.ip = "198.51.100.9"
        other.resource.scope = "us"
        other.tenant = "globex"
        other.policies = ["p"]
        other.time = story.time.advanced(bySeconds: 40_000)
        #expect(Hunt.similarity(story, other) >= Hunt.leastSimilarity)
        // A generated name is the same sort of name.
        other.resource.id = story.resource.id
        #expect(Hunt.similarity(story, other) > 0.999)
        for (action, kind, effect) in [
            ("list", "secrets", Effect.allow), ("get", "report", .allow), ("get", "secrets", .deny),
        ] {
            let another = traffic.make("mallory", action, kind, id: "db", effect: effect)
            #expect(Hunt.similarity(story, another) < Hunt.leastSimilarity)
        }
    }

    @Test func `hits are counted but those of whom the hunt was made, and the newest are kept`() throws {
        var traffic = Traffic(seed: 1)
        let story = traffic.make("svc-deploy", "get", "secrets", id: "db")
        var watch = try Self.watch([Self.hunt(story)])
        let isOwnHit = watch.look(at: story, storedID: "own")
        #expect(!isOwnHit)
        var elsewhere = story
        elsewhere.tenant = "globex"
        let isHit = watch.look(at: elsewhere, storedID: "g-1")
        #expect(isHit)
        for number in 0..<12 {
            let other = traffic.make("mallory", "get", "secrets", id: "db-\(number)")
            let found = [other, traffic.next()].map { watch.look(at: $0, storedID: "m-\(number)") }
            #expect(found == [true, false])
        }
        let status = try #require(watch.status.first)
        #expect(status.tally.hits == 13 && status.tally.recent.count == HuntTally.maximumRecent)
        #expect(status.tally.last?.id == "m-11" && status.tally.last?.principal == "mallory")
        #expect(watch.changed == ["4TQZ"])
        let signals = watch.signals(at: Timestamp(seconds: 9))
        #expect(signals.count == 1 && signals[0].kind == .huntHit && signals[0].raised?.seconds == 9)
        #expect(signals[0].why[0].hasPrefix("mallory in acme did what is hunted at "))
        #expect(signals[0].why[1].hasSuffix("13 hits so far"))
        let again = watch.signals(at: Timestamp(seconds: 10))
        #expect(again.isEmpty)
    }

    @Test func `no more than so many are compared, and what was taken away is not`() throws {
        var traffic = Traffic(seed: 1)
        let story = traffic.make("svc-deploy", "get", "secrets", id: "db")
        let hunts = (0..<25).map { Self.hunt(story, id: "H\($0)", created: 1_000 - Int64($0)) }
        var watch = try Self.watch(hunts)
        #expect(watch.status.count == Hunt.maximumLive)
        #expect(watch.status.first?.id == "H24" && watch.status.last?.id == "H5")
        watch.look(at: traffic.make("mallory", "get", "secrets", id: "db"), storedID: "m")
        #expect(watch.status.allSatisfy { $0.tally.hits == 1 } && watch.changed.count == Hunt.maximumLive)
        var removed = hunts[24]
        removed.removed = Hunt.Removal(who: "ben", time: Timestamp(seconds: 3))
        let adopted = try [removed, removed].map { try watch.adopt(hunt: Self.record($0)) }
        #expect(adopted == [true, false])
        #expect(watch.status.last?.id == "H4" && watch.hunts["H24"]?.removed?.who == "ben")
    }

    @Test func `a hunt that was taken away is not brought back by what the store tells late`() throws {
        var traffic = Traffic(seed: 1)
        let hunt = Hunt(
            id: "H", decision: traffic.make("eve", "get", "secrets"), author: "ana",
            created: Timestamp(seconds: 1))
        var watch = try Self.watch([hunt])
        var removed = hunt
        removed.removed = Hunt.Removal(who: "ben", time: Timestamp(seconds: 3))
        func tell(_ hunt: Hunt, _ revision: UInt64) throws -> Bool {
            try watch.adopt(
                hunt: Record(collection: Hunt.collection, key: "H", value: hunt.json, revision: revision))
        }
        let late = try [tell(removed, 9), tell(hunt, 8)]
        #expect(late == [true, false] && watch.status.isEmpty)
        let again = try tell(hunt, 10)
        #expect(again && watch.status.map(\.id) == ["H"])
    }

    @Test func `what is saved is read back, and keeps no secrets that are not compared`() throws {
        var traffic = Traffic(seed: 1)
        var story = traffic.make("svc-deploy", "get", String(repeating: "k", count: 9_000), id: "db")
        story.extras = ["token": .string("t0ps3cret")]
        story.source.ip = "10.0.0.1"
        var hunt = Self.hunt(story)
        #expect(!hunt.json.json.contains("t0ps3cret") && !hunt.json.json.contains("10.0.0.1"))
        #expect(hunt.json.json.utf8.count < 4_096)
        #expect(try Hunt(json: hunt.json) == hunt)
        hunt.removed = Hunt.Removal(who: "ben", time: Timestamp(seconds: 3))
        hunt.incident = nil
        #expect(try Hunt(json: hunt.json) == hunt)
        var tally = HuntTally()
        for number in 0..<3 {
            tally.add(
                HuntTally.Hit(
                    time: Timestamp(seconds: Int64(number)), tenant: "a", principal: "p", id: "\(number)",
                    similarity: 0.9))
        }
        #expect(try HuntTally(json: tally.json) == tally)
        #expect(throws: IncidentError.self) { try Hunt(json: .string("x")) }
        #expect(throws: IncidentError.self) { try HuntTally(json: .object(["hits": .number("-1")])) }
    }
}
