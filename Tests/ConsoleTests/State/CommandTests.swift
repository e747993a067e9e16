import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

@Suite struct CommandTests {
    private func run(_ text: String, _ snapshot: ConsoleSnapshot = Fixture.snapshot()) -> Harness {
        var console = Harness(snapshot: snapshot)
        console.press(":")
        console.take(.paste(text))
        console.press("Enter")
        return console
    }

    @Test func `commands do what they say`() {
        #expect(run("quit").requests == [.quit])
        #expect(run("log").state.view == .log)
        #expect(run("open a.log").questions.first?.0 == .openLog(path: "a.log", follow: false))
        #expect(run("follow  a b.log ").questions.first?.0 == .openLog(path: "a b.log", follow: true))
        #expect(run("demo").questions.first?.0 == .startDemo)
        #expect(run("tenant globex").state.scope == "globex")
        #expect(run("tenant (none)").state.scope == "")
        #expect(run("tenant").state.scope == nil)
        #expect(run("search effect:deny").questions.first?.1.kind == .search)
        #expect(run("").requests.isEmpty)
    }

    @Test(arguments: [
        ("nonsense", "there is no command nonsense"), ("open", "which file?"),
        ("tenant zebra", "no tenant zebra"),
        ("rebuild m=2", "m is a number from 4 to 64"), ("rebuild ef", "NAME=VALUE"),
        ("recording off", "type :recording TENANT off"), ("recording 25 %", "type :recording TENANT 25 %"),
        ("recording zebra off", "there is no tenant zebra"),
        ("recording acme of", "there is no tenant acme of"),
        ("recall 98", "recall takes 0.5 to 0.999, or off"), ("recall nan", "recall takes"),
        ("connect", "to which store?"), ("connect nowhere", "nowhere"),
        ("rebuild q=zip", "quantization is one of"), ("rebuild z=1", "there is no parameter z"),
    ])
    func `a wrong command says what is right`(_ text: String, _ said: String) {
        let console = run(text)
        #expect(console.state.notice?.text.contains(said) == true)
        #expect(console.requests.isEmpty)
    }

