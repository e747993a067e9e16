public import Glibc
public import Synchronization

/// A value that many may read at once and one may change, guarded by a POSIX read-write lock.
///
/// Sound although unchecked: the value never leaves the closures, which run under the lock. The lock
/// prefers writers, so that a stream of searches cannot starve an insert; who reads for long may let waiting
/// writers in between two steps. Whoever waits gives its core to others a few times before it sleeps: most are
/// done within microseconds, and waking takes tens of them.
@safe public final class ReadWriteLock<Value: ~Copyable>: @unchecked Sendable {
    @usableFromInline let lock: UnsafeMutablePointer<pthread_rwlock_t>
    @usableFromInline let value: UnsafeMutablePointer<Value>
    /// How often the value may have been changed; guarded by the lock like the value.
    @usableFromInline var version: UInt64 = 0
    /// How many writers wait.
    @usableFromInline let writersWaiting = Atomic<Int>(0)
    /// How often the lock is asked for before sleeping.
    @usableFromInline static var attempts: Int { 16 }

    /// Creates a lock around a value.
    public init(_ initial: consuming sending Value) {
        unsafe lock = .allocate(capacity: 1)
        var attributes = pthread_rwlockattr_t()
        unsafe pthread_rwlockattr_init(&attributes)
        unsafe pthread_rwlockattr_setkind_np(
            &attributes, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
        let status = unsafe pthread_rwlock_init(lock, &attributes)
        precondition(status == 0, "a read-write lock cannot be made")
        unsafe pthread_rwlockattr_destroy(&attributes)
        unsafe value = .allocate(capacity: 1)
        unsafe value.initialize(to: initial)
    }

    deinit {
        unsafe value.deinitialize(count: 1)
        unsafe value.deallocate()
        unsafe pthread_rwlock_destroy(lock)
        unsafe lock.deallocate()
    }

    /// Runs a closure that reads, beside other readers; it must not lock again.
    @inlinable @inline(__always)
    public func withReading<Result: ~Copyable, Failure: Error>(
        _ body: (borrowing Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lockForReading()
        defer { unsafe pthread_rwlock_unlock(lock) }
        return try unsafe body(value.pointee)
    }

    /// Whether a writer waits for those who read.
    @inlinable @inline(__always)
    public var isAwaited: Bool { writersWaiting.load(ordering: .relaxed) != 0 }

    /// Lets waiting writers in; for who reads and can do without what it knows of the value.
    ///
    /// That may have been changed, or be another and the former gone. A writer that is slow to come may have missed
    /// its chance.
    @inlinable
    public func letWritersIn() {
        unsafe pthread_rwlock_unlock(lock)
        lockForReading()
    }

    @inlinable
    func lockForReading() {
        for _ in 0..<Self.attempts {
            if !isAwaited, unsafe pthread_rwlock_tryrdlock(lock) == 0 { return }
            sched_yield()
        }
        unsafe pthread_rwlock_rdlock(lock)
    }

    @inlinable
    func lockForWriting() {
        if unsafe pthread_rwlock_trywrlock(lock) == 0 { return }
        writersWaiting.add(1, ordering: .relaxed)
        defer { writersWaiting.subtract(1, ordering: .relaxed) }
        for _ in 0..<Self.attempts {
            sched_yield()
            if unsafe pthread_rwlock_trywrlock(lock) == 0 { return }
        }
        unsafe pthread_rwlock_wrlock(lock)
    }

    /// Reads the value together with a number that differs when it was changed meanwhile.
    @inlinable
    public func withReadingVersioned<Result>(_ body: (borrowing Value, UInt64) -> Result) -> Result {
        lockForReading()
        defer { unsafe pthread_rwlock_unlock(lock) }
        return unsafe body(value.pointee, version)
    }

    /// Runs a closure that may change the value, alone; it must not lock again.
    @inlinable @inline(__always)
    public func withWriting<Result: ~Copyable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lockForWriting()
        defer { unsafe pthread_rwlock_unlock(lock) }
        version &+= 1
        return try unsafe body(&value.pointee)
    }
}
