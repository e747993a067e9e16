import TerminalUI

extension SettingsReader {
    /// The most receivers.
    static let maximumReceivers = 20
    private static let maximumNameBytes = 40

    private static let receiverKeys = [
        "kind", "url", "url_env", "url_file", "user", "secret_env", "secret_file", "severity", "tenants",
        "rate", "attributes", "drills",
    ]

    /// `runbook` and, below `receivers`, a name for each with its keys.
    func alerts(_ value: YAMLValue) throws(ConfigurationError) -> Settings.Alerts? {
        if value.isNull { return nil }
        var alerts = Settings.Alerts()
        for entry in try entries(value, of: "`alerts`") {
            switch entry.key {
            case "runbook": alerts.runbook = try runbook(entry.value)
            case "receivers":
                if entry.value.isNull { continue }
                let receivers = try entries(entry.value, of: "`receivers`")
                guard receivers.count <= Self.maximumReceivers else {
                    throw fail("more than \(Self.maximumReceivers) receivers", at: entry.line)
                }
                for receiver in receivers { alerts.receivers.append(try self.receiver(receiver)) }
            default: throw unknown(entry, among: ["runbook", "receivers"])
            }
        }
        return alerts
    }

    private func runbook(_ value: YAMLValue) throws(ConfigurationError) -> String {
        let text = try text(value, "runbook")
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && text.utf8.count <= 2_000
        guard isPlain, text.hasPrefix("https://") || text.hasPrefix("http://") else {
            throw fail(
                "`runbook` must be the address of a page, such as https://wiki.example/authz", at: value.line)
        }
        return text
    }

    private func receiver(_ entry: YAMLValue.Entry) throws(ConfigurationError) -> Settings.AlertReceiver {
        let shown = String(entry.key.prefix(60)).terminalSafe
        let isName =
            !entry.key.isEmpty && entry.key.utf8.count <= Self.maximumNameBytes
            && entry.key.utf8.allSatisfy(Self.isOfName)
        guard isName else {
            throw fail(
                "a receiver's name must be at most \(Self.maximumNameBytes) letters, digits, `-` and `_`, "
                    + "not `\(shown)`", at: entry.line)
        }
        let parts = try entries(entry.value, of: "the receiver `\(shown)`")
        guard let kind = parts.first(where: { $0.key == "kind" }) else {
            let known = Settings.AlertKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw fail("the receiver `\(shown)` has no `kind`: one of \(known)", at: entry.line)
        }
        var receiver = Settings.AlertReceiver(
            name: entry.key, line: entry.line,
            kind: try choice(kind.value, "kind", Settings.AlertKind.self))
        for part in parts { try read(part, into: &receiver) }
        try check(receiver, shown)
        return receiver
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private func read(
        _ part: YAMLValue.Entry, into receiver: inout Settings.AlertReceiver
    ) throws(ConfigurationError) {
        switch part.key {
        case "kind": break
        case "url", "url_env", "url_file":
            guard receiver.address == nil else {
                throw fail("`url`, `url_env` and `url_file` exclude each other; name one", at: part.line)
            }
            receiver.address = try source(part)
        case "secret":
            throw fail(
                "a secret does not stand in this file: name a variable with `secret_env`, or a file that only "
                    + "its owner may read with `secret_file`", at: part.line)
        case "secret_env", "secret_file":
            guard receiver.secret == nil else {
                throw fail("`secret_env` and `secret_file` exclude each other; name one", at: part.line)
            }
            receiver.secret = try source(part)
        case "user": receiver.user = try text(part.value, part.key)
        case "severity":
            receiver.severity = try choice(part.value, part.key, Settings.AlertSeverity.self)
        case "tenants": receiver.tenants = try texts(part.value, part.key)
        case "rate": receiver.rate = try rate(part.value)
        case "attributes":
            for element in part.value.elements ?? [part.value] {
                receiver.attributes.append(try choice(element, part.key, Settings.AlertAttribute.self))
            }
        case "drills": receiver.drills = try truth(part.value, part.key)
        default: throw unknown(part, among: Self.receiverKeys)
        }
    }

    private func source(_ part: YAMLValue.Entry) throws(ConfigurationError) -> Settings.ValueSource {
        let text = try text(part.value, part.key)
        if part.key.hasSuffix("_env") {
            let isName =
                !text.isEmpty && text.utf8.allSatisfy { Self.isOfName($0) && $0 != UInt8(ascii: "-") }
            guard isName else { throw fail("`\(part.key)` must be the name of a variable", at: part.line) }
            return .environment(text)
        }
        if part.key.hasSuffix("_file") {
            guard text.hasPrefix("/") else {
                throw fail("`\(part.key)` must be a whole path, beginning with /", at: part.line)
            }
            return .file(text)
        }
        return .text(text)
    }

    /// A number, a slash and a unit: `60/h`.
    private func rate(_ value: YAMLValue) throws(ConfigurationError) -> String {
        let text = try text(value, "rate")
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]), (1...100_000).contains(count),
            ["s", "m", "h", "d"].contains(parts[1])
        else { throw fail("`rate` must be a number for each s, m, h or d, such as 60/h", at: value.line) }
        return text
    }

    /// What one kind needs and another has no use for.
    private func check(_ receiver: Settings.AlertReceiver, _ shown: String) throws(ConfigurationError) {
        let line = receiver.line
        if receiver.address == nil, receiver.kind != .pagerduty {
            throw fail("the receiver `\(shown)` has no `url`", at: line)
        }
        if receiver.secret == nil, receiver.kind == .pagerduty {
            throw fail(
                "the receiver `\(shown)` has no routing key: name it with `secret_env` or `secret_file`",
                at: line)
        }
        if receiver.secret != nil, receiver.kind == .slack {
            throw fail(
                "the receiver `\(shown)` needs no secret; its address is one: name it with `url_env` or "
                    + "`url_file`", at: line)
        }
        if receiver.user != nil, receiver.kind != .alertmanager || receiver.secret == nil {
            throw fail("`user` is for a receiver of kind alertmanager with a secret: its password", at: line)
        }
    }
}
