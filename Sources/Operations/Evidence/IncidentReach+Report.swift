public import Decisions
import VectorStores

extension IncidentReach {
    /// The reach as `verdict incident --json` and the console's copy tell it.
    public var json: JSONValue {
        func number(_ value: Int) -> JSONValue { .number(String(value)) }
        func counted(_ values: [Counted]) -> JSONValue {
            .array(values.map { .object(["name": .string($0.name), "count": number($0.count)]) })
        }
        let others = others.map { other -> JSONValue in
            .object([
                "principal": .string(other.principal), "count": number(other.count),
                "last": .string(other.last.description),
            ])
        }
        var object: JSONObject = [
            "since": .string(since.description), "allowed": number(allowed), "denied": number(denied),
            "conditional": number(conditional), "cut": .bool(isCut), "actions": counted(actions),
            "resources": counted(resources), "resource_count": number(resourceCount),
            "addresses": counted(addresses), "others": .array(others), "other_count": number(otherCount),
            "others_cut": .bool(othersAreCut),
            "last_seen": lastSeen.map { .string($0.description) } ?? .null,
            "scanned": number(scanned),
        ]
        if let usualDay {
            object["usual_day"] = .object([
                "resource": .string(usualDay.resource), "hours": .array(usualDay.hours.map(number)),
                "decisions": number(usualDay.decisions), "since": .string(usualDay.since.description),
            ])
        }
        return .object(object)
    }

    /// What they got, a sentence each, for text that leaves the program; values are code.
    public func lines(_ code: (String) -> String) -> [String] {
        func grouped(_ count: Int) -> String { PrintedNumber.grouped(count) }
        func listed(_ values: [Counted], of count: Int? = nil) -> String {
            let more = (count ?? values.count) - values.count
            return values.map { "\(code($0.name)) \(grouped($0.count))×" }.joined(separator: ", ")
                + (more > 0 ? " and \(grouped(more)) more" : "")
        }
        guard allowed + denied + conditional > 0 else {
            return ["nothing is stored of what they did since \(since)"]
        }
        let newest = isCut ? ", of the newest \(grouped(Self.maximumRows))" : ""
        var lines = [
            "since \(since): \(grouped(allowed)) allowed, \(grouped(denied)) denied, "
                + "\(grouped(conditional)) conditional\(newest)"
        ]
        if !actions.isEmpty { lines.append("allowed: \(listed(actions))") }
        if !resources.isEmpty { lines.append("reached: \(listed(resources, of: resourceCount))") }
        if !addresses.isEmpty { lines.append("from: \(listed(addresses))") }
        if !others.isEmpty {
            let more = otherCount - others.count
            let names = others.map { "\(code($0.principal)) (last \($0.last))" }.joined(separator: ", ")
            lines.append("others from there: \(names)" + (more > 0 ? " and \(grouped(more)) more" : ""))
        }
        if let lastSeen { lines.append("last seen: \(lastSeen)") }
        return lines
    }
}
