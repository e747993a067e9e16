import Decisions

/// Writes decisions as COPY BINARY rows into a buffer that the caller empties.
public struct CopyBinaryWriter: Sendable {
    /// What is written and not yet taken.
    public private(set) var bytes: [UInt8]

    /// Begins a file with its header.
    public init() {
        bytes = CopyBinary.signature
        append(UInt32(0))
        append(UInt32(0))
    }

    /// Adds a decision as a row.
    public mutating func append(_ stored: StoredDecision) {
        append(UInt16(CopyBinary.columns))
        field(Array(stored.storedID.utf8))
        append(UInt32(4 + stored.embedding.counts.count * 4))
        append(UInt16(stored.embedding.counts.count))
        append(UInt16(0))
        for count in stored.embedding.counts { append((Float(count) * stored.embedding.scale).bitPattern) }
        let metadata = Array(stored.archivedMetadata.utf8)
        append(UInt32(metadata.count + 1))
        bytes.append(1)
        bytes.append(contentsOf: metadata)
        append(UInt32(8))
        let time = stored.decision.time
        let microseconds =
            (time.seconds - CopyBinary.epochSeconds) * 1_000_000 + Int64(time.nanoseconds / 1_000)
        append(UInt64(bitPattern: microseconds))
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
    /// The metadata column: the native line without its identifier, which is kept when it was derived.
    fileprivate var archivedMetadata: String {
        guard storedID != decision.id else { return decision.metadata }
        var copy = decision
        copy.extras[CopyBinary.originalIDKey] = .string(decision.id)
        return copy.metadata
    }
}
