import CCurses
import Glibc
import Testing

@testable import CursesTerminal
@testable import TerminalUI

/// ncurses is one per process, so these run one after the other.
@Suite(.serialized) struct CursesTerminalTests {
    private func options(
        _ terminal: PseudoTerminal, _ variables: [String: String] = ["TERM": "xterm-256color"]
    ) -> TerminalOptions {
        var options = TerminalOptions { variables[$0] }
        options.inputDescriptor = terminal.slave
        options.outputDescriptor = terminal.slave
        return options
    }

    private func picture(_ terminal: CursesTerminal, _ text: String = "verdict ─ 名é") -> Surface {
        var surface = Surface(size: terminal.size, glyphs: terminal.glyphs)
        surface.draw(text, at: Point(x: 0, y: 0), style: Style(.deny, .bold))
        surface.draw(
            "last", at: Point(x: surface.size.width - 4, y: surface.size.height - 1),
            style: Style(.text, on: .selection, [.underline, .dim, .reverse]))
        return surface
    }

    /// The events up to and with the first that satisfies the condition.
    private func events(_ terminal: CursesTerminal, until isLast: (TerminalEvent) -> Bool) async
        -> [TerminalEvent]
    {
        var events: [TerminalEvent] = []
        for await event in terminal.events {
            events.append(event)
            if isLast(event) { break }
        }
        return events
    }

    @Test func `shows a picture, writes nothing for the same one, and gives the modes back`() async throws {
        let device = try #require(PseudoTerminal())
        let before = device.modes
        var options = options(device)
        options.title = "verdict\u{7}"
        options.usesMouse = true
        let terminal = try CursesTerminal.open(options)
        #expect(device.modes != before)
        #expect(terminal.size == Size(width: 80, height: 24))
        #expect(terminal.colorDepth == .indexed256)
        let surface = picture(terminal)
        await terminal.present(surface, theme: .terminal)
        let lines = await terminal.readBack()
        #expect(lines.count == 24)
        #expect(lines[0].hasPrefix("verdict"))
        #expect(lines[23].hasSuffix("last"))
        let first = device.output()
        #expect(first.contains("\u{1B}[?2004h") && first.contains("\u{1B}]2;verdict\\x07\u{1B}\\"))
        await terminal.present(surface, theme: .terminal)
        #expect(device.output().isEmpty)
        var cursor = surface
        cursor.cursor = Point(x: 3, y: 2)
        await terminal.present(cursor, theme: .terminal)
        #expect(device.output().contains("\u{1B}[3;4H"))
        await terminal.redraw()
        #expect(device.output().contains("verdict"))
        await terminal.restore()
        let last = device.output()
        #expect(last.contains("\u{1B}[?2004l") && last.contains("\u{1B}[?1049l"))
        #expect(device.modes == before)
        await terminal.restore()
        #expect(await terminal.copy("late") == .unavailable)
        #expect(await terminal.readBack().isEmpty)
    }

