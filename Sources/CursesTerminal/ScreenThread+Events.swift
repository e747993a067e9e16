import CCurses
import Glibc
import TerminalUI

extension ScreenThread {
    func report(_ event: TerminalEvent) {
        link.events.yield(event)
    }

    /// Answers requests and signals.
    mutating func handleWake() {
        for signal in Set(link.pipe.drain()).sorted() where signal != 0 { handle(signal: Int32(signal)) }
        while let request = link.next() {
            // The terminal was given back by a crash that another thread still deals with.
            guard ccurses_begin_drawing() != 0 else {
                request.refuse()
                continue
            }
            handle(request)
            ccurses_end_drawing()
        }
    }

    private mutating func handle(signal: Int32) {
        switch signal {
        case SIGWINCH:
            if screen.updateSize() { reportSize() }
        case SIGTSTP:
            suspend()
        case SIGCONT:
            // Stopped by something that cannot be caught: the terminal may look like anything now.
            resume()
        default:
            break
        }
    }

    private mutating func handle(_ request: ScreenRequest) {
        switch request {
        case .present(let surface, let theme, let done):
            screen.present(surface, theme: theme)
            done.resume()
        case .write(let bytes, let done):
            done.resume(returning: Descriptor.write(bytes, to: options.outputDescriptor))
        case .suspend(let done):
            suspend()
            done.resume()
        case .redraw(let done):
            screen.repaint()
            done.resume()
        case .restore(let done):
            waitingForEnd.append(done)
        case .readBack(let done):
            done.resume(returning: screen.readBack())
        }
    }

    private func reportSize() {
        link.size = screen.size
        report(.resize(screen.size))
    }

    private mutating func suspend() {
        screen.leave()
        ccurses_disarm()
        ccurses_stop()
        // The continuation was ours; other signals that came meanwhile are still to be heard.
        for signal in Set(link.pipe.drain()).sorted() where signal != 0 {
            if Int32(signal) != SIGCONT, Int32(signal) != SIGTSTP { handle(signal: Int32(signal)) }
        }
        resume()
    }

    private mutating func resume() {
        takeOver()
        let changed = screen.updateSize()
        screen.repaint()
        report(.resumed)
        if changed { reportSize() }
    }

    /// Reads all keys that are there.
    mutating func readKeys() {
        var count = 0
        while let (value, isCode) = screen.read() {
            count += 1
            if answer != nil, !isCode {
                readAnswer(value)
            } else if isCode {
                handle(code: Int32(bitPattern: value))
            } else if value == 27, !decoder.isPasting {
                handleEscape()
            } else if let scalar = Unicode.Scalar(value), let event = decoder.event(character: scalar) {
                report(event)
            }
        }
        emptyReads = count == 0 ? emptyReads + 1 : 0
    }

    /// Escape came alone, or with a character right behind it: then that was Alt.
    private mutating func handleEscape() {
        guard let (value, isCode) = screen.read() else {
            report(.key(.escape))
            return
        }
        if isCode {
            report(.key(.escape))
            handle(code: Int32(bitPattern: value))
        } else if value == 27 {
            report(.key(.escape))
            handleEscape()
        } else if value == TerminalAnswer.start, options.asksBackground {
            answer = TerminalAnswer()
        } else if let scalar = Unicode.Scalar(value),
            let event = decoder.event(character: scalar, isMeta: true)
        {
            report(event)
        }
    }

    /// Takes one more character of an answer; a whole one about the background is reported.
    private mutating func readAnswer(_ value: UInt32) {
        guard answer?.take(value) == true else { return }
        if let isLight = answer?.isLightBackground { report(.background(isLight: isLight)) }
        answer = nil
    }

    private mutating func handle(code: Int32) {
        switch code {
        case KEY_MOUSE:
            if let event = mouseEvent() { report(.mouse(event)) }
        case KeyDecoder.Code.synchronizedSupported.rawValue:
            screen.isSynchronized = options.synchronizedOutput != .off
        case KeyDecoder.Code.synchronizedUnsupported.rawValue:
            break
        default:
            if let event = decoder.event(code: code) { report(event) }
        }
    }

    private mutating func mouseEvent() -> MouseEvent? {
        guard let (state, location) = screen.mouse() else { return nil }
        if state & ccurses_wheel_up != 0 { return MouseEvent(.wheelUp, at: location) }
        if state & ccurses_wheel_down != 0 { return MouseEvent(.wheelDown, at: location) }
        if state & ccurses_middle_pressed != 0 { return MouseEvent(.middleClick, at: location) }
        if state & ccurses_right_pressed != 0 { return MouseEvent(.rightClick, at: location) }
        guard state & ccurses_left_pressed != 0 else { return nil }
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        let now = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        if let last = lastClick, last.at == location,
            now - last.nanoseconds < ScreenThread.doubleClickNanoseconds
        {
            lastClick = nil
            return MouseEvent(.doubleClick, at: location)
        }
        lastClick = (location, now)
        return MouseEvent(.click, at: location)
    }
}
