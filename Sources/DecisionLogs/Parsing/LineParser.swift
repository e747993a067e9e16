public import Decisions

/// Turns lines, or whole JSON documents, into decisions.
public struct LineParser: Sendable {
    /// The format that every line has, or `auto`.
    public let format: DecisionLogFormat
    /// Where tenants come from.
    public let tenantRule: TenantRule
    /// How long a line may be and how deep it may nest.
    public let limits: JSONLimits

    /// Creates a parser.
    public init(
        format: DecisionLogFormat = .auto, tenantRule: TenantRule = TenantRule(),
        limits: JSONLimits = JSONLimits()
    ) {
        self.format = format
        self.tenantRule = tenantRule
        self.limits = limits
    }

    /// Parses one line and adds what it came to, one item at least, to `items`.
    public func parse(_ line: Span<UInt8>, into items: inout [ParsedItem]) {
        guard let first = Self.firstByte(of: line) else {
            items.append(.skipped(.blank))
            return
        }
        let most = items.count + Self.itemsLimit
        switch first {
        case UInt8(ascii: "{"): parseObject(line, into: &items, upTo: most, nested: 0)
        case UInt8(ascii: "["): parseElements(of: line, under: nil, into: &items, upTo: most, nested: 0)
        default: items.append(.rejected(Self.notAnObject(line, limits: limits)))
        }
    }

    /// Parses one line.
    public func parse(_ line: String) -> [ParsedItem] {
        var items: [ParsedItem] = []
        parse(Array(line.utf8).span, into: &items)
        return items
    }

    private static func firstByte(of line: Span<UInt8>) -> UInt8? {
        for index in line.indices {
            switch line[index] {
            case 0x20, 0x09, 0x0A, 0x0D: continue
            default: return line[index]
            }
        }
        return nil
    }

    /// Prefers the reason a JSON reader gives; what is valid but a bare scalar is simply no object.
    private static func notAnObject(_ line: Span<UInt8>, limits: JSONLimits) -> String {
        do {
            _ = try JSONReader.read(line, limits: limits) { try $0.skip() }
            return DecisionError.notAnObject.description
        } catch {
            return "\(error)"
        }
    }

    private func parseObject(
        _ object: Span<UInt8>, into items: inout [ParsedItem], upTo most: Int, nested: Int
    ) {
        switch format == .verdict ? .record(.verdict) : FormatSniffer.sniff(object) {
        case .container(let key):
            parseElements(of: object, under: key, into: &items, upTo: most, nested: nested)
        case .record(let sniffed): items.append(parseRecord(object, as: format == .auto ? sniffed : format))
        case .unknown:
            if format == .auto {
                items.append(.rejected(unknownReason(object)))
            } else {
                items.append(parseRecord(object, as: format))
            }
        }
    }

    private func unknownReason(_ object: Span<UInt8>) -> String {
        do {
            _ = try JSONReader.read(object, limits: limits) { try $0.skip() }
            return "none of the known log formats"
        } catch {
            return "\(error)"
        }
    }

    private func parseRecord(_ record: Span<UInt8>, as format: DecisionLogFormat) -> ParsedItem {
        do {
            let item: ParsedItem
            switch format {
            case .verdict, .auto: item = .decision(try Decision(parsing: record, limits: limits))
            case .kubernetes: item = try KubernetesEvent.parse(record, limits: limits)
            case .opa, .cerbos, .cloudtrail, .avp, .openfga, .spicedb:
                return .rejected("looks like \(format.rawValue), which this build does not read")
            }
            guard case .decision(var decision) = item else { return item }
            tenantRule.apply(to: &decision, record: record)
            // One that no store takes must not keep the others of its batch from being stored.
            if let refusal = decision.tenantRefusal { return .rejected(refusal) }
            return .decision(decision)
        } catch {
            return .rejected("\(error)")
        }
    }

    /// Parses every element of an array, or of the array under a key of an object.
    private func parseElements(
        of container: Span<UInt8>, under key: String?, into items: inout [ParsedItem], upTo most: Int,
        nested: Int
    ) {
        let ranges: [Range<Int>]
        do {
            ranges = try JSONReader.read(container, limits: limits) { try $0.elementRanges(under: key) }
        } catch {
            items.append(.rejected("\(error)"))
            return
        }
        guard ranges.count <= max(1, most - items.count) else {
            items.append(.rejected("a line of more than \(Self.itemsLimit) items"))
            return
        }
        if ranges.isEmpty { items.append(.skipped(.emptyContainer)) }
        for range in ranges {
            let element = container.extracting(range)
            if element[0] == UInt8(ascii: "{"), nested < Self.containerLimit {
                parseObject(element, into: &items, upTo: most, nested: nested + 1)
            } else {
                items.append(.rejected(DecisionError.notAnObject.description))
            }
        }
    }

    /// How many items one line may hold: more than decisions fit into the longest line, so that only lines
    /// of tiny fragments, each of which would be held as one rejected item, are refused.
    static let itemsLimit = 200_000
    /// How many containers may stand inside each other.
    private static let containerLimit = 4
}

extension JSONReader {
    /// Takes a container and returns where its elements stand; a repeated key counts by its last value.
    ///
    /// Reads all but keeps only as many as tell that there are too many.
    fileprivate mutating func elementRanges(under key: String?) throws(JSONError) -> [Range<Int>] {
        guard let key else { return try elementRanges() }
        var ranges: [Range<Int>] = []
        try beginObject()
        while let next = try nextKey() {
            if next == key, try peek() == .array {
                ranges = try elementRanges()
            } else {
                try skip()
            }
        }
        return ranges
    }

    private mutating func elementRanges() throws(JSONError) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        try beginArray()
        while try nextElement() {
            let range = try skip()
            if ranges.count <= LineParser.itemsLimit { ranges.append(range) }
        }
        return ranges
    }
}
