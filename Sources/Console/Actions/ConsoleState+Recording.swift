import Decisions
import Operations

extension ConsoleState {
    /// `:recording acme 25 %` sets a mode, `default` instead of one takes it away; without a mode it is told.
    mutating func executeRecording(_ rest: String) -> [ConsoleRequest] {
        let recording = snapshot.recording
        if rest.isEmpty {
            show("recording: \(recording.sentence)", .note)
            return []
        }
        let (name, choice) = Self.split(rest)
        let tenant = name == "(none)" ? "" : name
        guard !tenant.isEmpty || name == "(none)" else {
            return refuse("recording: of which tenant? type :recording TENANT \(rest), * for all")
        }
        let isForAll = tenant == RecordingPolicy.everyTenant
        let isKnown = snapshot.tenants.contains { $0.id == tenant } || recording.hasMode(of: tenant)
        guard isForAll || isKnown else {
            return refuse("recording: there is no tenant \(name); a mode is \(RecordingMode.spellings)")
        }
        guard let choice else {
            let mode = isForAll ? recording.others ?? .on : recording.mode(of: tenant)
            show("recording of \(isForAll ? "all others" : name): \(mode)", .note)
            return []
        }
        if let reason = whyNotOperate { return refuse("recording: \(reason)") }
        return [ask(.setRecording(choice.mode, tenant: isForAll ? nil : tenant, by: person), .settings)]
    }

    mutating func takeRecording(_ policy: RecordingPolicy, of tenant: String?) {
        // The header tells it at once, before the next picture of the program.
        snapshot.recording = policy
        let mode = tenant.map { policy.mode(of: $0) } ?? policy.others ?? .on
        show("recording of \(tenant.map { Self.tenantName($0) } ?? "all others"): \(mode)", .done)
    }

    /// What was typed after a tenant: a mode, or that what is configured holds again.
    private struct Choice {
        var mode: RecordingMode?
    }

    /// The tenant, and what was typed behind it; `nil` where that is nothing that can be chosen.
    private static func split(_ rest: String) -> (tenant: String, choice: Choice?) {
        let words = rest.split(separator: " ")
        // A share may be two words: the number and its sign.
        for count in [2, 1] where words.count >= count {
            let last = words.suffix(count)
            let text = last.joined(separator: " ")
            let mode = RecordingMode(text)
            guard mode != nil || text.lowercased() == "default", let start = last.first?.startIndex else {
                continue
            }
            var tenant = rest[..<start]
            while tenant.last == " " { tenant.removeLast() }
            return (String(tenant), Choice(mode: mode))
        }
        return (rest, nil)
    }
}

extension RecordingPolicy {
    /// Whether a tenant has a mode of its own.
    fileprivate func hasMode(of tenant: String) -> Bool { tenants[ByteKey(tenant)] != nil }
}
