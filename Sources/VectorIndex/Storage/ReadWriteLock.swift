import Glibc

/// Many readers or one writer around a value; a waiting writer goes before new readers.
///
/// The only place where the index's shared state changes hands: `Value` never leaves the closures.
@safe final class ReadWriteLock<Value: ~Copyable>: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_rwlock_t>
    private let value: UnsafeMutablePointer<Value>
    /// How often the value may have been changed; guarded by the lock like the value.
    private var version: UInt64 = 0

    init(_ initial: consuming sending Value) {
        unsafe lock = .allocate(capacity: 1)
        var attributes = pthread_rwlockattr_t()
        unsafe pthread_rwlockattr_init(&attributes)
        let writersFirst = Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP)
        unsafe pthread_rwlockattr_setkind_np(&attributes, writersFirst)
        let status = unsafe pthread_rwlock_init(lock, &attributes)
        precondition(status == 0, "a read-write lock could not be made")
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

    @inline(__always)
    func reading<Result: ~Copyable, Failure: Error>(
        _ body: (borrowing Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe pthread_rwlock_rdlock(lock)
        defer { unsafe pthread_rwlock_unlock(lock) }
        return try unsafe body(value.pointee)
    }

    /// Reads the value together with a number that differs when it was changed meanwhile.
    func readingVersioned<Result>(_ body: (borrowing Value, UInt64) -> Result) -> Result {
        unsafe pthread_rwlock_rdlock(lock)
        defer { unsafe pthread_rwlock_unlock(lock) }
        return unsafe body(value.pointee, version)
    }

    @inline(__always)
    func writing<Result: ~Copyable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe pthread_rwlock_wrlock(lock)
        defer { unsafe pthread_rwlock_unlock(lock) }
        version &+= 1
        return try unsafe body(&value.pointee)
    }
}
