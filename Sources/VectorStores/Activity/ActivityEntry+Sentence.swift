import Decisions

extension ActivityEntry {
    /// The entry in one line of words, to follow the name of whoever did it: `acknowledged incident K7F2: state new →
    /// acknowledged`.
    public var sentence: String {
        let told = particulars ?? changes(event.before, event.after)
        return deed + (told.isEmpty ? "" : ": " + told.joined(separator: ", "))
    }

    /// The key under which triage tells until when an incident is put off.
    private static let snooze = "snooze"
    /// The key of a value that was too large to be kept, with its size.
    private static let tooLarge = "too_large_bytes"
    /// What ends a key whose value is a size.
    private static let bytes = "_bytes"

    /// What differs, by key where there are keys.
    private func changes(_ before: JSONValue, _ after: JSONValue) -> [String] {
        if before.object == nil, after.object == nil {
            if before == after { return [] }
            return [before == .null ? shown(after) : "\(shown(before)) → \(shown(after))"]
        }
        let (old, new) = (before.object ?? JSONObject(), after.object ?? JSONObject())
        var keys = old.members.map(\.key)
        for member in new.members where !keys.contains(member.key) { keys.append(member.key) }
        return keys.compactMap { key in
            let (was, became) = (old[key], new[key])
            guard was != became else { return nil }
            if key == Self.snooze { return putOff(was, became) }
            if key == Self.tooLarge, let became {
                return "\(shown(became, under: key)), too large to be kept"
            }
            let name = Self.name(of: key)
            guard let became else { return "\(name) \(shown(was, under: key)) → none" }
            guard let was else { return "\(name) \(shown(became, under: key))" }
            return "\(name) \(shown(was, under: key)) → \(shown(became, under: key))"
        }
    }

    /// What a key is called: a size goes by what it is the size of.
    private static func name(of key: String) -> String {
        let name = key.hasSuffix(bytes) ? String(key.dropLast(bytes.utf8.count)) : key
        return name.replacing("_", with: " ")
    }

    /// A value in words, under a key where it has one.
    private func shown(_ value: JSONValue?, under key: String = "") -> String {
        switch value {
        case nil, .null?: return "none"
        case .string(let text)?: return key == "resolution" ? text.replacing("_", with: " ") : text
        case .bool(let isSo)?: return isSo ? "yes" : "no"
        case .number(let text)?:
            guard let count = Int(text) else { return text }
            return key.hasSuffix(Self.bytes) ? PrintedNumber.bytes(count) : PrintedNumber.grouped(count)
        case .array(let elements)?:
            return elements.isEmpty ? "none" : elements.map { shown($0) }.joined(separator: ", ")
        case .object(let object)?:
            return object.members.isEmpty
                ? "none"
                : object.members.map { "\(Self.name(of: $0.key)) \(shown($0.value, under: $0.key))" }
                    .joined(separator: ", ")
        }
    }

    // MARK: Snoozes

    /// `snoozed until 14:00`, `snoozed for 50 more`; what it was before where it was put off already.
    private func putOff(_ was: JSONValue?, _ became: JSONValue?) -> String {
        guard let became, became != .null else { return "no longer snoozed" }
        let before = was.flatMap { $0 == .null ? nil : "snoozed \(term(of: $0)) → " } ?? ""
        return "\(before)snoozed \(term(of: became))"
    }

    private func term(of value: JSONValue) -> String {
        let object = value.object
        if let time = object?["until"]?.text.flatMap({ Timestamp($0) }) { return "until \(near(time))" }
        if let more = object?["more"]?.number.flatMap({ Int(exactly: $0) }) {
            return "for \(PrintedNumber.grouped(more)) more"
        }
        if let count = object?["count"]?.number.flatMap({ Int(exactly: $0) }) {
            return "until it has \(PrintedNumber.counted(count, "decision"))"
        }
        return shown(value)
    }

    /// The time of day where that is on the day of the entry, else the date as well; to the minute, in UTC.
    private func near(_ time: Timestamp) -> String {
        let text = Timestamp(seconds: time.seconds, fractionDigits: 0).description
        let minute = text.prefix("2026-01-31T14:00".utf8.count)
        return time.dayNumber == event.time.dayNumber
            ? String(minute.suffix("14:00".utf8.count)) : String(minute).replacing("T", with: " ") + "Z"
    }
}
