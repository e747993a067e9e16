import Glibc
import TerminalUI

/// Threads of the operating system, for what may block.
enum SystemThread {
    /// Runs a closure on a new thread of the operating system.
    static func launch(_ body: @escaping @Sendable () -> Void) throws(TerminalError) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let box = unsafe Unmanaged.passRetained(Box(body))
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            unsafe box.release()
            throw TerminalError(description: "no thread for the terminal: \(TerminalError.reason(status))")
        }
        pthread_detach(thread)
    }
}
