import VectorStores

/// A value as it is bound to a statement: always beside the text, never in it.
package enum PostgresValue: Sendable, Hashable {
    /// No value; the server infers the type.
    case null
    case bool(Bool)
    case int4(Int32)
    case int8(Int64)
    case float8(Double)
    /// Text; PostgreSQL has no zero character, so U+FFFD is sent in its place.
    case text(String)
    case bytes([UInt8])
    /// JSON as text, with U+FFFD in place of `\u0000`, which PostgreSQL refuses.
    case jsonb(String)
    /// Microseconds since the beginning of 2000, without a zone.
    case timestamp(microseconds: Int64)
    /// Microseconds since the beginning of 2000 in UTC.
    case timestamptz(microseconds: Int64)
    case textArray([String])
    case int8Array([Int64])
    case float4Array([Float])
    case xid8(UInt64)
}

/// The numbers of PostgreSQL's own types, from its `pg_type.dat`.
enum TypeNumber {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let int8: UInt32 = 20
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let textArray: UInt32 = 1_009
    static let int8Array: UInt32 = 1_016
    static let float4Array: UInt32 = 1_021
    static let timestamp: UInt32 = 1_114
    static let timestamptz: UInt32 = 1_184
    static let jsonb: UInt32 = 3_802
    static let xid8: UInt32 = 5_069
}

extension PostgresValue {
    /// The type it is bound as; 0 lets the server infer one.
    var typeNumber: UInt32 {
        switch self {
        case .null: 0
        case .bool: TypeNumber.bool
        case .int4: TypeNumber.int4
        case .int8: TypeNumber.int8
        case .float8: TypeNumber.float8
        case .text: TypeNumber.text
        case .bytes: TypeNumber.bytea
        case .jsonb: TypeNumber.jsonb
        case .timestamp: TypeNumber.timestamp
        case .timestamptz: TypeNumber.timestamptz
        case .textArray: TypeNumber.textArray
        case .int8Array: TypeNumber.int8Array
        case .float4Array: TypeNumber.float4Array
        case .xid8: TypeNumber.xid8
        }
    }

    /// Appends the value in PostgreSQL's binary form; false for null, which has none.
    func encode(into bytes: inout [UInt8]) -> Bool {
        switch self {
        case .null: return false
        case .bool(let value): bytes.append(value ? 1 : 0)
        case .int4(let value): bytes.append(bigEndian: value)
        case .int8(let value), .timestamp(let value), .timestamptz(let value): bytes.append(bigEndian: value)
        case .float8(let value): bytes.append(bigEndian: value.bitPattern)
        case .text(let text): bytes.append(contentsOf: text.withoutZeros.utf8)
        case .bytes(let value): bytes.append(contentsOf: value)
        case .jsonb(let json):
            bytes.append(1)
            bytes.append(contentsOf: json.utf8WithoutZeroEscapes)
        case .textArray(let list):
            bytes.appendArray(of: TypeNumber.text, list) { $0.appendSized($1.withoutZeros.utf8) }
        case .int8Array(let list):
            bytes.appendArray(of: TypeNumber.int8, list) {
                $0.append(bigEndian: Int32(8))
                $0.append(bigEndian: $1)
            }
        case .float4Array(let list):
            bytes.appendArrayHeader(of: TypeNumber.float4, count: list.count)
            // All at once, each behind its length: vectors are most of what is sent.
            let items = list.map { (UInt64(4) << 32 | UInt64($0.bitPattern)).bigEndian }
            unsafe items.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        case .xid8(let value): bytes.append(bigEndian: value)
        }
        return true
    }
}

extension Array<UInt8> {
    mutating func append<Integer: FixedWidthInteger>(bigEndian value: Integer) {
        unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
    }

    /// A length of four bytes and the content.
    mutating func appendSized(_ content: some Collection<UInt8>) {
        append(bigEndian: Int32(content.count))
        append(contentsOf: content)
    }

    /// An array of one dimension without nulls, as `array_recv` reads it.
    mutating func appendArray<Item>(
        of type: UInt32, _ list: [Item], _ element: (inout [UInt8], Item) -> Void
    ) {
        appendArrayHeader(of: type, count: list.count)
        for value in list { element(&self, value) }
    }

    /// What an array of so many items begins with.
    mutating func appendArrayHeader(of type: UInt32, count: Int) {
        append(bigEndian: Int32(count == 0 ? 0 : 1))
        append(bigEndian: Int32(0))
        append(bigEndian: type)
        guard count > 0 else { return }
        append(bigEndian: Int32(count))
        append(bigEndian: Int32(1))
    }
}
