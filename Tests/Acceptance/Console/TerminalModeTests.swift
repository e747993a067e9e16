import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#endif

extension ConsoleInTerminal {
    @Suite struct TerminalModes {
        /// The terminal before a console, to be compared with the one after it.
        private func settings(of session: TmuxSession) async throws -> String {
            try await session.output(of: "stty -a")
        }

        @Test func `the terminal is as it was after q`() async throws {
            let folder = try await SampleStore.copy()
            let session = try await TmuxSession(80, 24)
            let (before, modes) = (try await settings(of: session), try await session.modes())
            try await session.run("$VERDICT console --store \(folder.store)")
            try await session.wait(for: "1Ov")
            #expect(try await session.modes() != modes)
            try await session.expectQuit()
            #expect(try await session.modes() == modes)
            #expect(try await settings(of: session) == before)
            try expectBalanced(try session.raw())
        }

        @Test(arguments: [SIGTERM, SIGHUP])
        func `the terminal is as it was after a signal`(signal: Int32) async throws {
            let folder = try await SampleStore.copy()
            let session = try await TmuxSession(80, 24)
            let (before, modes) = (try await settings(of: session), try await session.modes())
            try await session.run("$VERDICT console --store \(folder.store)")
            try await session.wait(for: "1Ov")
            kill(try await session.foregroundProcess(), signal)
            try await session.waitForPrompt()
            #expect(try await session.modes() == modes)
            #expect(try await settings(of: session) == before)
            try expectBalanced(try session.raw())
            // What was stored is whole.
            #expect(try await folder.stats()["vectors"].integer == 1108)
        }

        @Test(arguments: [SIGSEGV, SIGABRT, SIGILL, SIGQUIT])
        func `the program ends and the terminal is as it was after a crash signal`(signal: Int32)
            async throws
        {
            let folder = try await SampleStore.copy()
            // The backtracer runs, but asks nothing and looks nothing up.
            let session = try await TmuxSession(
                80, 24, environment: ["SWIFT_BACKTRACE": "enable=yes,interactive=no,symbolicate=off"])
            let (before, modes) = (try await settings(of: session), try await session.modes())
            try await session.run("ulimit -c 0; $VERDICT console --store \(folder.store)")
            try await session.wait(for: "1Ov")
            let process = try await session.foregroundProcess()
            kill(process, signal)
            try await session.waitForPrompt()
            #expect(kill(process, 0) == -1 && errno == ESRCH)
            #expect(try await session.modes() == modes)
            #expect(try await settings(of: session) == before)
            try expectBalanced(try session.raw())
        }

        @Test func `a console that is stopped and continued leaves and finds the terminal in order`()
            async throws
        {
            let folder = try await SampleStore.copy()
            let session = try await TmuxSession(80, 24)
            let (before, modes) = (try await settings(of: session), try await session.modes())
            try await session.run("$VERDICT console --store \(folder.store)")
            try await session.wait(for: "1Ov")
            try await session.press("C-z")
            try await session.wait(for: "Stopped")
            #expect(try await session.modes() == modes)
            #expect(try await settings(of: session) == before)
            try await session.run("fg")
            try await session.wait(for: "1Ov")
            try await session.press("4")
            try await session.wait(for: "globex")
            try await session.expectQuit()
            #expect(try await session.modes() == modes)
            #expect(try await settings(of: session) == before)
            try expectBalanced(try session.raw())
        }

        @Test func `an unknown terminal is told in one line and drawn all the same`() async throws {
            let folder = try await SampleStore.copy()
            let session = try await TmuxSession(80, 24)
            try await session.run("TERM=no-such-terminal $VERDICT console --store \(folder.store)")
            try await session.wait(for: "1Ov")
            try await session.expectQuit()
            let raw = try session.raw()
            let warnings = raw.split(whereSeparator: { "\r\n".contains($0) })
                .filter { $0.contains("no-such-terminal") && !$0.contains("TERM=") }
            #expect(warnings.count == 1, "\(warnings)")
        }

        @Test func `without colours none is written`() async throws {
            let folder = try await SampleStore.copy()
            let plain = try await TmuxSession.console(on: folder, 80, 24, environment: ["NO_COLOR": "1"])
            try await plain.press("3")
            try await plain.wait(for: "alice")
            try await plain.expectQuit()
            let codes = try plain.raw().colorCodes
            #expect(codes.isEmpty, "\(codes)")
            let coloured = try await TmuxSession.console(on: folder, 80, 24)
            try await coloured.expectQuit()
            #expect(try !coloured.raw().colorCodes.isEmpty)
        }

        @Test func `a locale without Unicode is drawn in ASCII`() async throws {
            let folder = try await SampleStore.copy()
            let session = try await TmuxSession.console(
                on: folder, 80, 24, environment: ["LC_ALL": "C", "LANG": "C"])
            for (key, sign) in [("3", "alice"), ("4", "globex"), ("1", "1Ov")] {
                try await session.press(key)
                let screen = try await session.wait(for: sign)
                #expect(screen.utf8.allSatisfy { $0 < 0x80 }, "\(screen)")
            }
            try await session.expectQuit()
            #expect(try session.raw().utf8.allSatisfy { $0 < 0x80 })
        }

        @Test func `a pasted text is no command`() async throws {
            let folder = try await SampleStore.copy()
            let session = try await TmuxSession.console(on: folder, 80, 24)
            try await session.tmux("set-buffer", "q\nq\n")
            try await session.tmux("paste-buffer", "-p")
            try await session.press("4")
            try await session.wait(for: "globex")
            try await session.expectQuit()
        }

        /// What a program switches on in the terminal it must switch off.
        private func expectBalanced(_ raw: String) throws {
            for mode in ["1049", "1000", "1002", "1003", "1004", "1006", "2004", "2026"] {
                let last = raw.matches(of: /\u{1b}\[\?([0-9;]+)([hl])/)
                    .last { $0.output.1.split(separator: ";").contains(Substring(mode)) }
                #expect(last?.output.2 != "h", "mode \(mode) was left on")
            }
            let cursor = raw.matches(of: /\u{1b}\[\?[0-9;]*25[0-9;]*([hl])/).last
            #expect(cursor?.output.1 != "l", "the cursor was left hidden")
        }
    }
}
