import CCurses
import Glibc
import Locks
import TerminalUI

/// The one thread that calls ncurses.
struct ScreenThread {
    /// What is known once the screen is open.
    struct Facts: Sendable {
        let glyphs: GlyphSet
        let colorDepth: ColorDepth
    }

    /// What the starting thread hands over, and the answer it waits for.
    private final class Start: Sendable {
        let options: TerminalOptions
        let link: ScreenLink
        let answer = Mutex<Result<Facts, TerminalError>?>(nil)

        init(_ options: TerminalOptions, _ link: ScreenLink) {
            self.options = options
            self.link = link
        }
    }

    /// How often in a row reading may give nothing although there is input: then nobody is there.
    private static let maximumEmptyReads = 100
    /// A paste whose end does not come is over after so many milliseconds of silence.
    private static let pasteSilenceMilliseconds: Int32 = 1_000
    /// Two clicks within so many nanoseconds are a double click.
    static let doubleClickNanoseconds: UInt64 = 400_000_000

    let options: TerminalOptions
    let link: ScreenLink
    let screen: CursesScreen
    private let endings: EndingSignals
    var decoder = KeyDecoder()
    var emptyReads = 0
    /// What the terminal answers, as far as it was read; nil outside an answer.
    var answer: TerminalAnswer?
    var lastClick: (at: Point, nanoseconds: UInt64)?
    /// Who waits for the terminal to be given back.
    var waitingForEnd: [Reply<Void>] = []
    /// The shell's modes; nil where there is no terminal.
    private let shellModes: termios?

    /// Starts the thread and waits until the screen is open or cannot be opened.
    static func start(_ options: TerminalOptions, _ link: ScreenLink) throws(TerminalError) -> Facts {
        let start = Start(options, link)
        var ready: [Int32] = [-1, -1]
        guard unsafe ccurses_pipe(&ready, 1) != 0 else {
            throw TerminalError(description: "no pipe for the screen's thread")
        }
        defer {
            close(ready[0])
            close(ready[1])
        }
        let readyEnd = ready[1]
        let body: @Sendable () -> Void = {
            do throws(TerminalError) {
                unsafe setlocale(LC_CTYPE, "")
                let codeset = unsafe String(cString: nl_langinfo(nl_item(CODESET)))
                let modes = ScreenThread.modes(of: options.outputDescriptor)
                let screen = try CursesScreen(options: options, codeset: codeset) { warning in
                    Descriptor.write(Array("verdict: \(warning)\n".utf8), to: 2)
                }
                let facts = Facts(
                    glyphs: screen.kind.glyphs(asked: options.glyphs), colorDepth: screen.colorDepth)
                let capture = ErrorCapture(logPath: options.errorLogPath)
                let endings = try EndingSignals.listen(link)
                var thread = ScreenThread(options, link, screen, endings, modes)
                thread.takeOver()
                screen.send(screen.backgroundQuery)
                start.answer.withLock { $0 = .success(facts) }
                Descriptor.write([1], to: readyEnd)
                thread.run()
                let waiting = thread.end()
                capture?.end()
                link.finish()
                for done in waiting { done.resume() }
            } catch {
                start.answer.withLock { $0 = .failure(error) }
                Descriptor.write([1], to: readyEnd)
            }
        }
        try SystemThread.launch(body)
        var byte: UInt8 = 0
        while unsafe read(ready[0], &byte, 1) < 0, errno == EINTR {}
        guard let answer = start.answer.withLock({ $0 }) else {
            throw TerminalError(description: "the screen's thread ended early")
        }
        return try answer.get()
    }

    private init(
        _ options: TerminalOptions, _ link: ScreenLink, _ screen: CursesScreen, _ endings: EndingSignals,
        _ modes: termios?
    ) {
        self.options = options
        self.link = link
        self.screen = screen
        self.endings = endings
        shellModes = modes
        link.size = screen.size
    }

    private static func modes(of descriptor: Int32) -> termios? {
        var modes = termios()
        return unsafe tcgetattr(descriptor, &modes) == 0 ? modes : nil
    }

    /// Enables what the terminal is to report and makes sure that it is given back in any case.
    mutating func takeOver() {
        ccurses_install_signals(link.pipe.writeEnd, endings.pipe.writeEnd)
        screen.enter()
        guard var modes = shellModes else { return }
        let farewell = Array(screen.farewell.utf8)
        unsafe farewell.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe ccurses_arm(
                options.outputDescriptor, &modes, start.assumingMemoryBound(to: CChar.self), bytes.count)
        }
    }

    private mutating func run() {
        while waitingForEnd.isEmpty, link.isOpen {
            var descriptors = [
                pollfd(fd: options.inputDescriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: link.pipe.readEnd, events: Int16(POLLIN), revents: 0),
            ]
            let timeout = decoder.isPasting ? ScreenThread.pasteSilenceMilliseconds : -1
            let count = unsafe poll(&descriptors, nfds_t(descriptors.count), timeout)
            if count < 0 {
                if errno == EINTR { continue }
                report(.closed)
                return
            }
            if count == 0, let event = decoder.endPaste() { report(event) }
            if descriptors[1].revents != 0 { handleWake() }
            let input = Int32(descriptors[0].revents)
            if input & POLLIN != 0 { readKeys() }
            let isGone = input & POLLIN == 0 && input & (POLLHUP | POLLERR | POLLNVAL) != 0
            if isGone || emptyReads > ScreenThread.maximumEmptyReads {
                report(.closed)
                return
            }
        }
    }

    /// Gives the terminal back; returns who waits for that.
    private func end() -> [Reply<Void>] {
        let waiting = waitingForEnd
        screen.leave()
        ccurses_disarm()
        ccurses_remove_signals()
        endings.stop()
        screen.close()
        return waiting
    }
}
