import Dispatch
import Locks
import Testing

@Suite struct MutexTests {
    private struct Refused: Error {}

    @Test func `one thread at a time has the value`() {
        let numbers = Mutex<[Int]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for number in 0..<500 { numbers.withLock { $0.append(thread * 500 + number) } }
        }
        #expect(numbers.withLock { $0.sorted() } == Array(0..<4_000))
    }

    @Test func `what is thrown inside leaves the lock free and the value as it was made`() throws {
        let number = Mutex(1)
        #expect(throws: Refused.self) {
            try number.withLock { number throws in
                number = 2
                throw Refused()
            }
        }
        #expect(number.withLock { $0 } == 2)
    }
}