    @Test func `a recording mode is set, taken away and told`() {
        #expect(
            run("recording acme 25 %").questions.first?.0
                == .setRecording(RecordingMode(percent: 25), tenant: "acme", by: nil))
        #expect(run("recording acme  off").questions.first?.0 == .setRecording(.off, tenant: "acme", by: nil))
        let half = RecordingMode("50 %")
        #expect(run("recording * 50%").questions.first?.0 == .setRecording(half, tenant: nil, by: nil))
        #expect(
            run("recording acme default").questions.first?.0 == .setRecording(nil, tenant: "acme", by: nil))
        #expect(run("reload").questions.first?.0 == .reload(by: nil))
        var snapshot = Fixture.snapshot()
        snapshot.recording.set(.off, tenant: "acme")
        snapshot.recording.set(RecordingMode("1 %"), tenant: "")
        #expect(run("recording", snapshot).state.notice?.text == "recording: (none) 1 %, acme off, others on")
        #expect(run("recording acme", snapshot).state.notice?.text == "recording of acme: off")
        #expect(run("recording (none)", snapshot).state.notice?.text == "recording of (none): 1 %")
        #expect(run("recording *", snapshot).state.notice?.text == "recording of all others: on")
        #expect(run("recording acme", snapshot).requests.isEmpty)
        #expect(
            run("recording (none) on", snapshot).questions.first?.0 == .setRecording(.on, tenant: "", by: nil)
        )
    }

    @Test func `the header tells what is not recorded, as soon as it is known`() {
        var console = run("recording acme 25 %")
        #expect(!console.picture.contains("recording"))
        var policy = RecordingPolicy()
        policy.set(RecordingMode(percent: 25), tenant: "acme")
        console.answer(.recording(policy, of: "acme"), .settings)
        #expect(console.picture.split(separator: "\n").first?.contains("recording acme 25 %") == true)
        #expect(console.state.notice?.text == "recording of acme: 25 %")
        var small = Harness(width: 80, height: 24, snapshot: console.state.snapshot)
        #expect(small.picture.split(separator: "\n").first?.contains("rec acme 25 %") == true)
        small.take(.snapshot(Fixture.snapshot()))
        #expect(!small.picture.contains("rec acme"))
    }

    @Test func `what is not recorded is told shortly, whatever it is`() throws {
        func told(_ text: String, scope: String? = nil) throws -> [String]? {
            RecordingText(try RecordingPolicy(parsing: text), scope: scope, nameCells: 14)
                .map { [$0.text, $0.short] }
        }
        #expect(try told("acme=on, *=on") == nil)
        #expect(try told("*=off") == ["off", "off"])
        #expect(try told("acme=off") == ["acme off", "acme off"])
        let long = "a-very-long-tenant-name"
        #expect(try told("\(long)=5 %") == ["\(long) 5 %", "a-very-…t-name 5 %"])
        #expect(try told("acme=off, globex=1 %") == ["less of 2 tenants", "less of 2"])
        #expect(try told("acme=on, *=1 %") == ["1 %, 1 tenant otherwise", "1 % +1"])
        #expect(try told("acme=off", scope: "acme") == ["off", "off"])
        #expect(try told("acme=off", scope: "globex") == nil)
    }

    @Test func `another store is connected to by its name or its address`() {
        #expect(run("connect memory:/srv/other").requests == [.connect(to: "memory:/srv/other")])
        var console = Harness()
        console.state.storeNames = ["prod", "staging"]
        console.press(":")
        console.take(.paste("connect stag"))
        console.press("Tab Enter")
        #expect(console.requests == [.connect(to: "staging")])
        console.press(":")
        console.take(.paste("connect"))
        console.press("Enter")
        #expect(console.state.notice?.text.contains("known are prod, staging") == true)
    }

    @Test func `a store that does not answer can be left for another`() {
        for state in [
            ConnectionState.lost(since: Fixture.now, retry: Fixture.now, reason: "gone"),
            .away(since: Fixture.now, retry: nil, reason: "gone"),
            .unopened(since: Fixture.now, retry: nil, reason: "gone"),
        ] {
            var snapshot = Fixture.snapshot()
            snapshot.connection = state
            #expect(
                run("connect memory:/srv/other", snapshot).requests == [.connect(to: "memory:/srv/other")])
        }
    }

    @Test func `a store whose rebuild runs here is not left for another`() {
        var snapshot = Fixture.snapshot()
        snapshot.jobs = [JobSummary(id: 1, title: "rebuild", state: .running, phase: "building")]
        let console = run("connect memory:/srv/other", snapshot)
        #expect(console.requests.isEmpty)
        #expect(console.state.notice?.text.contains("cancel it first") == true)
    }

    @Test func `a rebuild's parameters are shown before it is done`() {
        var console = run("rebuild m=24 ef=300 quantization=sq8")
        #expect(console.picture.contains("16 → 24"))
        #expect(console.picture.contains("200 → 300"))
        console.press("y")
        #expect(
            console.questions.last?.0
                == .rebuild(RebuildRequest(m: 24, efConstruction: 300, quantization: "sq8"), by: nil))
    }

    @Test func `a recall is asked for, measured, told and given up`() {
        var console = run("recall 0.98")
        #expect(console.questions.last?.0 == .setRecall(0.98, by: nil))
        let setting = Fixture.recallSetting(0.9834)
        let curve = [RecallPoint(breadth: 96, recall: 0.9834, p50Microseconds: 108)]
        console.answer(.recallTuned(RecallTuning(setting: setting, curve: curve)), .recallCurve)
        #expect(console.state.notice?.text == "recall 0.98: breadth 96 has 0.9834")
        #expect(console.state.index.curve == curve)
        var missed = setting
        missed.target = 0.99
        console = run("recall 0.99")
        console.answer(.recallTuned(RecallTuning(setting: missed, curve: curve)), .recallCurve)
        #expect(console.state.notice?.kind == .problem)
        #expect(console.state.notice?.text.contains("the largest breadth measured, 96, has 0.9834") == true)
        console = run("recall off")
        #expect(console.questions.last?.0 == .setRecall(nil, by: nil))
        console.answer(.recallTuned(RecallTuning(setting: nil, curve: [])), .recallCurve)
        #expect(console.state.notice?.text.contains("no recall is asked for") == true)
        var snapshot = Fixture.snapshot()
        snapshot.recallSetting = setting
        #expect(run("recall", snapshot).state.notice?.text == "recall 0.98: breadth 96 has 0.9834")
    }

    @Test func `writing commands say why they cannot`() {
        var snapshot = Fixture.snapshot()
        snapshot.access = .view
        for text in ["open a.log", "demo", "rebuild", "recall 0.9", "recall off"] {
            let console = run(text, snapshot)
            #expect(console.questions.isEmpty)
            #expect(console.state.notice?.text.contains("--write") == true)
        }
    }

    @Test func `Tab completes commands and tenants`() {
        let state = Harness().state
        #expect(ConsoleCommand.completion(of: "reb", in: state) == "rebuild ")
        #expect(ConsoleCommand.completion(of: "dem", in: state) == "demo")
        #expect(ConsoleCommand.completion(of: "heal", in: state) == "health")
        #expect(ConsoleCommand.completion(of: "tenant gl", in: state) == "tenant globex")
        #expect(ConsoleCommand.completion(of: "zz", in: state) == nil)
        #expect(ConsoleCommand.completion(of: "", in: state) == nil)
        var console = Harness()
        console.press(": h e a Tab Enter")
        #expect(console.state.view == .health)
        console.press(": Tab BSpace")
        #expect(console.state.overlay == nil)
        console.press(": x Left Escape")
        #expect(console.state.overlay == nil)
    }

    @Test func `the palette finds and runs`() {
        var console = Harness()
        console.press("? r e c a l l")
        #expect(console.state.paletteEntries(FilteredList(filter: LineEditor("tenant"))).isEmpty == false)
        console.press("Escape 7 ? r e c a l l Enter")
        #expect(console.questions.last?.1.kind == .recallCurve)
        console.press("? z z z z")
        #expect(console.picture.contains("nothing here is called that"))
        console.press("Enter Escape ? Down Down Up q")
        #expect(console.state.overlay == nil)
    }

    @Test func `every key means one thing on each screen`() {
        for view in ConsoleView.allCases {
            let state = Harness(view).state
            for entry in ActionTable.applicable(in: state) {
                for key in entry.keys where ActionTable.entry(for: key, in: state)?.group == entry.group {
                    let owner = ActionTable.entry(for: key, in: state)
                    #expect(owner != nil, "\(key.name) is bound on \(view.rawValue)")
                }
                #expect(!entry.keys.isEmpty)
                #expect(!entry.help.isEmpty)
            }
        }
    }

    @Test func `nothing but movement is bound to the keys of movement`() {
        let movement = ["j", "k", "C-d", "C-u", "Up", "Down", "PageUp", "PageDown"].compactMap {
            Key(name: $0)
        }
        for view in ConsoleView.allCases {
            for key in movement {
                #expect(ActionTable.entry(for: key, in: Harness(view).state)?.group == .move)
            }
        }
    }

    @Test func `g g goes to the first row`() {
        var console = Harness(.anomalies)
        console.press("G")
        #expect(console.state.anomalies.cursor.index == 4)
        console.press("g g")
        #expect(console.state.anomalies.cursor.index == 0)
        console.press("g 4")
        #expect(console.state.view == .tenants)
    }
}
