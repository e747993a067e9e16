import Glibc

import struct Synchronization.Atomic

/// Slows whoever inserts and removes while a rebuild carries their changes over: else it would never catch up with
/// those who are quicker than it is.
///
/// Under a pressure of n each change waits until n rows were carried over since. Where there is none, as nearly always,
/// a change costs a look at one number. Sound although unchecked: `carried` is only reached under the mutex.
@safe final class WriterBrake: @unchecked Sendable {
    private let pressure = Atomic<Int>(0)
    private var carried = 0
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe pthread_cond_destroy(condition)
        unsafe mutex.deallocate()
        unsafe condition.deallocate()
    }

    /// How many rows a change waits for.
    var rows: Int { pressure.load(ordering: .relaxed) }

    /// Called before a change, by who holds nothing of the index.
    @inline(__always)
    func pass() {
        if pressure.load(ordering: .relaxed) != 0 { wait() }
    }

    @inline(never)
    private func wait() {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        let start = carried
        while carried - start < pressure.load(ordering: .relaxed) {
            unsafe pthread_cond_wait(condition, mutex)
        }
    }

    /// Lets a change wait for so many rows from now on, those that wait already too; 0 lets all go.
    func press(_ rows: Int) {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        pressure.store(rows, ordering: .relaxed)
        unsafe pthread_cond_broadcast(condition)
    }

    /// Counts a row that was carried over.
    func countCarried() {
        if pressure.load(ordering: .relaxed) == 0 { return }
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        carried += 1
        unsafe pthread_cond_broadcast(condition)
    }
}
