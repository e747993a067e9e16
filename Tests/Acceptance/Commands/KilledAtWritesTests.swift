import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#endif

extension Commands {
    /// What is in a store after the program was killed at any call that changes its files.
    @Suite struct KilledAtWrites {
        /// Whether every moment is tried, on logs long enough for incidents; otherwise some, and those around
        /// renames.
        private static let triesAll =
            ProcessInfo.processInfo.environment["VERDICT_KILLED_AT_EVERY_WRITE"] != nil
        /// One moment in so many is tried beside those around renames.
        private static let stride = 40

        @Test func `a kill at any write loses nothing acknowledged, and doing it again completes it`()
            async throws
        {
            let scene = try await KillScene(linesPerFile: Self.triesAll ? 450 : 30)
            for step in try scene.steps() {
                let outcome = try await scene.begin(step)
                for moment in Self.moments(of: outcome.calls) {
                    try await scene.check(step, outcome, killedAt: moment)
                }
                try scene.end(outcome)
            }
        }

        /// The moments that are tried of a run with these calls.
        private static func moments(of calls: [KillAtWrite.Call]) -> [KillAtWrite.Moment] {
            // Another run may make a few calls more, as threads take turns otherwise.
            let whole = (1...calls.count + (triesAll ? 3 : 0)).map { call in
                KillAtWrite.Moment(call: call, isTorn: false)
            }
            let torn = calls.indices.filter { calls[$0].name == "write" }.map { place in
                KillAtWrite.Moment(call: place + 1, isTorn: true)
            }
            if triesAll { return whole + torn }
            let renames = calls.indices.filter { calls[$0].name == "rename" }
            let around = renames.flatMap { [$0 + 1, $0 + 2] }.filter { $0 <= calls.count }.map { call in
                KillAtWrite.Moment(call: call, isTorn: false)
            }
            let others = (whole + torn).enumerated().filter { ($0.offset + 11) % stride == 0 }.map(\.element)
            let commits = calls.indices.last { calls[$0].isCommit }.map { place in
                KillAtWrite.Moment(call: place + 1, isTorn: true)
            }
            return around + others + (commits.map { [$0] } ?? [])
        }
    }
}

/// A store on which the same steps are done again and again, each killed at another moment.
private struct KillScene {
    /// One command, and what it may leave when it is killed.
    struct Step {
        enum Effect {
            /// Adds lines, file by file.
            case adds
            /// Takes lines away, all of them or none.
            case removes
            case keeps
        }
        var words: [String]
        var effect: Effect
        /// The lines it adds.
        var given: Set<String> = []
    }

    /// What a step does when nothing kills it.
    struct Outcome {
        var before: Set<String>
        var after: Set<String>
        var incidents: Set<String>
        var calls: [KillAtWrite.Call]
    }

    private let folder: TemporaryFolder
    private let library: KillAtWrite
    private let linesPerFile: Int
    private static let files = 3
    /// A text that makes a few lines a journal long enough for a snapshot.
    private static let padding = String(repeating: "x", count: 4_000)

    init(linesPerFile: Int) async throws {
        folder = try TemporaryFolder()
        library = try await KillAtWrite()
        self.linesPerFile = linesPerFile
    }

    /// Several commits, a snapshot with smaller codes, a deletion, and several commits with a snapshot.
    func steps() throws -> [Step] {
        let (first, second) = (try logs("first", from: 0), try logs("second", from: Self.files))
        return [
            Step(words: ["ingest"] + first.paths, effect: .adds, given: first.ids),
            Step(words: ["rebuild", "--quantization", "sq4"], effect: .keeps),
            Step(words: ["delete", "--yes", "kind:report"], effect: .removes),
            Step(words: ["ingest"] + second.paths, effect: .adds, given: second.ids),
        ]
    }

