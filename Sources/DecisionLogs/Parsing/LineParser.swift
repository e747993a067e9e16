public import Decisions

/// Turns lines, or whole JSON documents, into decisions.
public struct LineParser: Sendable {
    /// The format that every line has, or `auto`.
    public let format: DecisionLogFormat
    /// Where tenants come from.
    public let tenantRule: TenantRule
    /// What becomes of decisions before anybody else sees them.
    public let rules: LogRules
    /// Where events of Open Policy Agent have their fields; the first that fits and finds something counts.
    public let mappings: [OPAMapping]
    /// How long a line may be and how deep it may nest.
    public let limits: JSONLimits

    /// Creates a parser.
    public init(
        format: DecisionLogFormat = .auto, tenantRule: TenantRule = TenantRule(),
        rules: LogRules = LogRules(), mappings: [OPAMapping] = [], limits: JSONLimits = JSONLimits()
    ) {
        self.format = format
        self.tenantRule = tenantRule
        self.rules = rules
        self.mappings = mappings
        self.limits = limits
    }

    /// Parses one line and adds what it came to, one item at least, to `items`.
    public func parse(_ line: Span<UInt8>, into items: inout [ParsedItem]) {
        guard let first = Self.firstByte(of: line) else {
            items.append(.skipped(.blank))
            return
        }
        let place = LinePlace(most: items.count + Self.itemsLimit)
        switch first {
        case UInt8(ascii: "{"): parseObject(line, at: place, into: &items)
        case UInt8(ascii: "["): parseElements(of: line, under: nil, at: place, into: &items)
        default: parsePrefixed(line, at: place, into: &items)
        }
    }

    /// Parses one line.
    public func parse(_ line: String) -> [ParsedItem] {
        var items: [ParsedItem] = []
        parse(Array(line.utf8).span, into: &items)
        return items
    }

    static func firstByte(of line: Span<UInt8>) -> UInt8? {
        for index in line.indices {
            switch line[index] {
            case 0x20, 0x09, 0x0A, 0x0D: continue
            default: return line[index]
            }
        }
        return nil
    }

    /// Prefers the reason a JSON reader gives; what is valid but a bare scalar is simply no object.
    func notAnObject(_ line: Span<UInt8>) -> ParsedItem {
        .rejected(jsonProblem(line) ?? DecisionError.notAnObject.description)
    }

    private func jsonProblem(_ text: Span<UInt8>) -> String? {
        do {
            _ = try JSONReader.read(text, limits: limits) { try $0.skip() }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Parses an object: a record, or what holds records.
    func parseObject(_ object: Span<UInt8>, at place: LinePlace, into items: inout [ParsedItem]) {
        switch format == .verdict ? .record(.verdict) : FormatSniffer.sniff(object) {
        case .container(let key): parseElements(of: object, under: key, at: place, into: &items)
        case .envelope(let envelope): unwrap(envelope, object, at: place, into: &items)
        case .record(let shape): parseRecord(object, as: shape.read(as: format), at: place, into: &items)
        case .unknown:
            if let named = RecordShape(format) {
                parseRecord(object, as: named, at: place, into: &items)
            } else {
                items.append(.rejected(jsonProblem(object) ?? "none of the known log formats"))
            }
        }
    }

    /// Parses a record; when that fails on the way, nothing of it is kept.
    private func parseRecord(
        _ record: Span<UInt8>, as shape: RecordShape, at place: LinePlace, into items: inout [ParsedItem]
    ) {
        let start = items.count
        do {
            try shape.parse(record, limits: limits, mappings: mappings, into: &items)
        } catch {
            items.removeSubrange(start...)
            items.append(.rejected("\(error)"))
            return
        }
        if items.count == start { items.append(.skipped(.notADecision)) }
        guard items.count <= max(start + 1, place.most) else {
            items.removeSubrange(start...)
            items.append(Self.tooManyItems)
            return
        }
        // Looked for once: a record may tell of thousands of decisions.
        let named = tenantRule.name(in: record) ?? place.tenant
        for index in start..<items.count {
            if tenantRule.isSet, case .decision(var decision) = items[index] {
                tenantRule.apply(to: &decision, naming: named)
                items[index] = .decision(decision)
            }
            // One that no store takes must not keep the others of its batch from being stored.
            if case .decision(let decision) = items[index], let refusal = decision.tenantRefusal {
                items[index] = .rejected(refusal)
            }
            if !rules.isEmpty, case .decision(let decision) = items[index],
                let reason = rules.reasonToLeaveOut(decision)
            {
                items[index] = .skipped(reason)
            }
        }
    }

    /// How many items one line may hold: more than decisions fit into the longest line, so that only lines
    /// of tiny fragments, each of which would be held as one rejected item, are refused.
    static let itemsLimit = 200_000
    static let tooManyItems = ParsedItem.rejected("a line of more than \(itemsLimit) items")
    /// How many containers may stand inside each other.
    static let containerLimit = 4
}

/// Where in a line a record stands.
struct LinePlace {
    /// How many items there may be once the line is read.
    let most: Int
    /// How many containers it stands in.
    var nested = 0
    /// The tenant that these name, by the field of the tenant rule.
    var tenant: String?

    /// The place inside one more container, which may name another tenant.
    func inside(tenant inner: String? = nil) -> LinePlace {
        LinePlace(most: most, nested: nested + 1, tenant: inner ?? tenant)
    }
}
