import Foundation
import Testing

extension ConsoleInTerminal {
    @Suite struct Views {
        @Test func `every view is one key away and q quits`() async throws {
            let folder = try await SampleStore.copy()
            let session = try await TmuxSession.console(on: folder)
            for (key, sign) in [
                ("2", "zoom"), ("3", "alice"), ("4", "globex"), ("5", "list"), ("7", "ebuild"),
                ("8", "journal"),
                ("9", "follow"), ("1", "Deny rate"),
            ] {
                try await session.press(key)
                try await session.wait(for: sign)
            }
            try await session.press("6")
            try await session.wait(for: "later version")
            try await session.expectQuit()
        }

        @Test func `an incident is acknowledged, and that taken back`() async throws {
            let folder = try await SampleStore.copy()
            let session = try await TmuxSession.console(on: folder)
            try await session.press("3")
            try await session.wait(for: "alice")
            try await session.press("a")
            try await session.wait(for: "undo")
            // That is said at once; the store has it a moment later, and leaving would stop it before.
            try await eventually("the store has it") {
                try await states(of: folder).contains("acknowledged")
            }
            try await session.expectQuit()

            try await session.run("$VERDICT console --store \(folder.store)")
            try await session.wait(for: "1 Overview")
            try await session.press("3")
            try await session.wait(for: "alice")
            try await session.press("a")
            try await session.wait(for: "undo")
            try await session.press("u")
            try await session.wait(toSee: "the undo told") { !$0.contains("undoes") }
            try await session.expectQuit()
        }

        private func states(of folder: TemporaryFolder) async throws -> [String] {
            let run = try await verdict("anomalies", "--store", folder.store, "--json")
            return try run.objects().compactMap { $0["state"].text }
        }

        @Test func `a recall that is asked for in the console is kept in the store`() async throws {
            let folder = try await SampleStore.copy()
            let session = try await TmuxSession.console(on: folder)
            try await session.press("7")
            try await session.wait(for: "R rebuild")
            try await session.type(":recall 0.9")
            try await session.press("Enter")
            try await session.wait(for: "≥ 90.0 %")
            try await session.expectQuit()
            let frame = try await verdict(
                "frame", "--view", "index", "--size", "80x24", "--store", folder.store)
            #expect(frame.output.contains("≥ 90.0 %"), "\(frame.output)")
        }

        @Test func `a rebuild asks, runs to its end and tells before and after`() async throws {
            let folder = try await SampleStore.copy()
            let session = try await TmuxSession.console(on: folder)
            try await session.press("7")
            try await session.wait(for: "R rebuild")
            try await session.press("R")
            try await session.wait(for: "Rebuild the index of")
            // Enter is not yes: the dialog's default is no.
            try await session.press("Enter")
            try await session.press("R")
            try await eventually("the dialog took its yes") {
                try await session.press("y")
                let screen = try await session.screen()
                return screen.contains("before") && screen.contains("after")
            }
            try await session.expectQuit()
        }

        @Test func `codes that are chosen at the start are made by a job, and others from the list`()
            async throws
        {
            let folder = try await SampleStore.copy()
            let session = try await TmuxSession.console(on: folder, options: "--quantization sq4")
            try await session.press("7")
            try await session.wait(for: "#1 rebuild sq4")
            // While the job still measures others cannot be chosen.
            try await session.wait(toSee: "the end of the first job") {
                $0.contains("196 B a vector  7.8×") && $0.contains("│ done ")
            }
            try await session.press("Q")
            try await session.wait(for: "✓ sq4")
            try await session.press("Up", "Enter")
            try await session.wait(for: "sq4 → sq8")
            try await eventually("the dialog took its yes") {
                try await session.press("y")
                return try await session.screen().contains("#2 rebuild sq8")
            }
            // Leaving while the job still measures would be asked about.
            try await session.wait(toSee: "the end of the second job") {
                $0.contains("sq8  64 B") && $0.contains("│ done ")
            }
            try await session.expectQuit()
            let stats = try await folder.stats()
            #expect(stats["index"]["quantization"].text == "sq8")
        }

        @Test func `the terminal may change its size at any time`() async throws {
            let folder = try await SampleStore.copy()
            let session = try await TmuxSession.console(on: folder, 80, 24)
            for (columns, rows) in [(120, 36), (40, 10), (200, 50), (80, 24)] {
                try await session.resize(columns, rows)
                try await session.wait(toSee: "a screen of \(columns)x\(rows)") { screen in
                    let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
                    let widest = lines.map(\.cellWidth).max() ?? 0
                    return lines.count >= rows - 1 && (columns - 3...columns).contains(widest)
                }
            }
            try await session.expectQuit()
        }

        @Test func `the demo opens on its own`() async throws {
            let session = try await TmuxSession(120, 36)
            try await session.run("$VERDICT demo --seed 3")
            try await session.wait(for: "demo", seconds: 60)
            try await session.wait(for: "OPERATE")
            try await session.press("4")
            try await session.wait(for: "globex", seconds: 60)
            try await session.press("q")
            try await eventually("the demo ended") {
                try await session.press("y")
                return try await session.screen().contains("ready>")
            }
        }

        @Test func `an empty store offers a beginning`() async throws {
            let folder = try TemporaryFolder()
            let session = try await TmuxSession(80, 24, environment: ["XDG_DATA_HOME": folder.url.path])
            try await session.run("$VERDICT")
            let screen = try await session.wait(for: "demo")
            #expect(screen.localizedCaseInsensitiveContains("open"))
            #expect(screen.localizedCaseInsensitiveContains("connect"))
            try await session.expectQuit()
        }

        @Test func `hostile names are shown escaped`() async throws {
            let folder = try await SampleStore.copy()
            let session = try await TmuxSession.console(on: folder)
            for key in ["3", "4", "5", "9", "1"] {
                try await session.press(key)
                _ = try await session.screen()
            }
            try await session.expectQuit()
            let raw = try session.raw()
            #expect(!raw.contains("\u{1b}]0;owned"))
            #expect(!raw.contains("\u{202e}"))
        }
    }
}
