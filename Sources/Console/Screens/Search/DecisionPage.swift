import Decisions
import Operations
import TerminalUI

/// Every field of a decision, one a line; fields the log did not give are left out.
struct DecisionPage {
    let decision: Decision
    let storedID: String
    let width: Int
    /// Whether it is a decision; of another row only what it says itself is told.
    var isDecision = true

    private let labelWidth = 11

    var lines: [Line] {
        guard isDecision else { return linesOfRow }
        var lines: [Line] = [
            Line([
                DecisionText.sign(decision.effect),
                Span(" " + decision.effect.rawValue.uppercased(), DecisionText.role(decision.effect), .bold),
                Span("  " + decision.principal.id, .identifier, .bold),
                Span("  " + DecisionText.request(decision)),
            ]), .empty,
        ]
        lines += field("id", decision.id)
        if storedID != decision.id { lines += field("stored as", storedID) }
        lines += field("time", decision.time.description)
        lines += field("tenant", ConsoleState.tenantName(decision.tenant))
        lines += field("principal", decision.principal.id)
        lines += field("roles", decision.principal.roles.joined(separator: ", "))
        lines += field("kind", decision.resource.kind)
        lines += field("resource", decision.resource.id)
        lines += field("scope", decision.resource.scope)
        lines += field("actions", decision.actions.joined(separator: ", "))
        lines += field("effect", decision.effect.rawValue)
        lines += field("outcome", decision.outcome)
        lines += field("policies", decision.policies.joined(separator: ", "))
        lines += field(
            "duration", decision.durationNanoseconds.map { Quantity.microseconds(Double($0) / 1_000) })
        lines += field("cache", decision.cacheHit.map { $0 ? "hit" : "miss" })
        lines += field("from", decision.source.ip)
        lines += field("agent", decision.source.agent)
        lines += field("format", decision.source.format)
        for member in decision.extras.members { lines += field(member.key, member.value.json) }
        return lines
    }

    private var linesOfRow: [Line] {
        var lines = field("id", decision.id)
        if decision.hasRowTime { lines += field("time", decision.time.description) }
        lines += field("tenant", decision.tenant)
        for (name, value) in decision.rowFields { lines += field(name, value) }
        return lines
    }

    private func field(_ name: String, _ value: String?) -> [Line] {
        guard let value, !value.isEmpty else { return [] }
        let label = name.count < labelWidth ? name : String(name.prefix(labelWidth - 2)) + "…"
        let padded = label + String(repeating: " ", count: max(1, labelWidth - label.count))
        let wrapped = Paragraph([Line(value)]).wrapped(width: max(8, width - labelWidth))
        return wrapped.enumerated().map { index, line in
            Line([Span(index == 0 ? padded : String(repeating: " ", count: labelWidth), .muted)] + line.spans)
        }
    }
}
