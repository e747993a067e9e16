import Foundation
import Testing

extension Commands {
    @Suite struct Usage {
        static let commands = [
            "console", "demo", "ingest", "parse", "embed", "score", "search", "anomalies", "tenants", "stats",
            "health", "rebuild", "delete", "export", "import", "migrate", "frame", "themes", "generate",
            "evaluate", "bench", "risk", "policies", "incident", "report", "log", "alerts",
        ]

        @Test func `help lists every command, and none that is not built`() async throws {
            let run = try await verdict("--help")
            #expect(run.status == 0)
            #expect(run.errors.isEmpty)
            for command in Self.commands { #expect(run.output.contains("  \(command) "), "\(command)") }
            for command in ["backup", "restore"] {
                #expect(!run.output.contains("  \(command) "), "\(command)")
            }
        }

        @Test(arguments: commands)
        func `each command has a page of help`(command: String) async throws {
            let run = try await verdict(command, "--help")
            #expect(run.status == 0)
            #expect(run.output.contains("USAGE: verdict \(command)"))
        }

        @Test func `the version tells build, recipe and schema`() async throws {
            let run = try await verdict("--version")
            #expect(run.status == 0)
            #expect(run.output.contains(/[0-9]+\.[0-9]+\.[0-9]+/))
            #expect(run.output.contains("recipe") && run.output.contains("schema"))
        }

        @Test func `help may be asked for by word`() async throws {
            #expect(try await verdict("help").status == 0)
            let run = try await verdict("help", "ingest")
            #expect(run.status == 0 && run.output.contains("USAGE: verdict ingest"))
        }

        @Test(arguments: ["bash", "zsh", "fish"])
        func `completions are printed`(shell: String) async throws {
            let run = try await verdict("--generate-completion-script", shell)
            #expect(run.status == 0)
            #expect(run.output.contains("verdict") && run.output.contains("ingest"))
        }

        @Test(arguments: [
            ["parse", Fixture.path("native.jsonl")], ["embed", Fixture.path("native.jsonl")],
            ["generate", "--seed", "1", "--decisions", "3", "--tenants", "1", "--days", "1"],
            ["bench", "--suite", "embed", "--decisions", "1000"],
            ["bench", "--suite", "engine", "--decisions", "1000"],
        ])
        func `what is always JSON takes the option too`(words: [String]) async throws {
            let run = try await verdict(words + ["--json"])
            #expect(run.status == 0, "\(run.errors)")
            #expect(try !run.objects().isEmpty)
        }

        @Test(arguments: [
            ["--no-such-option"], ["stats", "--no-such-option"], ["no-such-command"],
            ["backup", "x"],
            ["restore", "x"], ["evaluate", "x"], ["ingest"], ["parse"], ["export"], ["import"],
            ["search", "-k"],
            ["generate"], ["stats", "unexpected"], ["incident"], ["incident", "K7F2", "frobnicate"],
            ["incident", "K7F2", "resolve"],
            ["incident", "K7F2", "snooze", "soon"], ["incident", "K7F2", "note"],
            ["incident", "K7F2", "ack", "now"],
            ["incident", "K7F2", "--markdown", "--json"], ["report", "--since", "yesterday"],
            ["log", "forge"],
            ["import", "x.jsonl", "--as", ""], ["rebuild", "--as", ""],
            ["delete", "--id", "x", "--yes", "--as", ""], ["ingest", "x", "--as", "ben"],
            ["log", "--last", "0"], ["ingest", "--format", "syslog", "x"],
            ["stats", "--store", "mysql://x"], ["stats", "--store", ""], ["search", "--now", "noon"],
            ["health", "--store", "mysql://x", "--json"], ["search", "--like", ""],
            ["risk"], ["risk", "x.jsonl", "--decision", "{}"], ["risk", "--decision", "{"],
            ["policies", "--limit", "0"],
            ["bench"], ["bench", "--suite", "search"], ["bench", "--suite", "bogus"],
            ["bench", "--data", "x", "--element", "bits"], ["bench", "--data", "x", "--efc", "3"],
            ["bench", "--data", "x", "--suite", "life", "--inserted"],
            ["bench", "--data", "x", "--quantization", "pq8", "--inserted"],
            ["bench", "--suite", "engine", "--log", "x"], ["bench", "--suite", "engine", "--minutes", "61"],
            ["bench", "--data", "x", "--seconds", "0"], ["bench", "--data", "x", "--kernel", "bogus"],
            ["frame", "--keys", "Bogus"], ["backup", "-h"], ["bench", "--suite", "detection"],
            ["evaluate", "x", "--labels", "y", "--protocol", "future"],
            ["evaluate", "x", "--labels", "y", "--warm-up", "2"],
            ["evaluate", "x", "--labels", "y", "--alpha", "0"],
            ["restore", "x", "--help"], ["completions", "--help"], ["help", "restore"], [""],
        ])
        func `what cannot be understood exits 2 and prints nothing to standard output`(words: [String])
            async throws
        {
            let folder = try TemporaryFolder()
            let run = try await verdict(words, environment: ["XDG_DATA_HOME": folder.url.path])
            #expect(run.status == 2)
            #expect(run.output.isEmpty)
            #expect(!run.errors.isEmpty)
        }

        @Test(arguments: [
            ["search"], ["anomalies"], ["tenants"], ["stats"], ["health"], ["rebuild"], ["delete", "id:x"],
            ["export", "x.jsonl"], ["import", "x.jsonl"], ["migrate"], ["policies"], ["risk", "x.jsonl"],
            ["incident", "K7F2"], ["report"], ["log", "verify"],
        ])
        func `an ephemeral store keeps nothing between commands`(words: [String]) async throws {
            let run = try await verdict([words[0], "--store", "memory:"] + words.dropFirst())
            #expect(run.status == 2)
            #expect(run.errors.contains("memory: keeps nothing between commands"))
        }

        @Test(arguments: [["stats"], ["search"], ["health"], ["ingest", "-"], ["tenants"]])
        func `a server that is not there is told without its password`(words: [String]) async throws {
            for address in [
                "postgres://verdict:s3cret@127.0.0.1:1/authz",
                "postgresql://127.0.0.1:1/authz?password=s3cret",
            ] {
                let run = try await verdict([words[0], "--store", address] + words.dropFirst())
                #expect(run.status == 1)
                // Health answers: the store has failed.
                let told = words == ["health"] ? run.output : run.errors
                #expect(told.contains("127.0.0.1:1/authz"), "\(run)")
                #expect(words == ["health"] || run.errors.split(separator: "\n").count == 1)
                #expect(!(run.output + run.errors).contains("s3cret"))
            }
        }

        @Test(arguments: [[], ["console"], ["demo"]])
        func `a console without a terminal exits 2`(words: [String]) async throws {
            let folder = try TemporaryFolder()
            let run = try await verdict(
                words, environment: ["XDG_DATA_HOME": folder.url.path, "TERM": "xterm"])
            #expect(run.status == 2)
            #expect(run.output.isEmpty)
            #expect(run.errors.contains("terminal"))
        }

        @Test func `a store is named by option, environment, configuration, in this order`() async throws {
            let folder = try TemporaryFolder()
            for name in ["option", "environment", "file"] {
                let log = try folder.write(NativeLog.line(name), to: "\(name).jsonl")
                let run = try await verdict("ingest", "--store", "memory:\(folder.path(name))", log)
                #expect(run.status == 0, "\(run.errors)")
            }
            let configuration = try folder.write(
                "store: live\nstores:\n  live: memory:\(folder.path("file"))\n", to: "config.yaml")
            func first(_ words: [String], _ environment: [String: String] = [:]) async throws -> String? {
                let run = try await verdict(
                    ["search", "--json", "--config", configuration] + words, environment: environment)
                return try run.object()["results"][0]["id"].text
            }
            let environment = ["VERDICT_STORE": "memory:\(folder.path("environment"))"]
            #expect(try await first([]) == "file")
            #expect(try await first([], environment) == "environment")
            #expect(try await first(["--store", "memory:\(folder.path("option"))"], environment) == "option")
            #expect(try await first(["--store", "live"], environment) == "file")
        }

        @Test func `the default store is empty until something is ingested, a named one must exist`()
            async throws
        {
            let folder = try TemporaryFolder()
            let home = ["XDG_DATA_HOME": folder.url.path]
            let empty = try await verdict(["stats", "--json"], environment: home)
            #expect(empty.status == 0, "\(empty.errors)")
            #expect(try empty.object()["vectors"].integer == 0)
            #expect(!folder.exists("verdict"))
            let named = try await verdict("stats", "--store", folder.store)
            #expect(named.status == 1)
            #expect(named.errors.contains(folder.path("store")))
            let made = try await verdict(["ingest", Fixture.path("native.jsonl")], environment: home)
            #expect(made.status == 0, "\(made.errors)")
            let filled = try await verdict(["stats", "--json"], environment: home)
            #expect(try filled.object()["vectors"].integer == 7)
        }
    }
}