    private func logs(_ name: String, from first: Int) throws -> (paths: [String], ids: Set<String>) {
        let all = NativeLog.routine(linesPerFile * (first + Self.files)).split(separator: "\n").map { line in
            first == 0 ? line + "\n" : line.dropLast() + ",\"note\":\"\(Self.padding)\"}\n"
        }
        var paths: [String] = []
        var ids: Set<String> = []
        for file in first..<first + Self.files {
            let start = file * linesPerFile
            var lines = all[start..<start + linesPerFile].map(String.init)
            if file + 1 == first + Self.files {
                lines += NativeLog.intrusion(4, from: (start + linesPerFile) * 10)
                    .replacingOccurrences(of: "\"x-", with: "\"x-\(name)-")
                    .split(separator: "\n").map { $0 + "\n" }
            }
            for line in lines { ids.insert(try #require(try JSON(parsing: line)["id"].text)) }
            paths.append(try folder.write(lines.joined(), to: "\(name)-\(file).jsonl"))
        }
        return (paths, ids)
    }

    /// Does a step undisturbed, and keeps the store as it was before and is after it.
    func begin(_ step: Step) async throws -> Outcome {
        let before = Set(try await lines())
        try keep(as: "before")
        let run = try await library.run(words(step), on: folder.path("store"))
        #expect(run.result.status == 0, "\(run.result.errors)")
        let after = try await lines()
        let gone = before.subtracting(after)
        let ids = try Set(after).subtracting(before).map { try #require(try JSON(parsing: $0)["id"].text) }
        #expect(Set(ids) == step.given && ids.count == step.given.count)
        #expect(gone.isEmpty == (step.effect != .removes))
        #expect(run.calls.contains { $0.name == "write" })
        let incidents = try await incidents()
        try keep(as: "after")
        return Outcome(before: before, after: Set(after), incidents: incidents, calls: run.calls)
    }

    /// Leaves the store as the undisturbed step did.
    func end(_ outcome: Outcome) throws { try bringBack("after") }

    /// Does a step until a moment, looks at what is there, and does it again.
    func check(_ step: Step, _ outcome: Outcome, killedAt moment: KillAtWrite.Moment) async throws {
        try bringBack("before")
        let run = try await library.run(words(step), on: folder.path("store"), until: moment)
        let name: Comment = "\(step.words[0]) \(moment): \(run.end ?? "not killed")"
        #expect(run.result.status == (run.end == nil ? 0 : 128 + SIGKILL), name)
        let found = try await lines()
        #expect(Set(found).count == found.count, name)
        let held = Set(found)
        switch step.effect {
        case .adds:
            #expect(held.isSuperset(of: outcome.before) && held.isSubset(of: outcome.after), name)
            // Each file is one commit, in order.
            let commits = min(run.calls.count(where: \.isCommit), Self.files)
            #expect(held.count >= outcome.before.count + commits * linesPerFile, name)
        case .removes: #expect(held == outcome.before || held == outcome.after, name)
        case .keeps: #expect(held == outcome.before, name)
        }
        let again = try await verdict(words(step))
        #expect(again.status == 0, "\(name): \(again.errors)")
        let completed = try await lines()
        #expect(Set(completed) == outcome.after && completed.count == outcome.after.count, name)
        let health = try await verdict("health", "--store", folder.store)
        #expect(health.status == 0, "\(name): \(health.output)")
        #expect(try await incidents() == outcome.incidents, name)
    }

    private func words(_ step: Step) -> [String] {
        [step.words[0], "--store", folder.store] + step.words.dropFirst()
    }

    /// The lines that a reader finds in the store; none when there is no store yet.
    private func lines() async throws -> [String] {
        guard folder.exists("store") else { return [] }
        let file = folder.path("exported.jsonl")
        try? FileManager.default.removeItem(atPath: file)
        let run = try await verdict("export", "--store", folder.store, file)
        #expect(run.status == 0, "\(run.errors)")
        return try folder.read("exported.jsonl").split(separator: "\n").map(String.init)
    }

    /// What the incidents say, without their names.
    private func incidents() async throws -> Set<String> {
        let run = try await verdict("anomalies", "--store", folder.store, "--json")
        #expect(run.status == 0, "\(run.errors)")
        return Set(
            try run.objects().map { incident in
                "\(incident["principal"]) \(incident["kind"]) \(incident["count"]) \(incident["members"].texts)"
            })
    }

    private func keep(as name: String) throws {
        try? FileManager.default.removeItem(atPath: folder.path(name))
        guard folder.exists("store") else { return }
        try FileManager.default.copyItem(atPath: folder.path("store"), toPath: folder.path(name))
    }

    private func bringBack(_ name: String) throws {
        try? FileManager.default.removeItem(atPath: folder.path("store"))
        guard folder.exists(name) else { return }
        try FileManager.default.copyItem(atPath: folder.path(name), toPath: folder.path("store"))
    }
}
