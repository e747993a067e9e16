import Foundation
import Testing

extension Commands {
    @Suite struct Frame {
        static let views = [
            "overview", "metrics", "anomalies", "tenants", "search", "map", "index", "health", "log", "help",
        ]
        static let sizes = [(80, 24), (120, 36), (200, 50), (40, 10)]

        @Test(arguments: views)
        func `a frame has exactly its lines and cells, and the same bytes twice`(view: String) async throws {
            let folder = try await SampleStore.shared()
            for (width, height) in Self.sizes {
                let words = [
                    "frame", "--view", view, "--size", "\(width)x\(height)", "--store", folder.store, "--now",
                    "2026-01-05T04:00:00Z",
                ]
                let run = try await verdict(words)
                #expect(run.status == 0, "\(run.errors)")
                #expect(run.output.isPicture(width, height), "\(view) \(width)x\(height)\n\(run.output)")
                #expect(run.output.hostileScalars.isEmpty)
                if width == 120 { #expect(try await verdict(words).output == run.output) }
            }
        }

        @Test func `views show what the store holds`() async throws {
            let folder = try await SampleStore.shared()
            for (view, words) in [
                ("overview", ["acme"]), ("anomalies", ["alice"]), ("tenants", ["acme", "globex"]),
                ("search", ["acme"]),
                ("help", ["q"]),
            ] {
                let run = try await verdict(
                    "frame", "--view", view, "--size", "120x36", "--store", folder.store)
                for word in words { #expect(run.output.contains(word), "\(view): \(run.output)") }
            }
        }

        @Test(arguments: views)
        func `an empty store is drawn as such`(view: String) async throws {
            let folder = try TemporaryFolder()
            let run = try await verdict(
                "frame", "--view", view, "--size", "80x24", environment: ["XDG_DATA_HOME": folder.url.path])
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.isPicture(80, 24), "\(run.output)")
        }

        @Test func `the demo is drawn from its seed`() async throws {
            let words = [
                "frame", "--demo", "--view", "overview", "--size", "120x36", "--now", "2026-02-01T12:00:00Z",
            ]
            // Each reads and scores the whole sample: at the same time, as that takes a while.
            async let seventh = verdict(words + ["--seed", "7"])
            async let again = verdict(words + ["--seed", "7"])
            async let eighth = verdict(words + ["--seed", "8"])
            let first = try await seventh
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.output.isPicture(120, 36), "\(first.output)")
            #expect(try await again.output == first.output)
            #expect(try await eighth.output != first.output)
        }

        @Test func `keys change what is drawn`() async throws {
            let folder = try await SampleStore.shared()
            let words = ["frame", "--view", "overview", "--size", "80x24", "--store", folder.store]
            let plain = try await verdict(words)
            let keyed = try await verdict(words + ["--keys", "4"])
            #expect(keyed.status == 0, "\(keyed.errors)")
            #expect(keyed.output != plain.output)
            #expect(keyed.output.contains("globex"))
            #expect(keyed.output.isPicture(80, 24))
        }

        @Test func `a frame can be kept as text, with colours, and as a picture`() async throws {
            let folder = try await SampleStore.shared()
            let target = try TemporaryFolder()
            let words = ["frame", "--view", "overview", "--size", "80x24", "--store", folder.store]
            let plain = try await verdict(words)
            for name in ["f.txt", "f.ans", "f.svg"] {
                let run = try await verdict(words + ["--out", target.path(name)])
                #expect(run.status == 0, "\(run.errors)")
            }
            #expect(try target.read("f.txt") == plain.output)
            #expect(try target.read("f.ans").contains("\u{1b}["))
            let picture = try target.read("f.svg")
            #expect(picture.contains("<svg") && picture.hasSuffix("</svg>\n"))
            #expect(!picture.unicodeScalars.contains("\u{1b}"))
            let unknown = try await verdict(words + ["--out", target.path("f.gif")])
            #expect(unknown.status == 2)
        }

        @Test func `glyphs, themes and colours are chosen by name`() async throws {
            let folder = try await SampleStore.shared()
            let words = ["frame", "--view", "overview", "--size", "80x24", "--store", folder.store]
            let ascii = try await verdict(words + ["--glyphs", "ascii"])
            #expect(ascii.status == 0, "\(ascii.errors)")
            #expect(ascii.output.utf8.allSatisfy { $0 < 0x80 }, "\(ascii.output)")
            #expect(ascii.output.isPicture(80, 24))
            let target = try TemporaryFolder()
            var pictures: Set<String> = []
            for color in ["truecolor", "256", "16"] {
                let run = try await verdict(words + ["--color", color, "--out", target.path("f.ans")])
                #expect(run.status == 0, "\(color): \(run.errors)")
                pictures.insert(try target.read("f.ans"))
            }
            #expect(pictures.count == 3)
            let mono = try await verdict(words + ["--color", "never", "--out", target.path("m.ans")])
            #expect(mono.status == 0, "\(mono.errors)")
            #expect(try target.read("m.ans").colorCodes.isEmpty)
        }

