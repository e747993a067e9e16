import Glibc
import TerminalUI

/// Hears the signals that ask for the end, also while the screen's thread waits for a terminal that
/// takes no more output: a hung connection must not keep a store locked.
final class EndingSignals: Sendable {
    /// How long the screen's thread may be busy with one request after such a signal.
    static let patienceMilliseconds: Int32 = 2_000

    let pipe: SignalPipe

    private init() throws(TerminalError) { pipe = try SignalPipe() }

    /// Starts a thread that reports the signals of the pipe's writer.
    static func listen(_ link: ScreenLink) throws(TerminalError) -> EndingSignals {
        let signals = try EndingSignals()
        try SystemThread.launch { signals.run(link) }
        return signals
    }

    /// Ends the thread.
    func stop() { pipe.wake() }

    private func run(_ link: ScreenLink) {
        // Until the first signal there is no hurry.
        var patience: Int32 = -1
        while true {
            let request = link.numberInHand
            let bytes = wait(milliseconds: patience)
            if bytes.contains(0) { return }
            for signal in Set(bytes).sorted() { link.events.yield(.terminate(signal: Int32(signal))) }
            if bytes.isEmpty, let request, link.numberInHand == request {
                // The terminal is given back without ncurses, when the program ends.
                return link.finish()
            }
            patience = Self.patienceMilliseconds
        }
    }

    /// The bytes that come within a time; none when nothing does.
    private func wait(milliseconds: Int32) -> [UInt8] {
        var descriptor = pollfd(fd: pipe.readEnd, events: Int16(POLLIN), revents: 0)
        while unsafe poll(&descriptor, 1, milliseconds) < 0, errno == EINTR {}
        return pipe.drain()
    }
}
