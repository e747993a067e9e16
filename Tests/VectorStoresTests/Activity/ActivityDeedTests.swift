import Decisions
import Testing

@testable import VectorStores

@Suite struct ActivityDeedTests {
    static func sentence(
        _ act: String, _ subject: String, _ before: JSONValue = .null, _ after: JSONValue = .null
    ) -> String {
        let event = ActivityEvent(
            time: Timestamp(seconds: 9), who: "root", act: act, subject: subject, before: before,
            after: after)
        return ActivityEntry(event, sequence: 1, previous: ActivityEntry.firstPrevious).sentence
    }

    @Test func `what is done to a hunt is a sentence, without what its name says already`() {
        let hunt: JSONObject = [
            "id": .string("H4YT"), "name": .string("get secrets, allow"), "author": .string("root"),
            "decision": .object(["id": .string("d-1")]),
        ]
        var made = hunt
        made["incident"] = .string("K7F2")
        var removed = hunt
        removed["removed"] = .object(["who": .string("ben")])
        let subject = "hunt H4YT: get secrets, allow"
        #expect(
            Self.sentence("hunt", subject, .null, .object(hunt)) == "began the hunt H4YT: get secrets, allow")
        #expect(
            Self.sentence("hunt", subject, .null, .object(made))
                == "began the hunt H4YT: get secrets, allow: made of incident K7F2")
        #expect(
            Self.sentence("hunt-remove", subject, .object(hunt), .object(removed))
                == "ended the hunt H4YT: get secrets, allow")
        #expect(
            Self.sentence("hunt-restore", subject, .object(removed), .object(hunt))
                == "brought back the hunt H4YT: get secrets, allow")
    }

    @Test func `what is done to a rule or a lesson says what it does and how often it did`() {
        func before(_ hits: Int) -> JSONValue {
            .object([
                "standing": .string("active"), "what": .string("hides kind=secrets"),
                "hits": .number(String(hits)),
            ])
        }
        #expect(
            Self.sentence("suppress", "rule R-7KQ2", .null, .object(["fields": .string("kind=secrets")]))
                == "made the rule R-7KQ2: fields kind=secrets")
        #expect(
            Self.sentence("withdraw", "rule R-7KQ2", before(1_204))
                == "took back the rule R-7KQ2: hides kind=secrets, 1,204 hits")
        #expect(
            Self.sentence("restore", "rule R-7KQ2", before(1))
                == "brought back the rule R-7KQ2: hides kind=secrets, 1 hit")
        #expect(
            Self.sentence("expire", "rule R-7KQ2", before(0))
                == "ended the rule R-7KQ2, whose time was over: hides kind=secrets")
        let lesson: JSONValue = .object([
            "kind": .string("ordinary"), "what": .string("ordinary: svc get secrets allow"),
        ])
        #expect(
            Self.sentence("teach", "lesson K7F2", .null, lesson)
                == "taught the lesson K7F2: ordinary: svc get secrets allow")
        #expect(
            Self.sentence("withdraw", "lesson K7F2", .null, lesson)
                == "took back the lesson K7F2: ordinary: svc get secrets allow")
    }

    @Test(
        arguments: [
            ("acknowledge", "incident K7F2", "acknowledged incident K7F2"),
            ("undo", "incident K7F2", "took back an act on incident K7F2"),
            ("note", "incident K7F2", "wrote a note on incident K7F2"),
            ("rebuild", "rebuild m=16", "rebuilt the index m=16"),
            ("delete failed", "kind:invoice", "could not delete kind:invoice"),
            ("reload", "the configuration", "read the configuration again"),
            ("migrate", "schema", "migrated the schema"),
            // What another version tells stands as it is.
            ("restore", "backup.jsonl", "restore backup.jsonl"), ("paint", "the shed", "paint the shed"),
        ])
    func `every act follows the name of whoever did it`(act: String, subject: String, sentence: String) {
        #expect(Self.sentence(act, subject) == sentence)
    }
}
