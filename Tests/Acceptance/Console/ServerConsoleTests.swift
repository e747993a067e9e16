import PostgresStore
import PostgresTesting
import Testing

extension ConsoleInTerminal {
    /// The console on a store that a server keeps.
    @Suite struct ServerConsole {
        @Test func `a session on a server triages, and rebuilds where it was started to`() async throws {
            let database = try StoreDatabase(.eighteenWithVectors)
            defer { database.drop() }
            let run = try await verdict(
                "ingest", "--store", database.address, Fixture.path("native.jsonl"))
            #expect(run.status == 0, "\(run.errors)")
            let session = try await TmuxSession(120, 36)
            try await session.run("$VERDICT console --store '\(database.address)'")
            try await session.wait(for: "TRIAGE")
            try await session.press("7", "R")
            try await session.wait(for: "needs access operate: start with --write")
            try await session.expectQuit()
            try await session.run("$VERDICT console --write --store '\(database.address)'")
            try await session.wait(for: "OPERATE")
            try await session.expectQuit()
        }

        @Test func `a server that is away at the start, and later, is waited for by itself`() async throws {
            let server = try PostgresServer(.fifteen)
            let database = try StoreDatabase(on: server)
            defer { database.drop() }
            let run = try await verdict(
                "ingest", "--store", database.address, Fixture.path("native.jsonl"))
            #expect(run.status == 0, "\(run.errors)")
            try server.stop()
            let session = try await TmuxSession(80, 24)
            try await session.run("$VERDICT console --store '\(database.address)'")
            try await session.wait(for: "the store could not be opened")
            try await session.wait(for: "it is opened by itself")
            try server.start()
            try await session.wait(for: "● ")
            // The names of all screens are always there: only Metrics can be zoomed.
            try await session.press("2")
            try await session.wait(for: "zoom in")

            try server.stop(.immediate)
            let away = try await session.wait(for: "the server does not answer")
            #expect(away.contains("shown is what it had"))
            try await session.wait(for: "retry in")
            // Keys are alive: another view, searches that the mirror answers with its age, and help.
            try await session.press("4")
            try await session.wait(toSee: "the tenants") {
                $0.contains("initech") && !$0.contains("zoom in")
            }
            try await expectAnswersOfTheMirror(in: session)
            try await session.press("?")
            try await session.wait(for: "What can be done here")
            try await session.press("Escape")
            try await session.wait(toSee: "the screen again") { !$0.contains("What can be done here") }
            // The mirror is late by now, and told before the server.
            try await session.press("8")
            try await session.wait(for: "mirror  degraded")
            try await session.press("Down")
            try await session.wait(toSee: "when the server is asked again") { screen in
                screen.split { $0.isWhitespace || $0 == "│" }.joined(separator: " ").contains(
                    "asked again in")
            }
            try server.start()
            try await session.wait(toSee: "the server back") { !$0.contains("does not answer") }

            try server.stop(.immediate)
            try await session.wait(for: "the server does not answer")
            let start = ContinuousClock.now
            try await session.press("q")
            try await session.waitForPrompt()
            #expect(ContinuousClock.now - start < .seconds(40))
        }