        @Test func `what cannot be drawn is a usage error`() async throws {
            for words in [
                ["--view", "sky"], ["--size", "80"], ["--size", "0x0"], ["--size", "39x9"],
                ["--size", "80x24x2"],
                ["--size", "-80x24"], ["--size", "100000x100000"], ["--theme", "no-such-theme"],
                ["--glyphs", "hieroglyphs"], ["--color", "pink"], ["--now", "noon"],
            ] {
                let folder = try TemporaryFolder()
                let base = ["frame", "--view", "overview", "--size", "80x24"].filter { _ in
                    !["--view", "--size"].contains(words[0])
                }
                let needed =
                    base.isEmpty
                    ? (words[0] == "--view"
                        ? ["frame", "--size", "80x24"] : ["frame", "--view", "overview"]) : base
                let run = try await verdict(needed + words, environment: ["XDG_DATA_HOME": folder.url.path])
                #expect(run.status == 2, "\(words)")
                #expect(run.output.isEmpty, "\(words)")
            }
        }
    }

    @Suite struct Themes {
        @Test func `at least eight published schemes are built in`() async throws {
            let run = try await verdict("themes", "--json")
            #expect(run.status == 0)
            let themes = try run.objects()
            #expect(themes.count >= 8)
            for theme in themes {
                #expect(theme.keys == ["name", "file", "variant", "ok", "problem"])
                #expect(theme["ok"].flag == true)
                #expect(["dark", "light"].contains(theme["variant"].text))
            }
            #expect(Set(themes.compactMap { $0["name"].text }).count == themes.count)
        }

        @Test func `a folder of schemes is checked, and a broken one told`() async throws {
            let folder = try TemporaryFolder()
            let bases = (0..<16).map {
                "  base0\(String($0, radix: 16, uppercase: true)): \"#\($0)0\($0)0\($0)0\""
            }
            .map {
                $0.replacingOccurrences(
                    of: #"#1([0-5])0.*""#, with: "#a$1b$1c$1\"", options: .regularExpression)
            }
            let good = "system: \"base16\"\nname: \"Mine\"\nauthor: \"me\"\nvariant: \"dark\"\npalette:\n"
            try folder.write(good + bases.joined(separator: "\n") + "\n", to: "mine.yaml")
            let fine = try await verdict("themes", "--json", "--dir", folder.url.path)
            #expect(fine.status == 0, "\(fine.output)")
            #expect(fine.output.contains("Mine") || fine.output.contains("mine"))
            try folder.write(
                "system: base16\nname: Broken\npalette:\n  base00: \"#zzzzzz\"\n", to: "broken.yaml")
            let run = try await verdict("themes", "--json", "--dir", folder.url.path)
            #expect(run.status == 3)
            let broken = try #require(
                try run.objects().first { $0["file"].text?.hasSuffix("broken.yaml") == true })
            #expect(broken["ok"].flag == false)
            #expect(broken["problem"].text?.isEmpty == false)
        }
    }
}

extension String {
    /// Whether the text is a picture of so many lines, each of so many cells and a line end.
    func isPicture(_ width: Int, _ height: Int) -> Bool {
        let lines = split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == height + 1, lines.last == "" else { return false }
        return lines.dropLast().allSatisfy { $0.cellWidth == width }
    }

    /// The codes in escape sequences that set a colour.
    var colorCodes: [String] {
        matches(of: /\u{1b}\[([0-9;:]*)m/).flatMap {
            $0.output.1.split(whereSeparator: { ";:".contains($0) })
        }
        .map(String.init)
        .filter { code in
            Int(code).map { (30...38).contains($0) || (40...48).contains($0) || $0 >= 90 } ?? false
        }
    }
}

extension Substring {
    /// The terminal cells of the text: East Asian wide characters take two, joining marks none.
    var cellWidth: Int {
        unicodeScalars.reduce(0) { width, scalar in
            switch scalar.value {
            case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
                0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1faff:
                width + 2
            case 0x300...0x36f, 0x200b...0x200f, 0xfe00...0xfe0f: width
            default: width + 1
            }
        }
    }
}
