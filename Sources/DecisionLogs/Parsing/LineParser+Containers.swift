internal import Decisions

extension LineParser {
    /// Parses every element of an array, or of the array under a key of an object.
    func parseElements(
        of container: Span<UInt8>, under key: String?, at place: LinePlace, into items: inout [ParsedItem]
    ) {
        let ranges: [Range<Int>]
        do {
            ranges = try JSONReader.read(container, limits: limits) { try $0.elementRanges(under: key) }
        } catch {
            items.append(.rejected("\(error)"))
            return
        }
        guard ranges.count <= max(1, place.most - items.count) else {
            items.append(Self.tooManyItems)
            return
        }
        if ranges.isEmpty { items.append(.skipped(.emptyContainer)) }
        let inside = place.inside(tenant: key == nil ? nil : tenantRule.name(in: container))
        for range in ranges {
            let element = container.extracting(range)
            if element[0] == UInt8(ascii: "{"), place.nested < Self.containerLimit {
                parseObject(element, at: inside, into: &items)
            } else {
                items.append(.rejected(DecisionError.notAnObject.description))
            }
        }
    }

    /// Parses the record in an envelope; why it is rejected tells where in the envelope it stands.
    func unwrap(
        _ envelope: Envelope, _ object: Span<UInt8>, at place: LinePlace, into items: inout [ParsedItem]
    ) {
        guard place.nested < Self.containerLimit else {
            items.append(.rejected("more than \(Self.containerLimit) containers inside each other"))
            return
        }
        let content: Envelope.Content
        do {
            content = try envelope.content(of: object, limits: limits)
        } catch {
            items.append(.rejected("\(error)"))
            return
        }
        let start = items.count
        let inside = place.inside(tenant: tenantRule.name(in: object))
        switch content {
        case .nothing: items.append(.skipped(.notADecision))
        case .object(let range): parseObject(object.extracting(range), at: inside, into: &items)
        case .text(let text):
            let bytes = Array(text.utf8)
            parseText(bytes.span, of: envelope, at: inside, into: &items)
        }
        for index in start..<items.count {
            if case .rejected(let reason) = items[index] {
                items[index] = .rejected("in \(envelope.field): \(reason)")
            }
        }
    }

    private func parseText(
        _ text: Span<UInt8>, of envelope: Envelope, at place: LinePlace, into items: inout [ParsedItem]
    ) {
        let first = Self.firstByte(of: text)
        if first == UInt8(ascii: "{") {
            parseObject(text, at: place, into: &items)
        } else if first == nil || envelope.carriesOtherLines {
            items.append(.skipped(.notADecision))
        } else {
            items.append(notAnObject(text))
        }
    }

    /// Parses what stands behind the words that an export or a container runtime wrote before it.
    func parsePrefixed(_ line: Span<UInt8>, at place: LinePlace, into items: inout [ParsedItem]) {
        guard let prefix = LinePrefix(of: line) else {
            items.append(notAnObject(line))
            return
        }
        let rest = line.extracting(prefix.length..<line.count)
        if Self.firstByte(of: rest) == UInt8(ascii: "{") {
            parseObject(rest, at: place.inside(), into: &items)
        } else {
            items.append(prefix.isOfContainer ? .skipped(.notADecision) : notAnObject(line))
        }
    }
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