        /// Searches in a console on `native.jsonl` whose server is away.
        private func expectAnswersOfTheMirror(in session: TmuxSession) async throws {
            try await session.press("5", "/")
            try await session.type("tenant:globex")
            try await session.press("Enter")
            try await session.wait(toSee: "the decisions of globex") { screen in
                screen.contains("2 of 20") && screen.contains("carol") && screen.contains("erin")
                    && !screen.contains("alice")
            }
            // How old the mirror is, is told once it is late: the same is asked again until then.
            try await eventually("an answer that says how old it is") {
                try await session.press("r")
                return try await session.screen().contains(#/list  \d+ [sm] old/#)
            }
            try await session.press("m")
            let near = try await session.wait(toSee: "what is near, as the mirror has it") {
                $0.contains(#/mirror-(exact|graph)  \d+ [sm] old/#)
            }
            // Those of every tenant are compared.
            #expect(near.contains("similarity") && near.contains("alice"), "\(near)")
            #expect(near.contains("the server does not answer"), "\(near)")
        }

        @Test func `a server that is away is left for another store, without waiting`() async throws {
            let server = try PostgresServer(.fifteen)
            let database = try StoreDatabase(on: server)
            defer { database.drop() }
            let other = try TemporaryFolder()
            for address in [database.address, "memory:\(other.path("store"))"] {
                let run = try await verdict("ingest", "--store", address, Fixture.path("native.jsonl"))
                #expect(run.status == 0, "\(run.errors)")
            }
            let session = try await TmuxSession(120, 36)
            session.keep(other)
            try await session.run("$VERDICT console --store '\(database.address)'")
            try await session.wait(for: "7 decisions")
            try server.stop(.immediate)
            try await session.wait(for: "the server does not answer")
            try await session.type(":connect nonsense")
            try await session.press("Enter")
            try await session.wait(for: "connect: ")
            try await session.type(":connect memory:\(other.path("store"))")
            try await session.press("Enter")
            try await session.wait(toSee: "the other store") {
                $0.contains("OPERATE") && !$0.contains("does not answer")
            }
            // By what only these views show: their names are on every screen.
            try await session.press("7")
            try await session.wait(for: "Links a node")
            // One that cannot even be tried leads back to this one.
            try await session.type(":connect postgres://nobody/there?colour=red")
            try await session.press("Enter")
            try await session.wait(toSee: "the store before, from its beginning") {
                $0.contains("OPERATE") && $0.contains("Decisions/s")
            }
            try await session.press("9")
            try await session.wait(for: "the other store was not opened: ")
            try await session.expectQuit()
        }

        @Test func `a console on a standby looks only and says why, and commands write nothing there`()
            async throws
        {
            let primary = try PostgresServer(.fifteen)
            let database = try StoreDatabase(on: primary)
            defer { database.drop() }
            let run = try await verdict(
                "ingest", "--store", database.address, Fixture.path("native.jsonl"))
            #expect(run.status == 0, "\(run.errors)")
            // It is a copy of all that is there.
            let standby = try PostgresServer(.fifteen, following: primary, as: "one")
            defer { try? standby.stop(.immediate) }
            let address = standby.address(database: database.database.name)
            let reason = "the server is a standby: name the primary server"
            // Wide enough for the header to have room for the reason.
            let session = try await TmuxSession(280, 50)
            // Whoever may write elsewhere may not here.
            try await session.run("$VERDICT console --write --store '\(address)'")
            let screen = try await session.wait(toSee: "why nothing is written") {
                $0.contains("VIEW") && $0.contains(reason) && $0.contains("7 decisions")
            }
            #expect(!screen.contains("OPERATE") && !screen.contains("TRIAGE"), "\(screen)")
            try await session.press("7", "R")
            try await session.wait(for: "rebuild: \(reason)")
            try await session.expectQuit()
            let folder = try TemporaryFolder()
            let log = try folder.write(NativeLog.line("late"), to: "late.jsonl")
            for words in [["delete", "--yes", "tenant:acme"], ["rebuild"], ["ingest", log]] {
                let refused = try await verdict([words[0], "--store", address] + words.dropFirst())
                #expect(refused.status == 1, "\(words): \(refused.output)")
                #expect(refused.errors.contains(reason), "\(words): \(refused.errors)")
            }
            #expect(try database.rows() == 7)
        }

        @Test func `a mirror of more than 200 MB is asked for before it is read`() async throws {
            let database = try StoreDatabase(.fifteen)
            defer { database.drop() }
            let run = try await verdict(
                "ingest", "--store", database.address, Fixture.path("native.jsonl"))
            #expect(run.status == 0, "\(run.errors)")
            // What the server counted last decides, and that is as many as it is told.
            try database.run(
                "update pg_class set reltuples = 2000000, relpages = 1 where oid = 'decision_vectors'::regclass"
            )
            let session = try await TmuxSession(120, 36)
            for command in ["stats", "console"] {
                try await session.run("clear; $VERDICT \(command) --store '\(database.address)'")
                try await session.wait(for: "Go on? [y/N]")
                try await session.press("n", "Enter")
                try await session.wait(for: "nothing was read; answer y to hold the mirror in memory")
                try await session.waitForPrompt()
            }
            try await session.run("clear; $VERDICT stats --store '\(database.address)'")
            try await session.wait(for: "Go on? [y/N]")
            try await session.press("y", "Enter")
            try await session.wait(for: "last insert")
            // Without a terminal it goes on.
            let stats = try await verdict("stats", "--store", database.address, "--json")
            #expect(
                stats.status == 0 && stats.errors.contains("reading the mirror: about "), "\(stats.errors)")
        }
    }
}
