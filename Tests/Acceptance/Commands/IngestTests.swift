import Foundation
import Testing

extension Commands {
    @Suite struct Ingest {
        @Test func `native lines go in and are all counted`() async throws {
            let folder = try TemporaryFolder()
            let counts = try await folder.ingest(files: [Fixture.path("native.jsonl")])
            #expect(counts == IngestCounts(read: 7, accepted: 7))
            #expect(try await folder.stats()["vectors"].integer == 7)
        }

        @Test func `the answer has exactly the keys that were promised`() async throws {
            let folder = try TemporaryFolder()
            let run = try await verdict(
                "ingest", "--store", folder.store, "--json", Fixture.path("malformed.jsonl"))
            let answer = try run.object()
            #expect(
                answer.keys == [
                    "read", "accepted", "duplicates", "merged", "conflicts", "skipped", "rejected",
                    "seconds", "rejects",
                ])
            #expect(answer["seconds"].number != nil)
            #expect(answer["rejects"][0].keys == ["file", "line", "reason"])
        }

        @Test func `a second ingest gives only duplicates`() async throws {
            let folder = try TemporaryFolder()
            let log =
                NativeLog.routine(40) + NativeLog.line("r-00001", principal: "mallory")
                + NativeLog.line("r-00001", principal: "mallory")
                + NativeLog.line("r-00000", principal: "oscar") + "\n"
            let first = try await folder.ingest(log)
            #expect(
                first == IngestCounts(read: 44, accepted: 40, duplicates: 1, conflicts: 2, skipped: 1))
            #expect(try await folder.ingest(log) == first.again)
            #expect(try await folder.stats()["vectors"].integer == 42)
        }

        @Test func `a conflicting decision is kept under an identifier derived from it`() async throws {
            var identifiers: [Set<String>] = []
            for _ in 0..<2 {
                let folder = try TemporaryFolder()
                try await folder.ingest(
                    NativeLog.line("d", principal: "alice") + NativeLog.line("d", principal: "mallory"))
                let found = try await folder.search()["results"].items.compactMap { $0["id"].text }
                identifiers.append(Set(found))
            }
            #expect(identifiers[0] == identifiers[1])
            let derived = try #require(identifiers[0].first { $0 != "d" })
            #expect(derived.wholeMatch(of: /d~[0-9a-f]{12}/) != nil, "\(derived)")
        }

        @Test func `one identifier may belong to several tenants`() async throws {
            let folder = try TemporaryFolder()
            let counts = try await folder.ingest(
                NativeLog.line("same", tenant: "acme") + NativeLog.line("same", tenant: "globex"))
            #expect(counts == IngestCounts(read: 2, accepted: 2))
        }

        @Test func `audit events go in, once whatever carries them`() async throws {
            let folder = try TemporaryFolder()
            let lines = try await folder.ingest(files: [Fixture.path("kubernetes.audit.jsonl")])
            #expect(lines == IngestCounts(read: 7, accepted: 6, skipped: 1))
            let list = try await folder.ingest(files: [Fixture.path("kubernetes.eventlist.json")])
            #expect(list == lines.again)
        }

        @Test func `a later stage of an event is merged into it, an earlier one adds nothing`() async throws {
            let started = AuditEvent(stage: "ResponseStarted", microsecond: 1000)
            let complete = AuditEvent(stage: "ResponseComplete", microsecond: 9000)
            for (first, second, expected) in [
                (started, complete, IngestCounts(read: 2, accepted: 1, merged: 1)),
                (complete, started, IngestCounts(read: 2, accepted: 1, duplicates: 1)),
                (complete, complete, IngestCounts(read: 2, accepted: 1, duplicates: 1)),
            ] {
                let folder = try TemporaryFolder()
                let log = first.line + second.line
                let counts = try await folder.ingest(log)
                #expect(counts == expected)
                #expect(try await folder.ingest(log) == counts.again)
                let stored = try await folder.search()["results"]
                #expect(stored.items.count == 1)
                #expect(stored[0]["metadata"]["duration_us"].number == 9000)
            }
        }

        @Test func `an event that claims another event's identifier is a conflict`() async throws {
            let folder = try TemporaryFolder()
            var forged = AuditEvent(stage: "ResponseComplete", microsecond: 9000)
            forged.user = "system:admin"
            let log = AuditEvent(stage: "ResponseComplete", microsecond: 9000).line + forged.line
            let counts = try await folder.ingest(log)
            #expect(counts == IngestCounts(read: 2, accepted: 1, conflicts: 1))
            #expect(try await folder.ingest(log) == counts.again)
        }

        @Test func `stages of an event that claims another's identifier meet under one identifier`()
            async throws
        {
            let folder = try TemporaryFolder()
            let forged = ["ResponseStarted", "ResponseComplete", "Panic"].map { stage in
                AuditEvent(stage: stage, microsecond: 9000, user: "system:admin").line
            }
            let log = AuditEvent(stage: "ResponseComplete", microsecond: 9000).line + forged.joined()
            let counts = try await folder.ingest(log)
            #expect(counts == IngestCounts(read: 4, accepted: 1, merged: 2, conflicts: 1))
            #expect(try await folder.ingest(log) == counts.again)
            #expect(try await folder.stats()["vectors"].integer == 2)
        }

        @Test func `no line turns an annotated denial into an allowed request`() async throws {
            let folder = try TemporaryFolder()
            let event = AuditEvent(stage: "ResponseComplete", microsecond: 9000).line
                .replacingOccurrences(of: #"decision":"allow""#, with: #"decision":"forbid""#)
                .replacingOccurrences(of: "200", with: "403")
            try await folder.ingest(event)
            let native = try await verdict("parse", folder.path("ingested.jsonl")).output
            let forged = native.replacingOccurrences(of: #""effect":"deny""#, with: #""effect":"allow""#)
                .replacingOccurrences(of: "ResponseComplete", with: "Panic")
            #expect(forged != native)
            #expect(try await folder.ingest(forged) == IngestCounts(read: 1, conflicts: 1))
            let stored = try await folder.search("id:audit-1")["results"].items
            #expect(stored.first { $0["id"].text == "audit-1" }?["metadata"]["effect"].text == "deny")
        }

        @Test func `what comes through a pipe is stored as it comes, and Ctrl-C ends the wait`()
            async throws
        {
            let folder = try TemporaryFolder()
            let pipe = folder.path("pipe")
            let made = unsafe mkfifo(pipe, 0o600)
            try #require(made == 0)
            let writer = try #require(FileHandle(forUpdatingAtPath: pipe))
            try writer.write(contentsOf: Data(NativeLog.routine(10).utf8))
            let process = try VerdictProcess(["ingest", "--store", folder.store, "-"], inputPath: pipe)
            try await eventually("ten decisions are stored") {
                guard folder.exists("store") else { return false }
                let run = try await verdict("stats", "--store", folder.store, "--json")
                return try run.status == 0 && run.object()["vectors"].integer == 10
            }
            process.child.signal(SIGINT)
            #expect(try await process.result().status == 130)
            try writer.close()
        }

        @Test func `standard input cannot be followed, and that is said`() async throws {
            let folder = try TemporaryFolder()
            let run = try await verdict("ingest", "--store", folder.store, "--follow", "-")
            #expect(run.status == 2)
            #expect(run.errors.contains("--follow"))
            #expect(!folder.exists("store"))
        }

        @Test func `standard input, compressed files and folders are read`() async throws {
            let folder = try TemporaryFolder()
            let piped = try await verdict(
                "ingest", "--store", folder.store, "--json", "-", input: NativeLog.routine(10, prefix: "in"))
            #expect(try IngestCounts(try piped.object()) == IngestCounts(read: 10, accepted: 10))
            try folder.write(NativeLog.routine(5, prefix: "plain"), to: "logs/a.jsonl")
            try folder.write(NativeLog.routine(5, prefix: "deep"), to: "logs/deeper/b.jsonl")
            try folder.write(NativeLog.routine(5, prefix: "packed"), to: "logs/c.jsonl")
            let packing = try await shell("gzip \(folder.path("logs/c.jsonl"))")
            #expect(packing.status == 0)
            let counts = try await folder.ingest(files: [folder.path("logs")])
            #expect(counts == IngestCounts(read: 15, accepted: 15))
            #expect(try await folder.ingest(files: [folder.path("logs/c.jsonl.gz")]).duplicates == 5)
        }

        @Test func `compressed standard input is recognised`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(NativeLog.routine(8), to: "a.jsonl")
            let run = try await shell("gzip -c \(file) | $VERDICT ingest --store \(folder.store) --json -")
            #expect(try IngestCounts(try run.object()) == IngestCounts(read: 8, accepted: 8))
        }

        @Test func `decisions of every format are kept once, whichever way and however often they come`()
            async throws
        {
            let folder = try TemporaryFolder()
            let files = Fixture.samples.map { Fixture.samplePath($0.0) }
            let first = try await folder.ingest(files: files)
            #expect(first == IngestCounts(read: 71, accepted: 34, duplicates: 30, skipped: 7))
            #expect(try await folder.ingest(files: files) == first.again)
        }

        @Test func `a tenant is taken from what a cloud puts around a record`() async throws {
            let folder = try TemporaryFolder()
            let file = Fixture.samplePath("k8s.cloud-envelopes.jsonl")
            try await folder.ingest(files: [file], ["--tenant-from", "logGroup"])
            let run = try await verdict("tenants", "--store", folder.store, "--json")
            let tenants = try run.objects().compactMap { $0["tenant"].text }
            #expect(Set(tenants) == ["", "/aws/eks/c1/cluster", "p1"])
        }

        @Test func `a dry run tells what it sees and keeps nothing`() async throws {
            let folder = try TemporaryFolder()
            let run = try await verdict(
                "ingest", "--store", folder.store, "--dry-run", Fixture.path("kubernetes.audit.jsonl"))
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.localizedCaseInsensitiveContains("kubernetes"))
            #expect(run.output.contains("%"))
            #expect(run.output.contains("coordination.k8s.io/leases"))
            #expect(!folder.exists("store"))
            let counted = try await verdict(
                "ingest", "--store", folder.store, "--dry-run", "--json", Fixture.path("native.jsonl"))
            #expect(try IngestCounts(try counted.object()).read == 7)
            #expect(!folder.exists("store"))
        }

        @Test func `numbers have their thousands apart for people, and none for programs`() async throws {
            let folder = try TemporaryFolder()
            let log = try folder.write(NativeLog.routine(1_234), to: "log.jsonl")
            let words = ["ingest", log, "--store", folder.store]
            let dry = try await verdict(words + ["--dry-run"])
            #expect(dry.output.hasPrefix("1,234 decisions ("), "\(dry.output)")
            #expect(dry.output.contains(": 1,234 rows, "), "\(dry.output)")
            let counted = try await verdict(words + ["--dry-run", "--json"])
            #expect(try IngestCounts(try counted.object()).read == 1_234)
            #expect(counted.output.contains("\"read\":1234,"), "\(counted.output)")
            let run = try await verdict(words)
            #expect(run.output.hasPrefix("1,234 read: 1,234 accepted, 0 duplicates, "), "\(run.output)")
            let stats = try await verdict("stats", "--store", folder.store)
            #expect(stats.output.contains(/vectors +1,234\n/), "\(stats.output)")
        }

        @Test func `a dry run names the lines that a run would reject, and how long it took`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(NativeLog.routine(2) + "{\"time\": 7\n", to: "bad.jsonl")
            let run = try await verdict("ingest", "--store", folder.store, "--dry-run", "--json", file)
            let answer = try run.object()
            #expect(answer["accepted"].integer == 2 && answer["rejected"].integer == 1)
            #expect(answer["rejects"].items.map { $0["line"].integer } == [3])
            #expect(answer["rejects"].items.map { $0["file"].text } == [file])
            #expect((answer["seconds"].number ?? -1) >= 0)
            #expect(!folder.exists("store"))
        }

        @Test func `a tenant is filled in where a line has none`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(
                files: [Fixture.path("kubernetes.audit.jsonl")], ["--tenant", "cluster-7"])
            try await folder.ingest(files: [Fixture.path("native.jsonl")], ["--tenant", "cluster-7"])
            let run = try await verdict("tenants", "--store", folder.store, "--json")
            let tenants = try run.objects()
            let counts = Dictionary(
                uniqueKeysWithValues: tenants.map { ($0["tenant"].text, $0["vectors"].integer) })
            #expect(counts == ["cluster-7": 7, "acme": 3, "globex": 2, "initech": 1])
        }

        @Test func `retention keeps the newest decisions`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(60), "--keep", "25")
            #expect(try await folder.stats()["vectors"].integer == 25)
            let newest = try await folder.search("-k", "1")["results"][0]["id"].text
            #expect(newest == "r-00059")
        }

        @Test func `an ephemeral store is allowed, with a warning`() async throws {
            let run = try await verdict(
                "ingest", "--store", "memory:", "--json", Fixture.path("native.jsonl"))
            #expect(run.status == 0)
            #expect(try IngestCounts(try run.object()).accepted == 7)
            #expect(run.errors.contains("memory:"))
        }

        @Test func `a folder gives its logs, and what lies beside them is told`() async throws {
            let folder = try TemporaryFolder()
            try folder.write(NativeLog.routine(5), to: "logs/audit.log.1")
            for name in ["LICENSE", "README.md", "policy.yaml"] {
                try folder.write("no log at all\n", to: "logs/" + name)
            }
            let run = try await verdict("ingest", "--store", folder.store, "--json", folder.path("logs"))
            #expect(run.status == 0)
            #expect(try IngestCounts(try run.object()) == IngestCounts(read: 5, accepted: 5))
            #expect(run.errors.contains("left out 3 files that are no logs by their names: LICENSE"))
            let named = try await verdict("ingest", "--store", folder.store, folder.path("logs/LICENSE"))
            #expect(named.status == 3)
        }

        @Test func `of several files one at least must be there`() async throws {
            let folder = try TemporaryFolder()
            let missing = [folder.path("nowhere.jsonl"), folder.path("neither.jsonl")]
            let none = try await verdict("ingest", "--store", folder.store, missing[0], missing[1])
            #expect(none.status == 1)
            #expect(none.errors.contains("nowhere.jsonl") && none.output.isEmpty)
            let file = try folder.write(NativeLog.routine(2), to: "a.jsonl")
            let one = try await verdict("ingest", "--store", folder.store, missing[0], file)
            #expect(one.status == 3)
        }

        @Test func `a file that is not there is an error that names it`() async throws {
            let folder = try TemporaryFolder()
            let run = try await verdict("ingest", "--store", folder.store, folder.path("nowhere.jsonl"))
            #expect(run.status == 1)
            #expect(run.errors.contains("nowhere.jsonl"))
            #expect(run.output.isEmpty)
        }
    }
}

/// An audit event of a server, whose stage and end can differ.
struct AuditEvent {
    var stage: String
    var microsecond: Int
    var user = "system:serviceaccount:prod:web"

    var line: String {
        let code = stage == "ResponseStarted" ? "" : #""responseStatus":{"metadata":{},"code":200},"#
        let end = String(format: "%06d", 100_000 + microsecond)
        return """
            {"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"audit-1",\
            "stage":"\(stage)","requestURI":"/api/v1/namespaces/prod/pods?watch=true","verb":"watch",\
            "user":{"username":"\(user)","groups":["system:authenticated"]},"sourceIPs":["10.0.0.5"],\
            "userAgent":"kubectl/v1.29.0","objectRef":{"resource":"pods","namespace":"prod","apiVersion":"v1"},\
            "requestReceivedTimestamp":"2025-03-04T10:15:01.100000Z",\
            "stageTimestamp":"2025-03-04T10:15:01.\(end)Z",\(code)\
            "annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}

            """
    }
}
