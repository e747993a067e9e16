import Testing

@testable import Configuration

@Suite struct LogSettingsTests {
    private func logs(_ text: String) throws -> Settings.Logs {
        try ConfigurationFile.parse(text, file: "config.yaml").logs
    }

    private func problem(_ text: String) -> String {
        do throws(ConfigurationError) {
            _ = try ConfigurationFile.parse(text, file: "config.yaml")
            return "none"
        } catch {
            return error.description
        }
    }

    @Test func `mappings and rules are read as they are written, with their lines`() throws {
        let logs = try logs(
            """
            logs:
              opa:
                - path: shop/orders/*
                  principal: /input/jwt/sub
                  roles: [/input/jwt/groups, /input/roles]
                - request_path: /input/url
                  ip: /input/client/ip
                  deny: /result/violations
              rules:
                - keep effect:deny
                - drop kind:url:/healthz*
                - sample 10 % watches
                - 'drop agent:"kube-probe/1.29"'
            """)
        #expect(logs.file == "config.yaml")
        #expect(logs.opa.map(\.path) == ["shop/orders/*", nil])
        #expect(logs.opa[0].places.map(\.field) == [.principal, .roles])
        #expect(logs.opa[0].places[0].pointers == [Settings.Words("/input/jwt/sub", line: 4)])
        #expect(logs.opa[0].places[1].pointers.map(\.text) == ["/input/jwt/groups", "/input/roles"])
        #expect(logs.opa[1].places.map(\.field) == [.requestPath, .ip, .deny])
        #expect(
            logs.rules == [
                Settings.Words("keep effect:deny", line: 10),
                Settings.Words("drop kind:url:/healthz*", line: 11),
                Settings.Words("sample 10 % watches", line: 12),
                Settings.Words(#"drop agent:"kube-probe/1.29""#, line: 13),
            ])
    }

    @Test func `one mapping and one rule need no list, and nothing is nothing`() throws {
        let one = try logs("logs:\n  opa: {principal: /input/sub}\n  rules: drop discovery")
        #expect(one.opa.count == 1 && one.rules.map(\.text) == ["drop discovery"])
        for text in ["logs:", "logs:\n  opa:\n  rules:", "logs: {opa: [], rules: []}"] {
            let none = try logs(text)
            #expect(none.opa.isEmpty && none.rules.isEmpty, "\(text)")
        }
        #expect(try logs("store: x") == Settings.Logs())
    }

    @Test(arguments: [
        ("logs: drop", "`logs` must consist of keys and values, it is text"),
        ("logs:\n  rule: drop x", "config.yaml:2: unknown key `rule`; did you mean `rules`?"),
        ("logs:\n  opa: /input/user", "a mapping of `opa` must consist of keys and values"),
        (
            "logs:\n  opa:\n    - principle: /input/x",
            "config.yaml:3: unknown key `principle`; did you mean `principal`?"
        ),
        ("logs:\n  opa:\n    - path: shop/*", "must name the place of a field, such as principal"),
        ("logs:\n  opa:\n    - principal:", "`principal` must be text"),
        ("logs:\n  opa:\n    - principal: {a: b}", "`principal` must be text"),
        ("logs:\n  opa:\n    - path: [a]\n      kind: /input/k", "`path` must be text"),
        ("logs:\n  rules:\n    - [drop]", "config.yaml:3: `rules` must be text"),
        ("logs:\n  rules:\n    - drop: discovery", "`rules` must be text"),
    ])
    func `what is wrong is told with its line`(text: String, reason: String) {
        #expect(problem(text).contains(reason), "\(problem(text))")
    }

    @Test func `there are only so many rules, mappings and places`() {
        let rules = "logs:\n  rules:\n" + String(repeating: "    - drop discovery\n", count: 101)
        #expect(problem(rules).contains("`rules` has more than 100 entries"))
        let mappings = "logs:\n  opa:\n" + String(repeating: "    - kind: /input/k\n", count: 101)
        #expect(problem(mappings).contains("`opa` has more than 100 mappings"))
        let places = "logs:\n  opa:\n    kind: [" + String(repeating: "/input/k,", count: 21) + "]"
        #expect(problem(places).contains("`kind` has more than 20 entries"))
    }
}
