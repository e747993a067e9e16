internal import Decisions

/// What a call was about, as far as its parameters or the record's own list of resources name it.
///
/// Parameters that only steer a call (a page, a filter, a session) name nothing.
struct AWSResource {
    private var bucket: String?
    private var objectKey: String?
    private var named: [String: String] = [:]
    private var instance: String?
    private var image: String?
    private var arn: String?

    /// The parameters that name a resource, the first of which counts: of a launch it is the subnet, of a command
    /// the document rather than the machines.
    private static let names = [
        "roleName", "userName", "secretId", "functionName", "instanceId", "groupId", "imageId", "snapshotId",
        "dBSnapshotIdentifier", "trailName", "documentName", "subnetId", "name", "names", "roleArn",
    ]

    /// The name of the resource, nil when nothing names one.
    var id: String? {
        if let bucket { return objectKey.map { bucket + "/" + $0 } ?? bucket }
        for name in Self.names {
            if let value = named[name] { return value }
        }
        return instance ?? image ?? arn
    }

    /// Takes the parameters; they can be null, or the word that they are hidden.
    mutating func readParameters(from reader: inout JSONReader) throws {
        (bucket, objectKey, instance, image) = (nil, nil, nil, nil)
        named = [:]
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "bucketName": bucket = try Self.name(key, &reader)
            case "key": objectKey = try Self.name(key, &reader)
            case "names": named[key] = try Self.firstName(key, &reader)
            case "instancesSet": try readInstances(from: &reader)
            case _ where Self.names.contains(key): named[key] = try Self.name(key, &reader)
            default: try reader.skip()
            }
        }
    }

    /// Takes the list of resources; the first that has a whole ARN counts, others have but the front of one.
    mutating func readResources(from reader: inout JSONReader) throws {
        arn = nil
        guard try Self.enterArrayOrSkip(&reader) else { return }
        while try reader.nextElement() {
            if arn == nil { arn = try Self.arn(&reader) } else { try reader.skip() }
        }
    }

    private static func arn(_ reader: inout JSONReader) throws -> String? {
        guard try reader.enterOrSkip() else { return nil }
        var arn: String?
        while let key = try reader.nextKey() {
            if key == "ARN" {
                arn = try reader.nameOrSkip("resources.ARN").map(cut)
            } else {
                try reader.skip()
            }
        }
        return arn
    }

    /// Takes the first of the instances that EC2 calls list.
    private mutating func readInstances(from reader: inout JSONReader) throws {
        (instance, image) = (nil, nil)
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            guard key == "items" else {
                try reader.skip()
                continue
            }
            (instance, image) = (nil, nil)
            try Self.forFirstElement(of: &reader) { reader in try readInstance(from: &reader) }
        }
    }

    private mutating func readInstance(from reader: inout JSONReader) throws {
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "instanceId": instance = try Self.name(key, &reader)
            case "imageId": image = try Self.name(key, &reader)
            default: try reader.skip()
            }
        }
    }

    private static func name(_ key: String, _ reader: inout JSONReader) throws -> String? {
        try reader.nameOrSkip("requestParameters." + key).map(cut)
    }

    private static func firstName(_ key: String, _ reader: inout JSONReader) throws -> String? {
        guard try reader.peek() == .array else { return try name(key, &reader) }
        var first: String?
        try forFirstElement(of: &reader) { reader in first = try name(key, &reader) }
        return first
    }

    /// Enters an array, or passes over anything else and returns false.
    private static func enterArrayOrSkip(_ reader: inout JSONReader) throws -> Bool {
        guard try reader.peek() == .array else {
            try reader.skip()
            return false
        }
        try reader.beginArray()
        return true
    }

    /// Hands the first element of an array to `take`, which must consume it, and passes over everything else.
    private static func forFirstElement(
        of reader: inout JSONReader, _ take: (inout JSONReader) throws -> Void
    ) throws {
        guard try enterArrayOrSkip(&reader) else { return }
        var isFirst = true
        while try reader.nextElement() {
            if isFirst { try take(&reader) } else { try reader.skip() }
            isFirst = false
        }
    }

    /// How many bytes of a name are kept; no service takes longer ones, but a log can be made up.
    private static let longestName = 4_096

    /// The front of a name that is too long, up to a whole character.
    private static func cut(_ name: String) -> String {
        let bytes = name.utf8Span.span
        guard bytes.count > longestName else { return name }
        var end = longestName
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return String(Substring(name.utf8.prefix(end)))
    }
}
