import Decisions
import Foundation
import Gzip
import Testing

@testable import DecisionLogs

@Suite struct LogReaderTests {
    @Test func `malformed lines are told by number and the rest is read`() throws {
        let items = try readAll(try Fixture.path("malformed.jsonl"))
        #expect(items.map(\.line) == Array(1...9))
        #expect(items.skips == [.blank, .emptyContainer, .emptyContainer])
        #expect(items.rejects.map(\.line) == [2, 3, 5, 7, 8])
        #expect(items.decisions.map(\.source.format) == ["openfga"])
    }

    @Test func `plain, gzip and concatenated gzip read alike`() throws {
        let folder = try TemporaryFolder()
        let text = (0..<3000).map { nativeLine("d\($0)") + "\n" }.joined()
        let plain = try readAll(try folder.write(Array(text.utf8), to: "a"))
        #expect(plain.decisions.map(\.id) == (0..<3000).map { "d\($0)" })
        #expect(try readAll(try folder.write(try gzip(text), to: "b")) == plain)
        let half = text.utf8.count / 2
        let parts =
            try gzip(String(decoding: Array(text.utf8).prefix(half), as: UTF8.self))
            + gzip(String(decoding: Array(text.utf8).dropFirst(half), as: UTF8.self))
        #expect(try readAll(try folder.write(parts, to: "c")) == plain)
    }

    @Test func `batches stay small however much a chunk inflates to`() throws {
        let folder = try TemporaryFolder()
        let text =
            String(repeating: "\n", count: 300_000) + nativeLine("a") + "\n"
            + String(repeating: "\n", count: 100_000) + nativeLine("b")
        for bytes in [Array(text.utf8), try gzip(text)] {
            let path = try folder.write(bytes, to: "a")
            var reader = try LogReader(LogSource(path: path), parser: LineParser())
            var largest = 0
            var items = 0
            var decisions: [LogItem] = []
            while let batch = reader.nextBatch() {
                largest = max(largest, batch.count)
                items += batch.count
                decisions += batch.filter { if case .decision = $0.item { true } else { false } }
            }
            #expect(largest < 10_000)
            #expect(items == 400_002)
            #expect(decisions.map(\.line) == [300_001, 400_002])
        }
    }

    @Test func `a line of more fragments than decisions could be is rejected as one`() throws {
        let fragments = "[" + String(repeating: "1,", count: 200_000)
        #expect(LineParser().parse(fragments + "1]") == [.rejected("a line of more than 200000 items")])
        #expect(LineParser().parse(fragments.dropLast() + "]").count == 200_000)
        let nested = #"{"Records":["# + String(repeating: "1,", count: 150_000) + "1]}"
        let items = LineParser().parse("[\(nested),\(nested),{}]")
        try #require(items.count == 150_003)
        #expect(items[150_001] == .rejected("a line of more than 200000 items"))
    }

    @Test func `what comes before the damage in gzip is kept, and the damage is one reject`() throws {
        let folder = try TemporaryFolder()
        let lines = (0..<2000).map { nativeLine("d\($0)") }
        let whole = try gzip(lines.joined(separator: "\n"))
        let truncated = try readAll(try folder.write(whole.dropLast(whole.count / 2), to: "a.gz"))
        let count = truncated.decisions.count
        #expect((100..<2000).contains(count))
        #expect(truncated.decisions.map(\.id) == (0..<count).map { "d\($0)" })
        #expect(truncated.rejects.map(\.reason) == [GzipError.truncated.description])
        #expect(truncated.rejects.map(\.line) == [count + 1])
        let trailing = try readAll(try folder.write(whole + Array("\u{1}garbage".utf8), to: "b.gz"))
        #expect(trailing.decisions.count == 2000)
        #expect(trailing.rejects.map(\.reason) == [GzipError.corrupt.description])
        var wrongSum = whole
        wrongSum[whole.count - 8] ^= 0xFF
        let summed = try readAll(try folder.write(wrongSum, to: "c.gz"))
        #expect(summed.decisions.count == 2000)
        #expect(summed.rejects.map(\.reason) == [GzipError.corrupt.description])
        var damaged = whole
        for place in 40..<60 { damaged[place] ^= 0xFF }
        let broken = try readAll(try folder.write(damaged, to: "d.gz"))
        #expect(broken.rejects.last?.reason == GzipError.corrupt.description)
    }

