import AnomalyDetection
import Decisions
import Operations
import Testing
import VectorStores

/// What a shift hands over, and an incident as Markdown.
@Suite struct ShiftReportTests {
    static let start = Timestamp(seconds: 1_800_000_000, fractionDigits: 0)
    static let end = start.advanced(bySeconds: 8 * 3_600)

    static func incident(
        _ id: String, _ severity: Incident.Severity, at seconds: Int64, principal: String = "svc",
        kind: String = "secrets"
    ) -> Incident {
        let decision = Decision(
            id: "d-\(id)", time: start.advanced(bySeconds: seconds), tenant: "acme",
            principal: Principal(id: principal), resource: Resource(kind: kind, id: "db"), actions: ["get"],
            effect: .allow)
        var incident = Incident(
            id: id,
            key: Incident.Key(tenant: "acme", principal: principal, kind: kind, effect: .allow),
            severity: severity, time: decision.time, score: 0.99, why: ["none on \(kind)"],
            member: decision.id,
            evidence: Evidence(
                decision: decision, channels: ScoredDecision.Channels(distance: 1, rarity: 1, firstSeen: 1)))
        incident.resources = ["\(kind)/db"]
        incident.resourceCount = 1
        incident.actions = ["get"]
        return incident
    }

    static func acted(_ incident: Incident, _ acts: [(TriageAct, String, Int64)]) throws -> Incident {
        var incident = incident
        for (act, who, seconds) in acts {
            _ = try incident.perform(act, by: who, at: start.advanced(bySeconds: seconds))
        }
        return incident
    }

    static func incidents() throws -> [Incident] {
        [
            incident("LOWW", .low, at: 60), incident("CRIT", .critical, at: 7_200),
            try acted(
                incident("TAKN", .high, at: 100), [(.acknowledge, "ana", 200), (.assign("ben"), "ana", 210)]),
            try acted(
                incident("SNZT", .medium, at: -900),
                [(.snooze(.until(end.advanced(bySeconds: 3_600))), "ana", 400)]),
            try acted(incident("SNZX", .medium, at: -800), [(.snooze(.events(7)), "ana", 410)]),
            try acted(
                incident("WOKE", .medium, at: -700),
                [(.snooze(.until(start.advanced(bySeconds: 900))), "ana", 420)]),
            try acted(
                incident("DONE", .high, at: -600),
                [(.resolve(.falsePositive), "ben", 500), (.note("a *known* job"), "ben", 510)]),
            try acted(incident("PAST", .high, at: -90_000), [(.resolve(.expected), "cem", -80_000)]),
            silence("MUTE", at: 50, ended: nil), silence("BACK", at: 40, ended: 45),
            // Whatever a log calls its kinds.
            incident("SPOF", .low, at: 70, principal: "audit.log", kind: "verdict:source"),
        ]
    }

    static func silence(_ id: String, at seconds: Int64, ended: Int64?) -> Incident {
        var incident = incident(id, .medium, at: seconds, principal: "audit.log", kind: "verdict:source")
        incident.signal = Signal.Standing(
            kind: .silentSource, raised: start.advanced(bySeconds: seconds),
            ended: ended.map { start.advanced(bySeconds: $0) })
        return incident
    }

    static func report() async throws -> ShiftReport {
        let store = try MemoryStore(options: StoreOptions(clock: { end }))
        func event(_ act: String, _ seconds: Int64) -> ActivityEvent {
            ActivityEvent(
                time: start.advanced(bySeconds: seconds), who: "ana", act: act, subject: "kind:invoice",
                before: .object(["decisions": .number("12")]), after: .object(["decisions": .number("0")]))
        }
        try await ActivityLog.append(
            [event("delete", -10), event("delete", 700), event("acknowledge", 800)], to: store)
        return ShiftReport(
            incidents: try incidents(), activity: try await ActivityLog.newest(100, of: store),
            store: "prod eu",
            from: start, to: end)
    }

