import Testing

extension Commands {
    /// The codes that somebody chooses for a store when it is opened, without knowing of rebuilds.
    @Suite struct Quantizations {
        private func check(_ folder: TemporaryFolder) async throws -> JSON? {
            let run = try await verdict("health", "--store", folder.store, "--json")
            return try run.object()["checks"].items.first { $0["name"].text == "quantization" }
        }

        @Test func `what is chosen at the first ingest is made by a job at its end, and kept`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(150), "--quantization", "sq4")
            #expect(try await folder.stats()["index"]["quantization"].text == "sq4")
            #expect(try await check(folder)?["detail"].text == "sq4 in use")
            let frame = try await verdict(
                "frame", "--view", "index", "--size", "120x36", "--store", folder.store)
            #expect(frame.output.contains("#1 rebuild sq4"), "\(frame.output)")
            // Who says nothing leaves it.
            try await folder.ingest(NativeLog.routine(160))
            #expect(try await folder.stats()["index"]["quantization"].text == "sq4")
            #expect(
                try await verdict("rebuild", "--store", folder.store, "--quantization", "sq8").status == 0)
            try await folder.ingest(NativeLog.routine(170))
            #expect(try await folder.stats()["index"]["quantization"].text == "sq8")
            try await folder.ingest(NativeLog.routine(180), "--quantization", "none")
            #expect(try await folder.stats()["index"]["quantization"].text == "none")
            #expect(try await folder.stats()["vectors"].integer == 180)
        }

        @Test func `an import takes a choice as an ingest does`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(150))
            let file = folder.path("all.jsonl")
            #expect(try await verdict("export", file, "--store", folder.store).status == 0)
            let target = try TemporaryFolder()
            let words = ["import", file, "--store", target.store, "--quantization"]
            let wrong = try await verdict(words + ["pq9"])
            #expect(wrong.status == 2 && !target.exists("store"))
            let run = try await verdict(words + ["sq4", "--json"])
            #expect(run.status == 0, "\(run.errors)")
            #expect(try run.object()["vectors"].integer == 150)
            #expect(try await target.stats()["index"]["quantization"].text == "sq4")
            #expect(try await check(target)?["detail"].text == "sq4 in use")
        }

        @Test func `what needs training waits for its vectors, and says so`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(150), "--quantization", "pq8")
            let stats = try await folder.stats()
            #expect(stats["index"]["quantization"].text == "none")
            let now = try #require(stats["distinct"].integer)
            let sentence = "pq8 chosen, trained at 10,000 vectors (\(now) now)"
            #expect(try await check(folder)?["detail"].text == sentence)
            #expect(try await check(folder)?["status"].text == "ok")
            let table = try await verdict("stats", "--store", folder.store)
            #expect(table.output.contains(sentence), "\(table.output)")
            // Of nothing nothing is built, but it is chosen.
            let empty = try TemporaryFolder()
            try await empty.ingest("", "--quantization", "pq4")
            #expect(try await check(empty)?["detail"].text?.hasPrefix("pq4 chosen") == true)
            #expect(try await verdict("rebuild", "--store", empty.store, "--quantization", "sq4").status == 0)
            #expect(try await check(empty)?["detail"].text?.hasPrefix("sq4") == true)
        }

        @Test func `the option comes before the store's own key, and that before the general one`()
            async throws
        {
            let folder = try TemporaryFolder()
            let log = try folder.write(NativeLog.routine(60), to: "log.jsonl")
            func choice(_ configuration: String, _ options: String...) async throws -> String? {
                let file = try folder.write(configuration, to: "config.yaml")
                let run = try await verdict(["ingest", "--store", "s", "--config", file, log] + options)
                #expect(run.status == 0, "\(run.errors)")
                return try await folder.stats()["index"]["quantization"].text
            }
            let named = "stores:\n  s:\n    address: \(folder.store)\n"
            #expect(try await choice("quantization: sq8\n" + named) == "sq8")
            let both = "quantization: sq8\n" + named + "    quantization: sq4\n"
            #expect(try await choice(both) == "sq4")
            #expect(try await choice(both, "--quantization", "none") == "none")
            #expect(try await choice(named) == "none")
        }

        @Test(arguments: ["ingest", "console"])
        func `a name that is none is a mistake, as an option and in the configuration`(command: String)
            async throws
        {
            let folder = try TemporaryFolder()
            let words = [command, "--store", folder.store] + (command == "ingest" ? ["x.jsonl"] : [])
            let option = try await verdict(words + ["--quantization", "pq9"])
            #expect(option.status == 2)
            #expect(option.errors.contains("none, sq8, sq4, pq4, pq8, pq16"))
            let file = try folder.write("quantization: pq9\n", to: "config.yaml")
            let key = try await verdict(words + ["--config", file])
            #expect(key.status == 2)
            #expect(key.errors.contains("`quantization` must be one of none, sq8, sq4, pq4, pq8, pq16"))
            #expect(!folder.exists("store"))
        }

        @Test(arguments: ["none", "sq8", "sq4", "pq4", "pq8", "pq16"])
        func `every quantization can be chosen in both places`(name: String) async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write("quantization: \(name)\n", to: "config.yaml")
            let log = try folder.write(NativeLog.line("a"), to: "log.jsonl")
            let run = try await verdict("ingest", "--store", folder.store, "--config", file, log)
            #expect(run.status == 0, "\(run.errors)")
            #expect(try await check(folder)?["detail"].text?.hasPrefix(name) == true)
            try await folder.ingest(NativeLog.line("b"), "--quantization", name)
        }
    }
}
