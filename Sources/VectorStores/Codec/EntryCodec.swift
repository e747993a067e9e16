import Decisions

/// An entry as bytes, for the journal: compact, lossless, the embedding by its non-zero counts.
enum EntryCodec {
    /// Presence bits of the optional numbers and the effect.
    private enum Bits {
        static let duration: UInt8 = 1 << 2
        static let cacheKnown: UInt8 = 1 << 3
        static let cacheHit: UInt8 = 1 << 4
    }

    /// Appends an entry under the identifier it is stored by.
    static func append(_ entry: Entry, storedID: String, to writer: inout ByteWriter) {
        let decision = entry.decision
        var bits = RowFlags.code(of: decision.effect)
        if decision.durationNanoseconds != nil { bits |= Bits.duration }
        if let hit = decision.cacheHit { bits |= Bits.cacheKnown | (hit ? Bits.cacheHit : 0) }
        writer.append(bits)
        writer.append(storedID)
        writer.append(varint: decision.id.utf8.count)
        writer.append(signed: decision.time.seconds)
        writer.append(varint: decision.time.nanoseconds)
        writer.append(decision.time.fractionDigits)
        writer.append(decision.tenant)
        writer.append(decision.principal.id)
        writer.append(list: decision.principal.roles)
        writer.append(decision.resource.kind)
        writer.append(optional: decision.resource.id)
        writer.append(optional: decision.resource.scope)
        writer.append(list: decision.actions)
        writer.append(optional: decision.outcome)
        writer.append(list: decision.policies)
        if let duration = decision.durationNanoseconds { writer.append(signed: duration) }
        writer.append(optional: decision.source.ip)
        writer.append(optional: decision.source.agent)
        writer.append(optional: decision.source.format)
        writer.append(optional: DecisionColumns.text(of: decision.extras))
        append(entry.embedding, to: &writer)
    }

    /// Reads what `append` wrote.
    static func read(_ reader: inout ByteReader) throws(ByteReader.Truncated) -> (Entry, storedID: String) {
        let bits = try reader.byte()
        let storedID = try reader.text()
        let originalLength = Int(clamping: try reader.varint())
        let seconds = try reader.signed()
        let nanoseconds = try reader.varint()
        let digits = try reader.byte()
        guard nanoseconds < 1_000_000_000, digits <= 9, originalLength <= storedID.utf8.count else {
            throw ByteReader.Truncated()
        }
        var decision = Decision(
            id: String(decoding: Array(storedID.utf8.prefix(originalLength)), as: UTF8.self),
            time: Timestamp(seconds: seconds, nanoseconds: Int32(nanoseconds), fractionDigits: digits),
            tenant: try reader.text(),
            principal: Principal(id: try reader.text(), roles: try reader.list()),
            resource: Resource(
                kind: try reader.text(), id: try reader.optionalText(), scope: try reader.optionalText()),
            actions: try reader.list(), effect: RowFlags(rawValue: bits).effect)
        decision.outcome = try reader.optionalText()
        decision.policies = try reader.list()
        if bits & Bits.duration != 0 { decision.durationNanoseconds = try reader.signed() }
        if bits & Bits.cacheKnown != 0 { decision.cacheHit = bits & Bits.cacheHit != 0 }
        decision.source = Source(
            ip: try reader.optionalText(), agent: try reader.optionalText(), format: try reader.optionalText()
        )
        if let text = try reader.optionalText() {
            guard case .object(let extras)? = StoredJSON.value(of: text) else { throw ByteReader.Truncated() }
            decision.extras = extras
        }
        return (Entry(decision: decision, embedding: try readEmbedding(&reader)), storedID)
    }

    /// Past this many non-zero counts an embedding is written whole.
    private static let sparseLimit = 190

    private static func append(_ embedding: Embedding, to writer: inout ByteWriter) {
        var nonzero = 0
        for count in embedding.counts where count != 0 { nonzero += 1 }
        guard nonzero > 0, nonzero <= sparseLimit else {
            writer.append(0)
            writer.append(raw: embedding.counts.lazy.map { UInt8(bitPattern: $0) })
            return
        }
        writer.append(varint: nonzero)
        var previous = 0
        for (slot, count) in embedding.counts.enumerated() where count != 0 {
            writer.append(varint: slot - previous)
            writer.append(UInt8(bitPattern: count))
            previous = slot
        }
    }

    private static func readEmbedding(_ reader: inout ByteReader) throws(ByteReader.Truncated) -> Embedding {
        let nonzero = try reader.varint()
        if nonzero == 0 {
            return Embedding(counts: try reader.raw(Embedding.dimension).map { Int8(bitPattern: $0) })
        }
        guard nonzero <= UInt64(sparseLimit) else { throw ByteReader.Truncated() }
        var counts = [Int8](repeating: 0, count: Embedding.dimension)
        var slot: UInt64 = 0
        for _ in 0..<nonzero {
            let step = try reader.varint()
            guard step < UInt64(Embedding.dimension) - slot else { throw ByteReader.Truncated() }
            slot += step
            counts[Int(slot)] = Int8(bitPattern: try reader.byte())
        }
        return Embedding(counts: counts)
    }
}