    @Test func `each incident stands where the next shift looks for it`() async throws {
        let report = try await Self.report()
        #expect(report.open.map(\.id) == ["CRIT", "WOKE", "BACK", "LOWW", "SPOF"])
        #expect(report.taken.map(\.id) == ["TAKN"])
        #expect(report.snoozed.map(\.id) == ["SNZT", "SNZX"])
        #expect(report.opened.map(\.id) == ["BACK", "MUTE", "LOWW", "SPOF", "TAKN", "CRIT"])
        #expect(report.closed.map(\.incident.id) == ["DONE"] && report.closed.first?.entry.who == "ben")
        #expect(report.silent.map(\.key.principal) == ["audit.log"])
        #expect(report.acts.map(\.event.act) == ["delete"])
    }

    @Test func `the Markdown has every part, and what was written cannot break it`() async throws {
        let report = try await Self.report()
        let text = report.markdown
        for title in [
            "# Shift handover: `prod eu`", "## Waiting for somebody", "## In work", "## Put off",
            "## Silent sources",
            "## Began in this shift", "## Resolved in this shift", "## Notes", "## Who",
            "## Done to the store",
        ] {
            #expect(text.contains(title), "\(title)")
        }
        #expect(text.contains("5 waiting (1 critical), 1 in work, 2 put off, 1 silent source"))
        #expect(text.contains("- `ben`: **high** TAKN"))
        #expect(
            text.contains("snoozed for 7 more decisions")
                && text.contains("snoozed until 2027-01-15T17:00:00Z"))
        #expect(text.contains("DONE as false positive by `ben`") && text.contains("a \\*known\\* job"))
        #expect(text.contains("deleted kind:invoice: decisions 12 → 0"))
        #expect(text.contains("verdict console --store 'prod eu' --incident CRIT"))
    }

    @Test func `JSON tells the same`() async throws {
        let object = try await Self.report().json
        #expect(object["open"] == .array(["CRIT", "WOKE", "BACK", "LOWW", "SPOF"].map { .string($0) }))
        #expect(object["open_by_severity"]?.object?["critical"] == .number("1"))
        #expect(object["assignees"]?.object?["ben"] == .number("1"))
        #expect(object["snoozed"]?.elements?.last?.object?["decisions"] == .number("7"))
        #expect(object["silent_sources"] == .array([.string("audit.log")]))
    }

    @Test func `nothing happened is said part by part`() {
        let report = ShiftReport(incidents: [], activity: [], store: "s", from: Self.start, to: Self.end)
        #expect(report.markdown.contains("0 waiting, 0 in work"))
        #expect(report.markdown.split(separator: "\n").count { $0 == "none" } == 9)
    }

    @Test func `an incident is a document with the commands that lead on`() throws {
        let incident = try Self.acted(
            Self.incident("K7F2", .critical, at: 0, principal: "svc `x`|\u{1b}[31m"),
            [(.acknowledge, "ana", 5), (.note("see <b>runbook</b>"), "ana", 6)])
        let text = IncidentMarkdown(incident, store: "prod").text
        #expect(text.hasPrefix("# CRITICAL K7F2: ``svc `x`|\\u{1b}[31m`` on `secrets`, allow\n"))
        #expect(text.contains("- state: acknowledged\n") && text.contains("see \\<b\\>runbook\\</b\\>"))
        #expect(
            text.contains(
                "verdict console --store prod --incident K7F2\nverdict incident K7F2 ack --store prod\n"))
        #expect(
            text.contains(
                "verdict search $'tenant:\"acme\" principal:\"svc `x`|\\U0000001b[31m\" kind:\"secrets\""))
        #expect(!text.unicodeScalars.contains("\u{1b}"))
        let silence = IncidentMarkdown(Self.silence("MUTE", at: 0, ended: nil), store: nil).text
        #expect(silence.contains("- seen: 1 time, from "))
        #expect(!silence.contains("verdict search") && !silence.contains("Nearest past decisions"))
        let plain = IncidentMarkdown(incident, store: nil).text
        #expect(plain.contains("verdict console --incident K7F2\n"))
    }
}
