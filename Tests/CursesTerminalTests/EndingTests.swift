import CCurses
import Glibc
import Testing

@testable import CursesTerminal
@testable import TerminalUI

/// Each of these ends or stops a process of its own.
@Suite struct EndingTests {
    @Test func `a crash and a plain exit give the terminal back`() async throws {
        await #expect(processExitsWith: .signal(SIGABRT)) { try await crash { abort() } }
        await #expect(processExitsWith: .success) { try await crash { exit(0) } }
    }

    @Test func `a crash signal from outside ends the program whatever was there before`() async throws {
        await #expect(processExitsWith: .signal(SIGSEGV)) { try await crashFromOutside(SIGSEGV) }
        await #expect(processExitsWith: .signal(SIGILL)) { try await crashFromOutside(SIGILL) }
        await #expect(processExitsWith: .signal(SIGTRAP)) { try await crashFromOutside(SIGTRAP) }
    }

    @Test func `the reason of a crash is told once the terminal is back`() async throws {
        let result = await #expect(
            processExitsWith: .signal(SIGABRT), observing: [\.standardErrorContent]
        ) {
            let device = try #require(PseudoTerminal())
            var options = TerminalOptions { ["TERM": "xterm-256color"][$0] }
            options.inputDescriptor = device.slave
            options.outputDescriptor = device.slave
            let terminal = try CursesTerminal.open(options)
            await terminal.present(Surface(size: terminal.size), theme: .terminal)
            Descriptor.write(Array("the reason".utf8), to: 2)
            abort()
        }
        let told = try #require(result).standardErrorContent
        #expect(String(decoding: told, as: UTF8.self).contains("the reason"))
    }

    @Test func `a stopped program takes the terminal up again`() async throws {
        await #expect(processExitsWith: .success) {
            // A session of its own is an orphaned group, where the stop itself is ignored.
            setsid()
            let device = try #require(PseudoTerminal())
            var options = TerminalOptions { ["TERM": "xterm-256color"][$0] }
            options.inputDescriptor = device.slave
            options.outputDescriptor = device.slave
            let terminal = try CursesTerminal.open(options)
            await terminal.present(Surface(size: terminal.size), theme: .terminal)
            _ = device.output()
            device.resize(width: 40, height: 10)
            await terminal.suspend()
            let output = device.output()
            #expect(output.contains("\u{1B}[?1049l") && output.contains("\u{1B}[?2004h"))
            var seen: [TerminalEvent] = []
            for await event in terminal.events {
                seen.append(event)
                if case .resize = event { break }
            }
            #expect(seen == [.resumed, .resize(Size(width: 40, height: 10))])
            kill(getpid(), SIGTSTP)
            for await event in terminal.events where event == .resumed { break }
            await terminal.restore()
            exit(0)
        }
    }
}

/// Opens a terminal where a handler that returns was installed before, and sends a crash signal.
private func crashFromOutside(_ number: Int32) async throws {
    signal(number) { _ in }
    let device = try #require(PseudoTerminal())
    var options = TerminalOptions { ["TERM": "xterm-256color"][$0] }
    options.inputDescriptor = device.slave
    options.outputDescriptor = device.slave
    let terminal = try CursesTerminal.open(options)
    await terminal.present(Surface(size: terminal.size), theme: .terminal)
    kill(getpid(), number)
    // The signal may reach another thread; this one waits for the end.
    while true { pause() }
}

/// Opens a terminal, ends the program by `end`, and has a child check what the terminal got.
private func crash(_ end: @Sendable () -> Void) async throws {
    let device = try #require(PseudoTerminal())
    let before = device.modes
    var options = TerminalOptions { ["TERM": "xterm-256color"][$0] }
    options.inputDescriptor = device.slave
    options.outputDescriptor = device.slave
    let terminal = try CursesTerminal.open(options)
    await terminal.present(Surface(size: terminal.size), theme: .terminal)
    _ = device.output()
    ccurses_give_back()
    let output = device.output()
    guard output.contains("\u{1B}[?1049l"), output.contains("\u{1B}[?2004l"), device.modes == before else {
        exit(3)
    }
    end()
}
