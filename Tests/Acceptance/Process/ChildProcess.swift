import Foundation
import Locks

#if canImport(Glibc)
    import Glibc
#endif

/// A program that was started; waited for on a thread of its own, so no test holds the pool.
final class ChildProcess: Sendable {
    /// What went wrong outside the program under test.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Where the three streams lead.
    struct Streams {
        var input: String
        var output: String
        var errors: String
    }

    let pid: pid_t
    private let hasEnded = Mutex(false)

    /// Starts a program in a session of its own: whoever runs the tests may have a terminal, it has none.
    init(_ path: String, _ arguments: [String], environment: [String: String], streams: Streams) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, streams.input, O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, streams.output, O_WRONLY | O_CREAT, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, streams.errors, O_WRONLY | O_CREAT, 0o600)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // The test runner may block or ignore signals; the program starts as from a fresh shell.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        var every = sigset_t()
        unsafe sigfillset(&every)
        unsafe posix_spawnattr_setsigdefault(&attributes, &every)
        let flags = Self.newSession | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        let words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        let variables =
            unsafe environment.sorted { $0.key < $1.key }
            .map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            unsafe words.forEach { unsafe free($0) }
            unsafe variables.forEach { unsafe free($0) }
        }
        var started: pid_t = 0
        let code = unsafe posix_spawn(&started, path, &actions, &attributes, words, variables)
        guard code == 0 else { throw Failure(description: "cannot start \(path): error \(code)") }
        pid = started
    }

    // POSIX_SPAWN_SETSID of glibc, which its headers keep behind a feature macro.
    private static let newSession: Int32 = 0x80

    /// Waits for the end; a program that has not ended by then is killed, and that fails the test.
    ///
    /// The status is the exit code, or 128 and the signal's number as a shell tells it.
    func wait(seconds: Double = 60) async throws -> Int32 {
        let pid = pid
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [self] in signal(SIGKILL) }
        let status = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [self] in
                // Waited for without being reaped first, so that the number cannot have been given to
                // another process when a late signal is sent.
                var information = unsafe siginfo_t()
                _ = unsafe waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT)
                let status = hasEnded.withLock { ended in
                    ended = true
                    var status: Int32 = 0
                    unsafe waitpid(pid, &status, 0)
                    return status
                }
                continuation.resume(returning: status)
            }
        }
        let deadlySignal = status & 0x7f
        return deadlySignal == 0 ? (status >> 8) & 0xff : 128 + deadlySignal
    }

    /// Sends a signal, unless the program has ended.
    func signal(_ number: Int32) {
        hasEnded.withLock { ended in
            if !ended { _ = kill(pid, number) }
        }
    }
}
