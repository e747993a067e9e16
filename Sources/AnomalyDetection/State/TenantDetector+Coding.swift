import Decisions

extension TenantDetector {
    /// The version of the byte layout; another version is not read, the tenant then learns anew.
    static let layoutVersion = 1

    /// The whole past as bytes; reading them gives a detector that scores exactly alike.
    var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.write(Self.layoutVersion)
        writer.write(tenant)
        writer.write(Int(decisions))
        writer.write(Int(anomalies))
        writer.write(Int(decisionsWhenAged))
        writer.write(footprintWhenAged)
        for table in [principals, actions, kinds, scopes, addresses] {
            writer.write(table.distinct)
            for (index, name) in table.names.enumerated() {
                writer.write(name)
                writer.write(Int(table.counts[index + 1]))
            }
        }
        writer.write(kindPrincipals.count)
        for kind in kindPrincipals.indices {
            writer.write(Int(kindPrincipals[kind]))
            writer.write(signed: kindNewestPrincipal[kind])
        }
        let entries = counters.entries.sorted { $0.key < $1.key }
        writer.write(entries.count)
        var previous: UInt64 = 0
        for entry in entries {
            writer.write(entry.key - previous)
            writer.write(Int(entry.value))
            previous = entry.key
        }
        for sketch in [distance, rarity, firstSeen] {
            let contents = sketch.contents
            writer.write(contents.count)
            for entry in contents {
                writer.write(entry.bin)
                writer.write(Int(entry.count))
            }
        }
        writer.write(window.ring.count)
        for step in window.ring { writer.write(Int(step)) }
        writer.write(window.next)
        return writer.bytes
    }

    /// Reads what ``encoded`` wrote.
    init(decoding bytes: [UInt8], configuration: DetectorConfiguration) throws(IncidentError) {
        var reader = ByteReader(bytes)
        guard try reader.number() == Self.layoutVersion else {
            throw Self.damage("was written by another version")
        }
        self.init(tenant: try reader.text(), configuration: configuration)
        decisions = try reader.small()
        anomalies = try reader.small()
        decisionsWhenAged = min(decisions, try reader.small())
        footprintWhenAged = Int(try reader.small())
        let all = bytes.count
        principals = try Self.names(from: &reader, limit: min(all, CounterKey.maximumPrincipals))
        actions = try Self.names(from: &reader, limit: min(all, CounterKey.maximumActions))
        kinds = try Self.names(from: &reader, limit: min(all, CounterKey.maximumKinds))
        scopes = try Self.names(from: &reader, limit: min(all, CounterKey.maximumKinds))
        addresses = try Self.names(from: &reader, limit: min(all, CounterKey.maximumKinds))
        let kindCount = try reader.count(limit: kinds.distinct + 1)
        kindPrincipals = []
        kindNewestPrincipal = []
        for _ in 0..<kindCount {
            kindPrincipals.append(try reader.small())
            let newest = try reader.signedNumber()
            guard Timestamp.writableSeconds.contains(newest) else {
                throw Self.damage("has a time outside the years 1 to 9999")
            }
            kindNewestPrincipal.append(newest)
        }
        var key: UInt64 = 0
        for _ in 0..<(try reader.count(limit: all)) {
            let (next, overflow) = key.addingReportingOverflow(try reader.number())
            guard !overflow, next > key, isCountable(next) else {
                throw Self.damage("counts what it has no names for")
            }
            key = next
            counters.set(key, to: try reader.small())
        }
        distance = try Self.sketch(Self.distanceScale, from: &reader)
        rarity = try Self.sketch(Self.rarityScale, from: &reader)
        firstSeen = try Self.sketch(Self.firstSeenScale, from: &reader)
        var ring: [UInt16] = []
        for _ in 0..<(try reader.count(limit: all)) {
            ring.append(UInt16(try reader.count(limit: ThresholdWindow.steps - 1)))
        }
        window = ThresholdWindow(
            capacity: configuration.thresholdWindow, ring: ring, next: try reader.count(limit: all))
        guard reader.isAtEnd else { throw Self.damage("goes on past its end") }
    }

    private static func damage(_ what: String) -> IncidentError {
        IncidentError(.damaged, "detector state \(what): the tenant learns anew")
    }

    /// Whether a key is one that counting makes of the names there are.
    private func isCountable(_ key: UInt64) -> Bool {
        func isNumber(_ number: Int, of distinct: Int) -> Bool { number >= 1 && number <= distinct }
        guard let family = CounterKey.family(of: key) else { return false }
        let pair = CounterKey.parts(of: key)
        let limits: (first: Int, second: Int)
        switch family {
        case .principalAction: limits = (principals.distinct, actions.distinct)
        case .principalKind: limits = (principals.distinct, kinds.distinct)
        case .principalEffect: limits = (principals.distinct, PriorCounts.effects)
        case .principalHour: limits = (principals.distinct, 24)
        case .kindAction: limits = (kinds.distinct, actions.distinct)
        case .actionEffect: limits = (actions.distinct, PriorCounts.effects)
        case .principalScope: limits = (principals.distinct, scopes.distinct)
        case .principalAddress: limits = (principals.distinct, addresses.distinct)
        case .principalActionKindEffect:
            let whole = CounterKey.wholeParts(of: key)
            return isNumber(whole.principal, of: principals.distinct)
                && isNumber(whole.action, of: actions.distinct) && isNumber(whole.kind, of: kinds.distinct)
                && whole.effect < PriorCounts.effects
        }
        return isNumber(pair.first, of: limits.first) && isNumber(pair.second, of: limits.second)
    }

    private static func names(
        from reader: inout ByteReader, limit: Int
    ) throws(IncidentError) -> NameTable {
        var table = NameTable()
        for _ in 0..<(try reader.count(limit: limit)) {
            let name = try reader.text()
            table.append(name, count: try reader.small())
        }
        return table
    }

    private static func sketch(
        _ scale: PercentileSketch.Scale, from reader: inout ByteReader
    ) throws(IncidentError) -> PercentileSketch {
        var sketch = PercentileSketch(scale: scale)
        for _ in 0..<(try reader.count(limit: PercentileSketch.bins)) {
            let bin = try reader.count(limit: PercentileSketch.bins - 1)
            let room = Int(PercentileSketch.maximumTotal - sketch.total)
            sketch.add(bin: bin, count: UInt32(try reader.count(limit: room)))
        }
        return sketch
    }
}
