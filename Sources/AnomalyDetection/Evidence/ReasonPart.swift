import Decisions

/// A part of a reason or of a token in words: plain words, or the value of one field.
public struct ReasonPart: Sendable, Hashable {
    /// The part as the sentence has it.
    public var text: String
    /// What it is the value of; `nil` for plain words.
    public var value: Value?

    /// A value of the incident that a sentence repeats.
    public struct Value: Sendable, Hashable {
        /// The field.
        public var field: Field
        /// The whole value, where the sentence has only its beginning.
        public var text: String
    }

    /// A field that queries know, by its name there.
    public enum Field: String, Sendable, CaseIterable {
        /// Who.
        case principal
        /// The kind of resource.
        case kind
        /// What was done.
        case action
        /// The resource itself.
        case resource
        /// The scope of the resource.
        case scope
        /// The tenant.
        case tenant
        /// The address it came from.
        case ip
        /// The answer.
        case effect
        /// A role of the principal.
        case role
        /// A policy that decided.
        case policy
    }
}

/// The values of an incident, found again in the sentences that were made of them.
///
/// A sentence is kept as text. Names may hold anything, so only values that the incident is known to have are looked
/// for, each where a sentence of ``Reasons`` or of a token puts one of its field. Costs a comparison of each value for
/// each word.
public struct ReasonValues: Sendable {
    private var values: [ReasonPart.Field: [String]] = [:]

