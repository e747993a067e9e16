#if THREAD_SANITIZER
    import Glibc
#else
    public import Synchronization
#endif

/// A mutual exclusion lock around a value: the standard library's, in a form that can be checked.
///
/// The standard library hands a contended lock over in the kernel, where the thread sanitizer does not
/// see it and takes every such access for a race. Compiled with `THREAD_SANITIZER` this is a lock of the
/// threads library instead, which the sanitizer knows.
@safe public struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    #if THREAD_SANITIZER
        private let lock: UnsafeMutablePointer<pthread_mutex_t>
        private let value: UnsafeMutablePointer<Value>

        /// Creates a lock around a value.
        public init(_ initial: consuming sending Value) {
            unsafe lock = .allocate(capacity: 1)
            unsafe value = .allocate(capacity: 1)
            unsafe pthread_mutex_init(lock, nil)
            unsafe value.initialize(to: initial)
        }

        deinit {
            unsafe value.deinitialize(count: 1)
            unsafe value.deallocate()
            unsafe pthread_mutex_destroy(lock)
            unsafe lock.deallocate()
        }

        /// Calls the closure with the value while no other thread can.
        public borrowing func withLock<Result: ~Copyable, Failure: Error>(
            _ body: (inout sending Value) throws(Failure) -> sending Result
        ) throws(Failure) -> sending Result {
            unsafe pthread_mutex_lock(lock)
            defer { unsafe pthread_mutex_unlock(lock) }
            return try unsafe body(&value.pointee)
        }
    #else
        @usableFromInline let mutex: Synchronization.Mutex<Value>

        /// Creates a lock around a value.
        @inlinable public init(_ initial: consuming sending Value) {
            mutex = Synchronization.Mutex(initial)
        }

        /// Calls the closure with the value while no other thread can.
        @inlinable
        public borrowing func withLock<Result: ~Copyable, Failure: Error>(
            _ body: (inout sending Value) throws(Failure) -> sending Result
        ) throws(Failure) -> sending Result {
            try mutex.withLock(body)
        }
    #endif
}
