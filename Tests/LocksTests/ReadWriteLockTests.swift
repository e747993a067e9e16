import Dispatch
import Locks
import Synchronization
import Testing

@Suite struct ReadWriteLockTests {
    private struct Refused: Error {}

    @Test func `a writer is let in by one who goes on reading`() {
        let number = ReadWriteLock(0)
        let isRead = Atomic<Bool>(false)
        DispatchQueue.concurrentPerform(iterations: 2) { thread in
            if thread == 0 {
                let seen = number.withReading { before in
                    let before = copy before
                    isRead.store(true, ordering: .releasing)
                    while !number.isAwaited {}
                    // A pause does not last until a slow writer has come.
                    while number.isAwaited { number.letWritersIn() }
                    return before
                }
                // It waited for the reader, who began before it.
                #expect(seen == 0)
            } else {
                while !isRead.load(ordering: .acquiring) {}
                number.withWriting { $0 += 1 }
            }
        }
        #expect(number.withReading { copy $0 } == 1)
    }

    @Test func `readers and writers take turns, and nothing is lost`() {
        let numbers = ReadWriteLock<[Int]>([])
        DispatchQueue.concurrentPerform(iterations: 6) { thread in
            for number in 0..<300 {
                if thread < 3 {
                    numbers.withWriting { $0.append(thread * 300 + number) }
                } else {
                    let (count, version) = numbers.withReadingVersioned { ($0.count, $1) }
                    #expect(count == Int(version))
                    numbers.withReading { _ in if number % 3 == 0 { numbers.letWritersIn() } }
                }
            }
        }
        #expect(numbers.withReading { $0.sorted() } == Array(0..<900))
        #expect(!numbers.isAwaited)
    }

    @Test func `what is thrown inside leaves the lock free`() throws {
        let number = ReadWriteLock(1)
        #expect(throws: Refused.self) {
            try number.withWriting { number throws in
                number = 2
                throw Refused()
            }
        }
        #expect(throws: Refused.self) { try number.withReading { _ throws in throw Refused() } }
        number.withWriting { $0 += 1 }
        #expect(number.withReading { copy $0 } == 3)
    }
}
