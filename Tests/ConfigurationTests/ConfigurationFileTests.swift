import Decisions
import Testing

@testable import Configuration
@testable import TerminalUI

@Suite struct ConfigurationFileTests {
    private func problem(_ text: String) -> String {
        do throws(ConfigurationError) {
            _ = try ConfigurationFile.parse(text, file: "config.yaml")
            return "none"
        } catch {
            return error.description
        }
    }

    @Test func `reads every key`() throws {
        let settings = try ConfigurationFile.parse(
            """
            stores:
              prod:
                address: postgres://verdict:secret@db/verdict
                access: triage
                keep: 90d
                recall: 0.95
                quantization: pq16
              open:
                address: memory:/tmp/x
                write: true
              closed:
                address: memory:/tmp/y
                write: false
              local: memory:/var/lib/verdict
            store: local
            keep: 2M
            recall: 0.98
            quantization: none
            theme: nord
            theme_directories: [/a, /b]
            glyphs: ascii
            color: never
            mouse: yes
            synchronized_output: off
            escape_delay_ms: 50
            access: view
            follow: /var/log/audit.log
            group_incidents_by: [kind]
            shared_accounts: [oncall, ubuntu]
            """, file: "config.yaml")
        #expect(settings.stores.map(\.name) == ["prod", "open", "closed", "local"])
        #expect(settings.stores.map(\.access) == [.triage, .operate, .view, nil])
        #expect(settings.store(named: "prod")?.keep == "90d")
        #expect(settings.store(named: "local")?.address == "memory:/var/lib/verdict")
        #expect(settings.store(named: "absent") == nil)
        #expect(settings.store == "local")
        #expect(settings.keep == "2M")
        #expect(settings.recall == 0.98)
        #expect(settings.stores.map(\.recall) == [0.95, nil, nil, nil])
        #expect(settings.quantization == Settings.Quantization.none)
        #expect(settings.stores.map(\.quantization) == [.pq16, nil, nil, nil])
        #expect(settings.theme == "nord")
        #expect(settings.themeDirectories == ["/a", "/b"])
        #expect(settings.glyphs == .ascii)
        #expect(settings.color == .never)
        #expect(settings.mouse == true)
        #expect(settings.synchronizedOutput == "off")
        #expect(settings.escapeDelayMilliseconds == 50)
        #expect(settings.access == .view)
        #expect(settings.follow == ["/var/log/audit.log"])
        #expect(settings.incidentGrouping == [.kind, .effect])
        #expect(settings.sharedAccounts == ["oncall", "ubuntu"])
    }

    @Test func `recording is one mode, or one for each tenant, of all stores or of one`() throws {
        let settings = try ConfigurationFile.parse(
            """
            recording: 25 %
            stores:
              prod:
                address: memory:/srv/prod
                recording:
                  acme: off
                  "": on
                  "*": 0.5 %
              local: memory:/srv/local
            """, file: "config.yaml")
        #expect(settings.recording?.mode(of: "acme").description == "25 %")
        #expect(settings.recording(intoStore: "local") == settings.recording)
        #expect(settings.recording(intoStore: "memory:/elsewhere") == settings.recording)
        let prod = settings.recording(intoStore: "prod")
        #expect(prod?.mode(of: "acme") == .off)
        #expect(prod?.mode(of: "") == .on)
        #expect(prod?.mode(of: "globex").description == "0.5 %")
        #expect(try ConfigurationFile.parse("recording: on", file: "").recording == RecordingPolicy(.on))
        #expect(try ConfigurationFile.parse("store: x", file: "").recording == nil)
        #expect(problem("recording: 250 %").contains("`recording` must be off, on, or a share such as 25 %"))
        #expect(problem("recording:\n  acme: [on]").contains("config.yaml:2: `recording` must be off, on"))
        #expect(problem("recording:").contains("`recording` must be"))
        let many = "recording:\n" + (0...1_000).map { "  t\($0): off\n" }.joined()
        #expect(problem(many).contains("config.yaml:1002: `recording`: more than 1000 tenants"))
    }

