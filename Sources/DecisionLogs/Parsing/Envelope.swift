internal import Decisions

/// An object that a service or a shipper puts around one record.
enum Envelope: Equatable {
    /// A resource log of Azure: `properties.log` holds what AKS's API server wrote, in a string or as it is.
    case azureResourceLog
    /// An event of Amazon CloudWatch Logs, as EKS delivers them: `message`.
    case cloudWatchEvent
    /// An event as CloudTrail's LookupEvents answers it: `CloudTrailEvent`.
    case lookedUpEvent
    /// An event of Amazon EventBridge: `detail`.
    case eventBridgeEvent
    /// A line of Docker's json-file driver and of shippers that write like it: `log`.
    case containerLine

    /// What an envelope holds.
    enum Content {
        /// A record as text.
        case text(String)
        /// A record as an object, by the bytes it takes in the envelope.
        case object(Range<Int>)
        /// Something that is no record of a log that is read.
        case nothing
    }

    /// The field that holds the record.
    var field: String {
        switch self {
        case .azureResourceLog: "properties.log"
        case .cloudWatchEvent: "message"
        case .lookedUpEvent: "CloudTrailEvent"
        case .eventBridgeEvent: "detail"
        case .containerLine: "log"
        }
    }

    /// Whether texts that are no records come the same way: whatever else a program prints.
    var carriesOtherLines: Bool {
        switch self {
        case .cloudWatchEvent, .containerLine: true
        case .azureResourceLog, .lookedUpEvent, .eventBridgeEvent: false
        }
    }

    /// Takes the record out of an envelope.
    func content(of envelope: Span<UInt8>, limits: JSONLimits) throws -> Content {
        try JSONReader.read(envelope, limits: limits) { reader in
            switch self {
            case .azureResourceLog: try Self.resourceLog(&reader)
            case .eventBridgeEvent: try Self.detail(&reader)
            case .cloudWatchEvent, .lookedUpEvent, .containerLine: try Self.member(field, of: &reader)
            }
        }
    }

    /// Takes an object and returns what is under a key, by its last value.
    private static func member(_ name: String, of reader: inout JSONReader) throws -> Content {
        var content = Content.nothing
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if key == name {
                content = try record(name, &reader)
            } else {
                try reader.skip()
            }
        }
        return content
    }

    /// Takes a record, in a string or as it is; identities are in it, so that nothing may be replaced.
    private static func record(_ field: String, _ reader: inout JSONReader) throws -> Content {
        switch try reader.peek() {
        case .string: return .text(try reader.exactString(field))
        case .object: return .object(try reader.skip())
        case .array, .number, .bool, .null:
            try reader.skip()
            return .nothing
        }
    }

    /// The categories of AKS that are audit logs; the others are what its parts print.
    private static let auditCategories = ["kube-audit", "kube-audit-admin"]

    private static func resourceLog(_ reader: inout JSONReader) throws -> Content {
        var content = Content.nothing
        var category: String?
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "category": category = try reader.textOrSkip()
            case "properties":
                content = .nothing
                guard try reader.peek() == .object else {
                    try reader.skip()
                    continue
                }
                content = try member("log", of: &reader)
            default: try reader.skip()
            }
        }
        if let category, !auditCategories.contains(category) { return .nothing }
        return content
    }

    /// EventBridge carries events of every service: only those that CloudTrail recorded are taken.
    private static func detail(_ reader: inout JSONReader) throws -> Content {
        var content = Content.nothing
        try reader.beginObject()
        while let key = try reader.nextKey() {
            guard key == "detail" else {
                try reader.skip()
                continue
            }
            content = .nothing
            guard try reader.peek() == .object else {
                try reader.skip()
                continue
            }
            let start = reader.offset
            var missing: Set = ["eventSource", "eventName"]
            try reader.beginObject()
            while let inner = try reader.nextKey() {
                missing.remove(inner)
                try reader.skip()
            }
            if missing.isEmpty { content = .object(start..<reader.offset) }
        }
        return content
    }
}
