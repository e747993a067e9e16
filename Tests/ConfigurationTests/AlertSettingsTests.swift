import Testing

@testable import Configuration

@Suite struct AlertSettingsTests {
    private func problem(_ receiver: String) -> String {
        let lines = receiver.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
        do throws(ConfigurationError) {
            _ = try ConfigurationFile.parse("alerts:\n  receivers:\n\(lines)\n", file: "config.yaml")
            return "none"
        } catch {
            return error.description
        }
    }

    @Test func `reads every key of every kind`() throws {
        let alerts = try #require(
            try ConfigurationFile.parse(
                """
                alerts:
                  runbook: https://wiki.example/authz
                  receivers:
                    oncall:
                      kind: pagerduty
                      secret_env: PAGERDUTY_KEY
                      severity: high
                      tenants: [acme, globex]
                      rate: 30/h
                    am:
                      kind: alertmanager
                      url: https://am.example
                      user: verdict
                      secret_file: /etc/verdict/am
                      attributes: [addresses, resources]
                    chat:
                      kind: slack
                      url_file: /etc/verdict/slack
                    hook:
                      kind: webhook
                      url_env: HOOK
                      attributes: agent
                """, file: "config.yaml"
            ).alerts)
        #expect(alerts.runbook == "https://wiki.example/authz")
        #expect(alerts.receivers.map(\.name) == ["oncall", "am", "chat", "hook"])
        #expect(alerts.receivers.map(\.kind) == [.pagerduty, .alertmanager, .slack, .webhook])
        #expect(
            alerts.receivers.map(\.address)
                == [nil, .text("https://am.example"), .file("/etc/verdict/slack"), .environment("HOOK")])
        #expect(
            alerts.receivers.map(\.secret)
                == [.environment("PAGERDUTY_KEY"), .file("/etc/verdict/am"), nil, nil])
        let first = alerts.receivers[0]
        #expect(first.severity == .high && first.tenants == ["acme", "globex"] && first.rate == "30/h")
        #expect(alerts.receivers[1].user == "verdict")
        #expect(alerts.receivers.map(\.attributes) == [[], [.addresses, .resources], [], [.agent]])
        #expect(alerts.receivers[2].severity == .low && alerts.receivers[2].tenants.isEmpty)
    }

    @Test func `drills are for who asks for them`() throws {
        let receivers = try #require(
            try ConfigurationFile.parse(
                """
                alerts:
                  receivers:
                    hook: {kind: webhook, url_env: HOOK, drills: true}
                    chat: {kind: slack, url_env: CHAT, drills: false}
                    oncall: {kind: pagerduty, secret_env: KEY}
                """, file: ""
            ).alerts
        ).receivers
        #expect(receivers.map(\.drills) == [true, false, false])
        #expect(
            problem("a:\n  kind: webhook\n  url: https://x/\n  drills: sometimes").contains(
                "`drills` must be true or false"))
        #expect(
            problem("a:\n  kind: webhook\n  url: https://x/\n  drill: true").contains(
                "did you mean `drills`?"))
    }

    @Test func `nobody is told when nobody is named`() throws {
        #expect(try ConfigurationFile.parse("alerts:\n", file: "").alerts == nil)
        #expect(try ConfigurationFile.parse("alerts:\n  receivers:\n", file: "").alerts?.receivers == [])
    }

    @Test func `what is wrong is told with its line and what is expected`() {
        #expect(
            problem("a:\n  url: https://x/") == "config.yaml:3: the receiver `a` has no `kind`: one of "
                + "alertmanager, webhook, pagerduty, slack")
        #expect(problem("a:\n  kind: email").contains("config.yaml:4: `kind` must be one of alertmanager,"))
        #expect(problem("a:\n  kind: webhook").contains("the receiver `a` has no `url`"))
        #expect(problem("a:\n  kind: pagerduty").contains("has no routing key"))
        #expect(problem("a:\n  kind: slack\n  url: https://x/\n  secret_env: X").contains("needs no secret"))
        #expect(problem("a:\n  kind: webhook\n  url: https://x/\n  user: u").contains("`user` is for"))
        #expect(
            problem("a:\n  kind: webhook\n  url: https://x/\n  url_env: X").contains("exclude each other"))
        #expect(
            problem("a:\n  kind: webhook\n  secret_env: X\n  secret_file: /x").contains("exclude each other"))
        #expect(problem("a:\n  kind: webhook\n  secret_file: x").contains("must be a whole path"))
        #expect(problem("a:\n  kind: webhook\n  secret_env: a b").contains("must be the name of a variable"))
        #expect(problem("a:\n  kind: webhook\n  url: https://x/\n  rate: 60").contains("such as 60/h"))
        #expect(problem("a:\n  kind: webhook\n  url: https://x/\n  rate: 0/h").contains("such as 60/h"))
        #expect(
            problem("a:\n  kind: webhook\n  severity: bad").contains("one of low, medium, high, critical"))
        #expect(
            problem("a:\n  kind: webhook\n  attributes: [ip]").contains("one of roles, resources, addresses"))
        #expect(problem("a:\n  kind: webhook\n  sevrity: low").contains("did you mean `severity`?"))
        #expect(problem("a b:\n  kind: webhook").contains("letters, digits, `-` and `_`"))
        let many = (0..<21).map { "r\($0):\n  kind: webhook\n  url: https://x/" }.joined(separator: "\n")
        #expect(problem(many).contains("more than 20 receivers"))
    }

    @Test func `a secret does not stand in the file, and no complaint repeats one`() {
        let told = problem("a:\n  kind: webhook\n  secret: hunter2")
        #expect(told.contains("`secret_env`") && told.contains("config.yaml:5") && !told.contains("hunter2"))
        #expect(!problem("a:\n  kind: slack\n  url: https://x/hunter2\n  secret_env: X").contains("hunter2"))
    }

    @Test func `a runbook is the address of a page`() {
        for bad in ["wiki", "javascript:x", "https://x/ y"] {
            #expect(throws: ConfigurationError.self) {
                try ConfigurationFile.parse("alerts:\n  runbook: \(bad)\n", file: "")
            }
        }
    }
}