    /// The values of an incident; of one that is of no decisions there are none.
    public init(_ incident: Incident) {
        if incident.isOfNoDecision { return }
        let decision = incident.evidence.decision
        let key = incident.key
        values = [
            .principal: [decision.principal.id]
                + (key.principal == IncidentBook.burstName ? [] : [key.principal]),
            .kind: [decision.resource.kind] + (key.kind == IncidentBook.burstName ? [] : [key.kind]),
            .action: decision.actions + incident.actions,
            .resource: [decision.resource.id].compactMap { $0 },
            .scope: [decision.resource.scope].compactMap { $0 },
            .tenant: [key.tenant],
            .ip: [decision.source.ip].compactMap { $0 } + incident.addresses,
            .effect: Effect.allCases.map(\.rawValue),
            .role: decision.principal.roles,
            .policy: decision.policies,
        ]
        // The longest first: a name may begin with another.
        values = values.mapValues { Set($0).sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) } }
    }

    // MARK: Reasons

    /// A reason in parts, which joined are the reason.
    public func parts(ofReason reason: String) -> [ReasonPart] {
        var parts = ReasonParts()
        let scalars = reason.unicodeScalars
        var place = reason.startIndex
        var isWord = true
        while place < reason.endIndex {
            if isWord, let found = value(in: reason, at: place) {
                parts.add(String(reason[place..<found.end]), found.value)
                place = found.end
                isWord = false
                continue
            }
            isWord = scalars[place] == " "
            let next = scalars.index(after: place)
            parts.add(String(scalars[place..<next]))
            place = next
        }
        return parts.parts
    }

    private func value(
        in reason: String, at place: String.Index
    ) -> (value: ReasonPart.Value, end: String.Index)? {
        let before = reason[..<place]
        let rest = reason[place...]
        for field in Self.fieldsOfReasons {
            for value in values[field] ?? [] {
                let shown = field == .tenant && value.isEmpty ? Reasons.wholeLog : Reasons.short(value)
                guard let end = Self.end(of: shown, in: rest),
                    Self.stands(field, after: before, before: reason[end...])
                else { continue }
                return (ReasonPart.Value(field: field, text: value), end)
            }
        }
        return nil
    }

    /// The fields whose values reasons repeat; where two would do, the first is meant.
    private static let fieldsOfReasons: [ReasonPart.Field] = [
        .kind, .action, .principal, .scope, .tenant, .ip, .effect,
    ]

    /// Whether a reason has a value of a field between such words.
    private static func stands(
        _ field: ReasonPart.Field, after before: Substring, before after: Substring
    ) -> Bool {
        let isNew = before.isEmpty && after.hasPrefix(": never seen in ")
        return switch field {
        case .kind:
            isNew || before.isEmpty && after.hasPrefix(" in ") && after.contains(" ever, last new one ")
                || before.hasSuffix(" on ")
        case .action:
            isNew || before.hasSuffix("first ") && after.hasPrefix(" on ")
                || before.hasSuffix(" in the tenant: ") || before.hasSuffix(" of ")
        case .principal:
            before.isEmpty && !isNew && (after.hasPrefix(": ") || after.hasPrefix(" drifts: "))
                || before.hasSuffix(" for ") && after.isEmpty
        case .scope: before.hasSuffix(" in scope ")
        case .tenant: before.hasSuffix(" in ") && (after.isEmpty || after.hasPrefix(": "))
        case .ip: before == "source " || before.hasSuffix(" first time from ")
        case .effect: before.hasSuffix(" with effect ")
        case .resource, .role, .policy: false
        }
    }

    /// Where a text ends that a rest begins with; `nil` where it does not, or goes on behind it.
    private static func end(of text: String, in rest: Substring) -> String.Index? {
        let scalars = rest.unicodeScalars
        guard !text.isEmpty, scalars.starts(with: text.unicodeScalars) else { return nil }
        let end = scalars.index(scalars.startIndex, offsetBy: text.unicodeScalars.count)
        return end == scalars.endIndex || " ,:".unicodeScalars.contains(scalars[end]) ? end : nil
    }

    // MARK: Tokens

    /// A token in words in parts, which joined are the words.
    public func parts(ofToken words: String) -> [ReasonPart] {
        guard let sign = words.firstRange(of: Self.equals) else { return [ReasonPart(text: words)] }
        var parts = ReasonParts()
        parts.add(String(words[..<sign.upperBound]))
        let fields = words[..<sign.lowerBound].split(separator: Self.times).map { String($0) }
        var rest = words[sign.upperBound...]
        for (number, name) in fields.enumerated() {
            let isLast = number == fields.count - 1
            let known = Self.field(named: name).flatMap { field in
                (values[field] ?? []).lazy.compactMap { value in
                    Self.end(ofToken: value, in: rest, isLast: isLast).map {
                        (value: ReasonPart.Value(field: field, text: value), end: $0)
                    }
                }.first
            }
            let end =
                known?.end ?? (isLast ? nil : rest.firstRange(of: Self.times)?.lowerBound) ?? rest.endIndex
            parts.add(String(rest[..<end]), known?.value)
            rest = rest[end...]
            if !isLast, rest.hasPrefix(Self.times) {
                parts.add(Self.times)
                rest = rest.dropFirst(Self.times.count)
            }
        }
        parts.add(String(rest))
        return parts.parts
    }

    private static let equals = " = "
    private static let times = " × "

    /// Where a value ends that the rest of a token begins with; verbs and kinds are taken there in lower case.
    private static func end(
        ofToken value: String, in rest: Substring, isLast: Bool
    ) -> String.Index? {
        for text in [value, value.lowercased()] {
            let shown = Reasons.short(text).unicodeScalars
            let scalars = rest.unicodeScalars
            guard !shown.isEmpty, scalars.starts(with: shown) else { continue }
            let end = scalars.index(scalars.startIndex, offsetBy: shown.count)
            if isLast ? end == rest.endIndex : rest[end...].hasPrefix(times) { return end }
        }
        return nil
    }

    /// The field that a token's words name; `nil` for one that no query knows by its value.
    private static func field(named name: String) -> ReasonPart.Field? {
        switch name {
        case "id": .resource
        case "source": .ip
        default: ReasonPart.Field(rawValue: name)
        }
    }
}

/// Parts in the order of the sentence; plain words that follow each other are one.
private struct ReasonParts {
    private(set) var parts: [ReasonPart] = []

    mutating func add(_ text: String, _ value: ReasonPart.Value? = nil) {
        if text.isEmpty { return }
        if value == nil, let last = parts.indices.last, parts[last].value == nil {
            parts[last].text += text
        } else {
            parts.append(ReasonPart(text: text, value: value))
        }
    }
}
