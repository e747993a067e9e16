import Testing
import VectorStores

@testable import PostgresStore

/// Stopping what works for somebody, and nothing else.
@Suite(.timeLimit(.minutes(1))) struct StopFlagTests {
    private struct Course: Sendable {
        var isStopping = false
        var isDetaching = false
        var events: [String] = []
    }

    @Test func `a connection is not given back while a stop is on its way to it`() {
        let flag = StopFlag()
        let course = Monitor(Course())
        flag.attach {
            course.update { $0.isStopping = true }
            course.wait { $0.isDetaching }
            // Long enough for whoever detaches to go on, were it let.
            course.wait(milliseconds: 200) { $0.events.contains("detached") }
            course.update { $0.events.append("stopped") }
        }
        #expect(BackgroundThread.start { flag.set() })
        course.wait { $0.isStopping }
        course.update { $0.isDetaching = true }
        flag.detach()
        course.update { $0.events.append("detached") }
        course.wait { $0.events.count == 2 }
        #expect(course.read { $0.events } == ["stopped", "detached"])
        #expect(flag.isSet)
    }

    @Test func `what is attached to a flag that is set stops at once, and after it is detached never`() {
        let flag = StopFlag()
        let stops = Monitor(0)
        flag.attach { stops.update { $0 += 1 } }
        flag.detach()
        flag.set()
        #expect(stops.read { $0 } == 0)
        flag.attach { stops.update { $0 += 1 } }
        #expect(stops.read { $0 } == 1)
    }
}
