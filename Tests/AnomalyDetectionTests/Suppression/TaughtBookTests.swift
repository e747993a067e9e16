import Decisions
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct TaughtBookTests {
    private static let lesson = Lesson(
        incident: "K7F2", kind: .ordinary, resolution: .expected, tenant: "acme", author: "ana", reason: "",
        created: Timestamp(seconds: 1_800_000_000),
        shapes: [
            Lesson.Shape(principal: "p", kind: "k", effect: .allow, actions: ["get"], count: 1)
        ])

    private static func record(_ revision: UInt64, _ value: JSONValue?) -> Record {
        Record(collection: Lesson.collection, key: lesson.id, value: value, revision: revision)
    }

    @Test(arguments: [true, false])
    func `a saved lesson has the revision of the store, whether its echo or the answer came first`(
        _ isEchoFirst: Bool
    ) throws {
        var book = TaughtBook()
        _ = try book.adopt(Self.record(3, Self.lesson.json), isDetecting: true)
        var changed = Self.lesson
        changed.reason = "known"
        book.set(changed)
        book.unsavedLessons.insert(changed.id)
        let written = book.unsaved(of: [changed.id, "ZZZZ"])
        #expect(written.map(\.lesson) == [changed])
        if isEchoFirst { _ = try book.adopt(Self.record(4, changed.json), isDetecting: true) }
        book.saved(written)
        if !isEchoFirst { _ = try book.adopt(Self.record(4, changed.json), isDetecting: true) }
        #expect(book.revision(Lesson.collection, changed.id) == 4)
        #expect(book.lessons[changed.id] == changed && book.unsavedLessons.isEmpty)
    }

    @Test func `what the store has counts, whatever was believed of it`() throws {
        var book = TaughtBook()
        _ = try book.adopt(Self.record(9, Self.lesson.json), isDetecting: false)
        var elsewhere = Self.lesson
        elsewhere.end = TaughtEnd(.undone, time: Self.lesson.created, who: "ben")
        try book.adopt(Self.record(2, elsewhere.json), as: .lesson(Self.lesson), isDetecting: false)
        #expect(book.lessons[Self.lesson.id] == elsewhere)
        #expect(book.revision(Lesson.collection, Self.lesson.id) == 2)
        book.hit(Self.lesson.id, at: Self.lesson.created, isCritical: false)
        try book.adopt(nil, as: .lesson(Self.lesson), isDetecting: true)
        #expect(book.lessons.isEmpty && book.hits.isEmpty && book.changedHits.isEmpty)
        #expect(book.revision(Lesson.collection, Self.lesson.id) == 0)
    }
}
