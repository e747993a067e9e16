import AnomalyDetection
import Decisions
import Testing

@testable import Delivery

@Suite struct AlertTests {
    @Test func `labels tell the story and neither score nor identifier`() {
        let labels = Samples.alert().labels
        #expect(
            labels.json.json == #"{"alertname":"AuthzAnomaly","severity":"critical","tenant":"acme","#
                + #""principal":"svc-deploy","resource_kind":"secrets","effect":"allow","source":"k8s"}"#)
        #expect(AlertLabels(json: labels.json) == labels)
        #expect(AlertLabels(Samples.incident(tenant: ""))["tenant"] == nil)
    }

    @Test func `the fingerprint is the one that Alertmanager makes`() {
        // From Prometheus' own tests of label sets: FNV-1a over names and values with separators.
        #expect(AlertLabels([:]).fingerprint == "cbf29ce484222325")
        let labels = AlertLabels(["name": "garland, briggs", "fear": "love is not enough"])
        #expect(labels.fingerprint == "507a62d79ee76c9a")
        #expect(
            AlertLabels(["a": "b", "c": "d"]).fingerprint == AlertLabels(["c": "d", "a": "b"]).fingerprint)
        #expect(AlertLabels(["a": "bc"]).fingerprint != AlertLabels(["ab": "c"]).fingerprint)
    }

    @Test func `long names are cut and stay apart`() {
        let name = String(repeating: "x", count: 10_000)
        let one = AlertLabels(["principal": name + "1"])
        let other = AlertLabels(["principal": name + "2"])
        #expect(one != other)
        #expect((one["principal"] ?? "").utf8.count <= AlertLabels.maximumBytes)
    }

    @Test func `every severity has a word that receivers know`() {
        #expect(
            Incident.Severity.allCases.map(\.alertmanagerName) == ["info", "warning", "warning", "critical"])
        #expect(Incident.Severity.allCases.map(\.pagerDutyName) == ["info", "warning", "error", "critical"])
    }

    @Test func `attributes are redacted unless a receiver may have them`() {
        let alert = Samples.alert()
        #expect(alert.attributes.map(\.name) == AlertAttribute.allCases)
        #expect(alert.attributes.allSatisfy { $0.text == "[redacted]" })
        #expect(alert.summary == "svc-deploy: 214 past decisions, none on secrets")
        #expect(alert.details.contains("source [redacted]: never seen"))
        for secret in ["203.0.113.7", "db-master", "curl", "deployer", "Metadata", "jwt"] {
            #expect(!"\(alert)".contains(secret), "\(secret)")
        }
        let told = Samples.alert(telling: [.addresses, .resources])
        #expect(told.details.contains("source 203.0.113.7: never seen"))
        #expect(told.attributes.first { $0.name == .resources }?.text == "secrets/db-master, secrets/jwt")
        #expect(told.attributes.first { $0.name == .agent }?.text == "[redacted]")
    }

    @Test func `what is redacted is taken out as a whole word only`() {
        var incident = Samples.incident()
        incident.addresses = ["10.0.0.1"]
        incident.why = ["10.0.0.1 and 10.0.0.12, (10.0.0.1)"]
        #expect(Samples.alert(incident).summary == "[redacted] and 10.0.0.12, ([redacted])")
        incident.why = ["source 203.0.113.7: never seen"]
        #expect(Samples.alert(incident).summary == "source [redacted]: never seen")
        incident.addresses = [String(repeating: "a", count: 300)]
        incident.why = [String(repeating: "a", count: 120) + "… came"]
        #expect(Samples.alert(incident).summary == "[redacted]… came")
    }

    @Test func `the command can be pasted into a shell`() {
        #expect(Samples.alert().command == "verdict console --store prod-eu --incident K7F2")
        #expect(ShellWord.quoted("memory:/var/lib/verdict") == "memory:/var/lib/verdict")
        #expect(ShellWord.quoted("it's; rm -rf $HOME") == #"'it'\''s; rm -rf $HOME'"#)
        #expect(ShellWord.quoted("") == "''")
        #expect(ShellWord.quoted("a\u{1B}[2J\nb") == #"$'a\U0000001b[2J\nb'"#)
    }

    @Test func `what joins the events of an incident depends on the incident alone`() {
        let key = Samples.alert().joinKey
        #expect(key.hasPrefix("verdict-K7F2-") && key.utf8.count <= 64)
        var grown = Samples.incident(severity: .low)
        grown.members.append("d-2")
        #expect(Alert.joinKey(grown) == key)
        #expect(Alert.joinKey(Samples.incident(tenant: "globex")) != key)
    }

    @Test func `lines have no control characters and no marks that turn text`() {
        #expect(ShortText.line("a\u{1B}[31m\nb\u{202E}c", toBytes: 100) == "a [31m b c")
        #expect(ShortText.cut("äöü", toBytes: 5) == "ä…")
        #expect(
            Alert.rounded(0.9938) == "0.994" && Alert.rounded(1) == "1.000" && Alert.rounded(-1) == "0.000")
    }

    @Test func `a secret is never printed`() {
        let secret = Secret("hunter2")
        #expect("\(secret) \(String(reflecting: secret))" == "(secret) (secret)")
        #expect(!"\([secret])".contains("hunter2"))
        var text = ""
        dump(secret, to: &text)
        #expect(!text.contains("hunter2"))
    }
}