    @Test func `an empty file says nothing`() throws {
        #expect(try ConfigurationFile.parse("", file: "") == Settings())
        #expect(try ConfigurationFile.parse("stores:\n", file: "") == Settings())
    }

    @Test func `a misspelt key is told with the nearest known one`() {
        #expect(problem("colour: auto") == "config.yaml:1: unknown key `colour`; did you mean `color`?")
        #expect(
            problem("store: x\nxyzzyxyzzy: 1").contains(
                "config.yaml:2: unknown key `xyzzyxyzzy`; known keys: stores,"))
        #expect(problem("stores:\n  a:\n    adress: x").contains("did you mean `address`?"))
        #expect(problem("\"\\e[2J\": 1").contains("\\x1b[2J"))
    }

    @Test func `wrong values are told with what is expected`() {
        #expect(problem("color: blue").contains("`color` must be one of auto, never, 16, 256, truecolor"))
        #expect(problem("glyphs: [a]").contains("one of braille, block, ascii"))
        #expect(problem("mouse: 3").contains("true or false"))
        #expect(problem("escape_delay_ms: 5000").contains("from 0 to 1000"))
        #expect(problem("group_incidents_by: [owner]").contains("some of principal, kind, effect"))
        #expect(problem("keep: forever").contains("an age such as 30d"))
        #expect(problem("recall: 98").contains("`recall` must be a number from 0.5 to 0.999"))
        #expect(problem("recall: nan").contains("from 0.5 to 0.999"))
        #expect(problem("quantization: pq9").contains("one of none, sq8, sq4, pq4, pq8, pq16"))
        #expect(problem("stores:\n  a:\n    quantization: 8").contains("one of none, sq8"))
        #expect(problem("keep: 0d").contains("an age such as 30d"))
        #expect(problem("synchronized_output: maybe").contains("auto, on, off"))
        #expect(problem("store:\n").contains("`store` must be text"))
        #expect(problem("- a").contains("it is a list"))
        #expect(problem("stores: memory:x").contains("`stores` must consist"))
        #expect(problem("stores:\n  a b: x").contains("a store's name must be a word"))
        #expect(problem("stores:\n  a:\n    keep: 3d").contains("has no `address`"))
        #expect(problem("keep: 3G").contains("an age such as 30d"))
        let many = "stores:\n" + (0..<201).map { "  s\($0): memory:x\n" }.joined()
        #expect(problem(many).contains("more than 200 stores"))
    }

    @Test func `no complaint prints an address`() {
        #expect(
            !problem("stores:\n  a:\n    address: postgres://u:hunter2@h/d\n    acess: x").contains("hunter2")
        )
    }

    @Test func `colour choices and synchronized output are understood`() throws {
        let depths = Settings.ColorChoice.allCases.map(\.depth)
        #expect(depths == [nil, .mono, .ansi16, .indexed256, .truecolor])
        #expect(
            try ConfigurationFile.parse("synchronized_output: auto", file: "").synchronizedOutput == "auto")
        #expect(try ConfigurationFile.parse("synchronized_output: on", file: "").synchronizedOutput == "on")
    }

    @Test func `the default place follows the environment`() {
        #expect(ConfigurationFile.defaultPath { ["XDG_CONFIG_HOME": "/c"][$0] } == "/c/verdict/config.yaml")
        #expect(
            ConfigurationFile.defaultPath { ["HOME": "/h", "XDG_CONFIG_HOME": "relative"][$0] }
                == "/h/.config/verdict/config.yaml")
        #expect(ConfigurationFile.defaultPath { _ in nil } == nil)
    }

    @Test func `reads a file, with a byte order mark too`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("\u{FEFF}store: x\n", to: "config.yaml")
        #expect(try ConfigurationFile.load(path: path).store == "x")
        #expect(throws: ConfigurationError.self) { try ConfigurationFile.load(path: folder.path) }
    }

    @Test func `names are compared by edits and swaps`() {
        #expect(NearestName.find("stroe", in: ["store", "stores"]) == "store")
        #expect(NearestName.find("qqqq", in: ["store"]) == nil)
        #expect(NearestName.find("a", in: []) == nil)
    }
}
