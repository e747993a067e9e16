import Decisions

/// Writes decisions as COPY BINARY rows into a buffer that the caller empties.
public struct CopyBinaryWriter: Sendable {
    /// What is written and not yet taken.
    public private(set) var bytes: [UInt8]
    /// Hashes of the identifiers written; two of one hash only make one be derived without need.
    private var writtenIDs: Set<Int> = []

    /// Begins a file with its header.
    public init() {
        bytes = CopyBinary.signature
        append(UInt32(0))
        append(UInt32(0))
    }

    /// Adds a decision as a row; remembers eight bytes of each, since an identifier must be the only one.
    public mutating func append(_ stored: StoredDecision) {
        let id = freeID(for: stored)
        append(UInt16(CopyBinary.columns))
        field(Array(id.utf8))
        append(UInt32(4 + stored.embedding.counts.count * 4))
        append(UInt16(stored.embedding.counts.count))
        append(UInt16(0))
        for count in stored.embedding.counts { append((Float(count) * stored.embedding.scale).bitPattern) }
        let metadata = stored.archivedMetadata(id: id)
        append(UInt32(metadata.count + 1))
        bytes.append(1)
        bytes.append(contentsOf: metadata)
        append(UInt32(8))
        let time = stored.decision.time
        let microseconds =
            (time.seconds - CopyBinary.epochSeconds) * 1_000_000 + Int64(time.nanoseconds / 1_000)
        append(UInt64(bitPattern: microseconds))
    }

    /// The identifier of a row: its own, a short one where that is too long for the key of a table, or derived from
    /// its tenant when another tenant's row has that.
    private mutating func freeID(for stored: StoredDecision) -> String {
        var id = IdentityResolver.rowID(
            of: stored.storedID.withoutZeros, from: stored.decision.id.withoutZeros,
            tenant: stored.decision.tenant.withoutZeros)
        while !writtenIDs.insert(ByteKey(id).hashValue).inserted {
            id = IdentityResolver.derivedID(ofTenant: stored.decision.tenant, from: id)
        }
        return id
    }

    /// Ends the file.
    public mutating func finish() {
        append(UInt16(bitPattern: -1))
    }

    /// Takes what is written and leaves nothing.
    public mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    private mutating func field(_ content: [UInt8]) {
        append(UInt32(content.count))
        bytes.append(contentsOf: content)
    }

    private mutating func append(_ value: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: type(of: value).bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}

extension StoredDecision {
    /// The metadata column: the native line without its identifier, which is kept when another was
    /// derived from it.
    package func archivedMetadata(id: String) -> [UInt8] {
        let original = decision.id.withoutZeros
        guard !id.utf8.elementsEqual(original.utf8) else { return decision.metadata.utf8WithoutZeroEscapes }
        var copy = decision
        copy.extras[CopyBinary.originalIDKey] = .string(original)
        return copy.metadata.utf8WithoutZeroEscapes
    }
}

extension String {
    /// The text with U+FFFD in place of the zero character.
    package var withoutZeros: String {
        guard utf8.contains(0) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    }

    /// JSON as bytes with U+FFFD in place of `\u0000`.
    package var utf8WithoutZeroEscapes: [UInt8] {
        let json = Array(utf8)
        let zero = Array("\\u0000".utf8)
        var result: [UInt8] = []
        result.reserveCapacity(json.count)
        var place = 0
        while place < json.count {
            guard json[place] == UInt8(ascii: "\\") else {
                result.append(json[place])
                place += 1
                continue
            }
            if json[place...].starts(with: zero) {
                result.append(contentsOf: "\u{FFFD}".utf8)
                place += zero.count
            } else {
                // An escape and what it escapes, so that an escaped backslash begins nothing.
                result.append(contentsOf: json[place..<min(place + 2, json.count)])
                place += 2
            }
        }
        return result
    }
}