@Suite struct ReceiverTests {
    @Test func `addresses are read and what is none is refused`() throws {
        let address = try #require(ReceiverAddress("https://Hooks.example:8443/T0/B1?x=1"))
        #expect(address.description == "https://Hooks.example:8443" && address.path == "/T0/B1?x=1")
        #expect(address.whole == "https://Hooks.example:8443/T0/B1?x=1" && !address.isLoopback)
        #expect(ReceiverAddress("http://[::1]:9093")?.isLoopback == true)
        #expect(ReceiverAddress("http://127.0.0.1:9093/am/")?.below("/api") == "http://127.0.0.1:9093/am/api")
        #expect(ReceiverAddress("http://127.0.0.1-evil.example/")?.isLoopback == false)
        for bad in [
            "", "ftp://x/", "https://", "https://user:pass@host/", "https://host:0/", "https://host:99999/",
            "https://ho st/", "https://host/#part", "host:9093", "https://host:port/", "https://h\u{E4}st/",
            "https://" + String(repeating: "a", count: 3_000),
        ] { #expect(ReceiverAddress(bad) == nil, "\(bad.prefix(40))") }
    }

    @Test func `rates are read and what is none is refused`() {
        #expect(RateLimit(parsing: "60/h") == .usual && RateLimit.usual.description == "60/h")
        #expect(RateLimit(parsing: "5/m") == RateLimit(count: 5, seconds: 60))
        for bad in ["", "60", "0/h", "-1/h", "x/h", "60/y", "60/h/h", "1000000/s"] {
            #expect(RateLimit(parsing: bad) == nil, "\(bad)")
        }
    }

    @Test func `a receiver is told of its tenants and severities`() throws {
        var receiver = try Samples.receiver(.slack)
        #expect(receiver.wants(Samples.incident(severity: .low)))
        receiver.minimumSeverity = .high
        receiver.tenants = ["acme", "caf\u{E9}"]
        #expect(receiver.wants(Samples.incident(severity: .high)))
        #expect(!receiver.wants(Samples.incident(severity: .medium)))
        #expect(!receiver.wants(Samples.incident(tenant: "globex")))
        // The same letters in other bytes are another tenant.
        #expect(!receiver.wants(Samples.incident(tenant: "cafe\u{301}")))
    }

    @Test func `the proxy is the one that the environment names, and this machine needs none`() {
        let proxy = ProxySettings { ["https_proxy": "http://proxy:3128", "NO_PROXY": ".corp, db"][$0] }
        #expect(proxy?.host == "proxy" && proxy?.port == 3_128)
        for host in ["localhost", "127.0.0.1", "am.corp", "corp", "db"] {
            #expect(proxy?.excepts(host) == true)
        }
        for host in ["events.pagerduty.com", "notcorp", "db.example"] {
            #expect(proxy?.excepts(host) == false)
        }
        #expect(ProxySettings { _ in nil } == nil)
    }

    @Test func `base64 is what everybody reads`() {
        #expect(
            ["", "f", "fo", "foo", "foob"].map { Base64.text(Array($0.utf8)) } == [
                "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==",
            ])
    }
}