    @Test func `what has come through a pipe is handed out while the writer waits`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("pipe")
        let made = unsafe mkfifo(path, 0o600)
        try #require(made == 0)
        for packed in [false, true] {
            var reader = try LogReader(LogSource(path: path), parser: LineParser())
            let before = reader.nextBatch()
            #expect(before == [])
            let writer = try #require(FileHandle(forWritingAtPath: path))
            let lines = nativeLine("a") + "\n" + nativeLine("b") + "\n"
            let bytes = packed ? try gzip(lines) : Array(lines.utf8)
            try writer.write(contentsOf: Data(bytes[..<1]))
            let begun = reader.nextBatch()
            #expect(begun == [])
            try writer.write(contentsOf: Data(bytes[1...]))
            let waitsForReader = !reader.isWaiting
            #expect(waitsForReader)
            let batch = reader.nextBatch()
            #expect(batch?.decisions.map(\.id) == ["a", "b"])
            let waitsForWriter = reader.isWaiting
            #expect(waitsForWriter)
            try writer.close()
            let rest = [reader.nextBatch(), reader.nextBatch()]
            #expect(rest == [[], nil])
            let isWaiting = reader.isWaiting
            #expect(!isWaiting)
        }
    }

    @Test func `a pretty-printed document is read item by item`() throws {
        let folder = try TemporaryFolder()
        let document =
            "{\n  \"kind\": \"EventList\",\n  \"items\": [\n" + nativeLine("a") + ",\n" + nativeLine("b")
            + "\n]\n}\n"
        let items = try readAll(try folder.write(Array(document.utf8), to: "a.json"))
        #expect(items.decisions.map(\.id) == ["a", "b"])
        #expect(items.map(\.line) == [4, 5])
        let array = "[\n" + nativeLine("a") + "\n]"
        #expect(try readAll(try folder.write(Array(array.utf8), to: "b.json")).decisions.map(\.id) == ["a"])
    }

    @Test func `a document that breaks off goes on by line`() throws {
        let folder = try TemporaryFolder()
        let text = "{\n \"a\": ]\n" + nativeLine("x") + "\n" + nativeLine("y") + "\n"
        let items = try readAll(try folder.write(Array(text.utf8), to: "a"))
        #expect(items.rejects.map(\.line) == [2])
        #expect(items.decisions.map(\.id) == ["x", "y"])
        #expect(items.map(\.line) == [2, 3, 4])
        let open = try readAll(try folder.write(Array("[\n{},\n".utf8), to: "b"))
        #expect(open.rejects.count == 2)
    }

    @Test func `a container longer than the line limit is read item by item`() throws {
        let folder = try TemporaryFolder()
        let text = "{\"Records\":[" + (0..<6000).map { nativeLine("d\($0)") }.joined(separator: ",") + "]}\n"
        let parser = LineParser(limits: JSONLimits(bytes: 100_000))
        let items = try readAll(try folder.write(Array(text.utf8), to: "a"), parser: parser)
        #expect(items.decisions.count == 6000)
        #expect(items.allSatisfy { $0.line == 1 })
    }

    @Test func `a line of fifty megabytes is rejected and the next one read`() throws {
        let folder = try TemporaryFolder()
        let long = Array(#"{"id":""#.utf8) + [UInt8](repeating: 0x61, count: 50 << 20) + Array(#""}"#.utf8)
        for name in ["first", "second"] {
            let before = name == "first" ? "" : nativeLine("z") + "\n"
            let path = try folder.write(
                Array(before.utf8) + long + Array(("\n" + nativeLine("x") + "\n").utf8), to: name)
            let items = try readAll(path)
            #expect(items.rejects.map(\.reason) == ["longer than the limit of 16777216 bytes"])
            #expect(items.decisions.last?.id == "x")
        }
    }

    @Test func `directories are read in order, without hidden files`() throws {
        let folder = try TemporaryFolder()
        for name in ["b.jsonl", "a/2.jsonl", "a/10.jsonl", ".hidden.log", "a/.git/x.log", "c.log.1"] {
            try folder.write(Array(nativeLine(name).utf8), to: name)
        }
        let found = try readAll(folder.path).decisions.map(\.id)
        #expect(found == ["a/10.jsonl", "a/2.jsonl", "b.jsonl", "c.log.1"])
        #expect(try readAll(folder.path + "/").decisions.count == 4)
        let sources = LogSource.expand(["-", folder.file("c.log.1")])
        #expect(sources[0].isStandardInput)
        #expect(sources[1].sizeBytes == nativeLine("c.log.1").utf8.count)
    }

    @Test func `what lies beside the logs of a directory is left out, unless it is named`() throws {
        let folder = try TemporaryFolder()
        for name in ["audit.jsonl", "LICENSE", "README.md", "deep/policy.yaml", "deep/notes"] {
            try folder.write(Array(nativeLine(name).utf8), to: name)
        }
        var leftOut = LeftOutFiles()
        let sources = LogSource.expand([folder.path], leftOut: &leftOut)
        #expect(sources.map(\.path) == [folder.file("audit.jsonl")])
        #expect(leftOut.count == 4 && leftOut.first == ["LICENSE", "README.md", "notes"])
        #expect(leftOut.sentence?.contains("4 files that are no logs by their names: LICENSE") == true)
        var none = LeftOutFiles()
        let named = LogSource.expand([folder.file("LICENSE")], leftOut: &none)
        #expect(named.map(\.path) == [folder.file("LICENSE")] && none.sentence == nil)
    }

    @Test func `a log is told by its name, rotated and packed too`() {
        for name in [
            "a.json", "a.jsonl", "a.ndjson", "a.log", "A.LOG", "a.audit", "a.audit.jsonl.gz", "audit.log.1",
            "audit.log.12.gz", "audit-2023-01-27T00-00-00.000.log.gz", "audit.log-20230127",
            "audit.log.2023-01-27T00:00:00Z.gz",
        ] { #expect(LogFileName.isLog(name), "\(name)") }
        for name in [
            "LICENSE.upstream", "README.md", "policy.yaml", "log", "a.gz", "a.log.md", "a.json5", "a.logs",
            "a.jsonl.tar.gz", "a.log.1.bak",
        ] { #expect(!LogFileName.isLog(name), "\(name)") }
    }

    @Test func `sources of which none can be read fail together`() throws {
        let folder = try TemporaryFolder()
        try folder.append(nativeLine("a"), to: "a")
        let missing = LogSource.expand(["/no/such/file", "/no/other/file"])
        #expect(LogSource.commonFailure(of: missing)?.path == "/no/such/file")
        let mixed = LogSource.expand(["/no/such/file", folder.file("a")])
        #expect(LogSource.commonFailure(of: mixed) == nil && LogSource.commonFailure(of: []) == nil)
    }

    @Test func `what is not there is told by name, and among others it is a reject`() throws {
        let source = LogSource.expand(["/no/such/file"])[0]
        #expect(source.failure?.description == "cannot read /no/such/file: No such file or directory")
        for source in [source, LogSource(path: "/no/such/file")] {
            let opening = #expect(throws: LogSourceError.self) {
                _ = try LogReader(source, parser: LineParser())
            }
            #expect(opening?.description == "cannot read /no/such/file: No such file or directory")
            var reader = try LogReader(source, parser: LineParser(), amongOthers: true)
            let batches = [reader.nextBatch(), reader.nextBatch()]
            #expect(batches == [[LogItem(line: 1, item: .rejected("No such file or directory"))], nil])
        }
        let folder = try TemporaryFolder()
        var reader = try LogReader(LogSource(path: folder.path), parser: LineParser())
        let batches = [reader.nextBatch(), reader.nextBatch()]
        #expect(batches == [[LogItem(line: 1, item: .rejected("Is a directory"))], nil])
    }

    @Test func `empty and blank files hold nothing`() throws {
        let folder = try TemporaryFolder()
        #expect(try readAll(try folder.write([], to: "a")).isEmpty)
        #expect(try readAll(try folder.write(Array("\n \n".utf8), to: "b")).skips == [.blank, .blank])
        var reader = try LogReader(LogSource(path: folder.file("b")), parser: LineParser())
        while reader.nextBatch() != nil {}
        #expect(reader.bytesRead == 3)
        let past = reader.nextBatch()
        #expect(past == nil)
    }

    @Test func `a format report tells formats, filling and examples`() throws {
        var report = FormatReport()
        for item in try readAll(try Fixture.path("k8s.audit.jsonl")) { report.add(item.item) }
        let invented = #"{"source":{"format":"auto"},"# + nativeLine("y").dropFirst()
        for line in [nativeLine("x"), invented] { report.add(LineParser().parse(line)[0]) }
        report.add(.rejected("no"))
        #expect(report.formats == ["kubernetes": 6, "verdict": 2])
        #expect((report.decisions, report.skipped, report.rejected) == (8, 1, 1))
        #expect(report.examples.count == 5)
        let shares = Dictionary(uniqueKeysWithValues: report.filledShares.map { ($0.name, $0.share) })
        #expect(shares["id"] == 1)
        #expect(shares["tenant"] == 0)
        #expect(shares["ip"] == 6.0 / 8)
        #expect(FormatReport().filledShares.allSatisfy { $0.share == 0 })
    }
}