    @Test func `keys, pastes, the mouse and focus arrive as events`() async throws {
        let device = try #require(PseudoTerminal())
        var options = options(device)
        options.usesMouse = true
        let terminal = try CursesTerminal.open(options)
        device.type("aé\u{1B}[1;5C\u{1B}OP\r\u{1B}[200~q\n\u{1B}[201~\u{1B}x\u{1B}[I\u{1B}[A")
        device.type("\u{1B}[M \u{22}\u{23}\u{1B}[M`!!\u{1B}[Ma!!\u{1B}[M!!!\u{1B}[M\u{22}!!")
        device.type("\u{1B}[?2026;0$yZ")
        let events = await events(terminal) { $0 == .key(.character("Z")) }
        #expect(
            events.prefix(9) == [
                .key(.character("a")), .key(.character("é")), .key(.controlRight), .key(.function(1)),
                .key(.enter),
                .paste("q\n"), .key(.alt("x")), .focus(true), .key(.up),
            ])
        await terminal.restore()
    }

    @Test func `the terminal is asked for its background and keys around the answer are kept`() async throws {
        let device = try #require(PseudoTerminal())
        var options = options(device)
        options.asksBackground = true
        let terminal = try CursesTerminal.open(options)
        #expect(device.output().contains("\u{1B}]11;?\u{1B}\\"))
        device.type("a\u{1B}]11;rgb:ffff/ffff/ffff\u{1B}\\Z")
        #expect(
            await events(terminal) { $0 == .key(.character("Z")) }
                == [.key(.character("a")), .background(isLight: true), .key(.character("Z"))])
        await terminal.restore()
    }

    @Test func `a lone escape is a key of its own`() async throws {
        let device = try #require(PseudoTerminal())
        let terminal = try CursesTerminal.open(options(device))
        device.type("\u{1B}")
        #expect(await events(terminal) { _ in true } == [.key(.escape)])
        device.type("\u{1B}\u{1B}\u{1B}[AZ")
        await terminal.restore()
    }

    @Test func `a new size is reported and drawn`() async throws {
        let device = try #require(PseudoTerminal())
        let terminal = try CursesTerminal.open(options(device))
        await terminal.present(picture(terminal), theme: .terminal)
        device.resize(width: 50, height: 12)
        kill(getpid(), SIGWINCH)
        let size = Size(width: 50, height: 12)
        #expect(await events(terminal) { $0 == .resize(size) } == [.resize(size)])
        #expect(terminal.size == size)
        await terminal.present(picture(terminal), theme: .terminal)
        #expect(await terminal.readBack().count == 12)
        // A frame for the former size is cut, not refused.
        await terminal.present(Surface(size: Size(width: 80, height: 24)), theme: .terminal)
        await terminal.restore()
    }

    @Test func `signals that ask for the end are reported`() async throws {
        let device = try #require(PseudoTerminal())
        let terminal = try CursesTerminal.open(options(device))
        for signal in [SIGTERM, SIGQUIT] {
            kill(getpid(), signal)
            #expect(await events(terminal) { _ in true } == [.terminate(signal: signal)])
        }
        kill(getpid(), SIGCONT)
        await terminal.restore()
    }

    @Test func `a signal ends it also while the terminal takes nothing more`() async throws {
        let device = try #require(PseudoTerminal(width: 200, height: 50))
        let before = terminationHandler()
        let terminal = try CursesTerminal.open(options(device))
        let full = Task {
            // Nobody reads: one of these pictures waits for ever.
            for number in 0..<200 {
                var surface = Surface(size: terminal.size)
                for y in 0..<surface.size.height {
                    let text = String(repeating: String((number + y) % 10), count: surface.size.width)
                    surface.draw(text, at: Point(x: 0, y: y))
                }
                await terminal.present(surface, theme: .terminal)
            }
        }
        while device.waitingBytes < 4_000 { await Task.yield() }
        kill(getpid(), SIGTERM)
        #expect(await events(terminal) { _ in true } == [.terminate(signal: SIGTERM)])
        await full.value
        await terminal.restore()
        // Only now does somebody read: the screen's thread comes to its end and lets go of the signals.
        while terminationHandler() != before {
            _ = device.output()
            await Task.yield()
        }
    }

    @Test func `events end when the terminal is gone`() async throws {
        let variables = ["TERM": "vt100"]
        var options = TerminalOptions { variables[$0] }
        var input: [Int32] = [-1, -1]
        #expect(unsafe pipe(&input) == 0)
        let output = try #require(PseudoTerminal())
        options.inputDescriptor = input[0]
        options.outputDescriptor = output.slave
        options.headlessSize = Size(width: 20, height: 4)
        let terminal = try CursesTerminal.open(options)
        #expect(terminal.colorDepth == .mono)
        close(input[1])
        #expect(await events(terminal) { _ in false } == [.closed])
        close(input[0])
    }

    @Test func `direct colours come from a description of our own`() async throws {
        let device = try #require(PseudoTerminal())
        var options = options(device, ["TERM": "xterm-256color", "COLORTERM": "truecolor"])
        options.synchronizedOutput = .on
        let terminal = try CursesTerminal.open(options)
        #expect(terminal.colorDepth == .truecolor)
        let theme = Theme(name: "x", scheme: .plainDark)
        var surface = picture(terminal)
        surface.draw(
            "exact", at: Point(x: 0, y: 5), style: Style(foreground: .rgb(RGB(red: 0, green: 0, blue: 5))))
        await terminal.present(surface, theme: theme)
        let output = device.output()
        #expect(output.contains("48;2;24;24;24m"))
        #expect(output.contains("38;2;0;0;8m"))
        #expect(output.contains("\u{1B}[?2026h") && output.contains("\u{1B}[?2026l"))
        #expect(await terminal.copy("abc") == .sent(bytes: 3))
        #expect(device.output().contains("]52;c;YWJj"))
        #expect(
            await terminal.copy(String(repeating: "x", count: 90_000))
                == .tooLong(limit: Clipboard.maximumBytes))
        await terminal.ringBell()
        #expect(device.output().contains("\u{7}"))
        await terminal.restore()
    }

    @Test func `a terminal without colours gets none`() async throws {
        let device = try #require(PseudoTerminal())
        let terminal = try CursesTerminal.open(options(device, ["TERM": "xterm-256color", "NO_COLOR": "1"]))
        #expect(terminal.colorDepth == .mono)
        await terminal.present(picture(terminal), theme: Theme(name: "x", scheme: .plainDark))
        let output = device.output()
        #expect(
            !output.contains(/\u{1B}\[[0-9;]*\b[34][0-9](;[0-9]+)*m/)
                && output.contains("verdict"))
        await terminal.restore()
    }

    @Test func `an unknown terminal is taken for a known one`() async throws {
        let device = try #require(PseudoTerminal())
        let terminal = try CursesTerminal.open(options(device, ["TERM": "no-such-terminal"]))
        #expect(terminal.colorDepth == .indexed256)
        await terminal.restore()
        let bare = try CursesTerminal.open(options(device, ["COLORTERM": "truecolor", "TERM": "../etc"]))
        await bare.restore()
    }

    @Test func `an unknown type is told before the screen is taken`() async throws {
        await #expect(processExitsWith: .success) {
            let device = try #require(PseudoTerminal())
            dup2(device.slave, 2)
            var options = TerminalOptions { ["TERM": "no-such-terminal"][$0] }
            options.inputDescriptor = device.slave
            options.outputDescriptor = device.slave
            let terminal = try CursesTerminal.open(options)
            await terminal.present(Surface(size: terminal.size), theme: .terminal)
            let output = device.output()
            let told = try #require(output.firstRange(of: "unknown terminal type"))
            let taken = try #require(output.firstRange(of: "\u{1B}[?1049h"))
            exit(told.lowerBound < taken.lowerBound ? 0 : 1)
        }
    }

    @Test func `a terminal that cannot place the cursor is refused`() throws {
        let device = try #require(PseudoTerminal())
        do throws(TerminalError) {
            _ = try CursesTerminal.open(options(device, ["TERM": "dumb"]))
            Issue.record("opened")
        } catch {
            #expect(error.description.contains("verdict frame"))
        }
        #expect(device.output().isEmpty)
    }

    @Test func `without a terminal it says so`() throws {
        let file = unsafe open("/dev/null", O_RDWR)
        defer { close(file) }
        var options = TerminalOptions { _ in nil }
        options.inputDescriptor = file
        options.outputDescriptor = file
        do throws(TerminalError) {
            _ = try CursesTerminal.open(options)
            Issue.record("opened")
        } catch {
            #expect(error.description.contains("not a terminal"))
        }
        options.headlessSize = Size(width: 10, height: 2)
        options.inputDescriptor = -1
        #expect(throws: TerminalError.self) { try CursesTerminal.open(options) }
    }

    @Test func `what libraries write to standard error is held back`() async throws {
        await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            let capture = ErrorCapture(logPath: nil)
            Descriptor.write(Array("noise".utf8), to: 2)
            capture?.end()
            let path = "/tmp/error-capture-\(getpid())"
            let logged = ErrorCapture(logPath: path)
            Descriptor.write(Array("hidden".utf8), to: 2)
            logged?.end()
            _ = unsafe unlink(path)
            exit(capture != nil && logged != nil && ErrorCapture(logPath: "/nowhere/x") == nil ? 0 : 1)
        }
    }

    @Test func `a description that cannot be compiled is done without`() {
        let direct = DirectColor(baseType: "xterm-256color", directory: "/proc/nowhere")
        #expect(!direct.prepare())
        #expect(!DirectColor(baseType: "bad name", directory: "/tmp").prepare())
        #expect(!DirectColor.run("no-such-program-at-all", []))
        #expect(direct.source.contains("use=xterm-256color"))
    }

    @Test func `the C library and the surface agree about widths of what it can print`() {
        unsafe setlocale(LC_CTYPE, "C.UTF-8")
        var disagreements = 0
        for value in UInt32(0x20)..<0x3_0000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let width = ccurses_width(wchar_t(bitPattern: value))
            guard width >= 0 else { continue }
            switch ScalarClass(scalar) {
            case .printable(let cells): if cells != Int(width) { disagreements += 1 }
            case .combining: if width > 0 { disagreements += 1 }
            case .escaped: break
            }
        }
        // Those few are shown as question marks, so columns never shift.
        #expect(disagreements < 200, "\(disagreements)")
    }
}

/// Where the handler of SIGTERM lies; 0 for the system's own.
private func terminationHandler() -> Int {
    var action = sigaction()
    unsafe sigaction(SIGTERM, nil, &action)
    return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
}
