import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Turns Ctrl-C into a request that long commands look for, so that they end at a safe point.
///
/// The second Ctrl-C ends the process at once.
enum Interruption {
    private static let count = Atomic<Int>(0)
    /// How many times Ctrl-C only asks.
    private static let patience = Atomic<Int>(1)
    /// Whether somebody asked this process to end, where that is heard.
    private static let isTerminated = Atomic<Bool>(false)

    /// Whether somebody asked to stop.
    static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

    /// Starts watching SIGINT.
    static func install() {
        signal(SIGINT) { _ in
            let times = Interruption.count.add(1, ordering: .relaxed).newValue
            if times > Interruption.patience.load(ordering: .relaxed) { _exit(130) }
        }
    }

    /// Lets the first Ctrl-C end the process: for work that keeps nothing and has no safe points.
    static func endAtOnce() throws {
        patience.store(0, ordering: .relaxed)
        try check()
    }

    /// Does work that keeps nothing and has no safe points; the first Ctrl-C meanwhile ends the process.
    static func endingAtOnce<Value: Sendable>(
        _ work: () async throws -> Value
    ) async throws -> Value {
        let former = patience.exchange(0, ordering: .relaxed)
        defer { patience.store(former, ordering: .relaxed) }
        try check()
        return try await work()
    }

    /// Makes a folder and lets the first Ctrl-C, or SIGTERM, end the process once it is removed: for work that has
    /// no safe points and leaves nothing behind but what the closure removes before.
    static func temporaryDirectory(
        removingBefore removeOthers: @escaping @Sendable () -> Void = {}
    ) throws -> TemporaryDirectory {
        // Listened to before the folder is there: a signal that came between would leave it behind.
        signal(SIGTERM) { _ in Interruption.isTerminated.store(true, ordering: .relaxed) }
        let folder = try TemporaryDirectory()
        // A thread of its own, since the work may hold every thread of the pool.
        Thread.detachNewThread {
            while !isRequested, !isTerminated.load(ordering: .relaxed) {
                Thread.sleep(forTimeInterval: pollSeconds)
            }
            removeOthers()
            folder.removeFromUnderWriters()
            if isRequested { _exit(130) }
            signal(SIGTERM, SIG_DFL)
            // To the process: threads of the pool's making hear no signals.
            kill(getpid(), SIGTERM)
        }
        do { try check() } catch {
            folder.remove()
            throw error
        }
        return folder
    }

    /// Waits for the end of a process that was asked to end and removes its folder first; returns where nobody asked.
    ///
    /// For work that fails because what it needs is being removed: that is nothing to tell.
    static func waitForRequestedEnd() async {
        while isRequested || isTerminated.load(ordering: .relaxed) {
            try? await Task.sleep(for: pollPause)
        }
    }

    /// Ends a command that was interrupted.
    static func check() throws {
        if isRequested { throw CancellationError() }
    }
}

extension Interruption {
    private static let pollSeconds = 0.05
    private static let pollPause = Duration.seconds(pollSeconds)

    /// Runs work that Ctrl-C cancels, and returns or throws what it does.
    static func cancelling<Value: Sendable>(
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let work = Task { try await operation() }
        let watch = Task {
            while !Task.isCancelled, !isRequested { try? await Task.sleep(for: pollPause) }
            if isRequested { work.cancel() }
        }
        defer { watch.cancel() }
        return try await work.value
    }
}
