internal import Decisions

/// One record of AWS CloudTrail, as far as a decision needs it.
///
/// Of the request only the parameters that name a resource are read, of the answer only whether a sign-in failed:
/// the rest can hold secrets. What the fields mean is from "CloudTrail record contents" of the CloudTrail User Guide.
struct CloudTrailRecord: LogRecord {
    var eventID: String?
    var eventTime: Timestamp?
    /// The time as Logstash names it.
    var exportedTime: Timestamp?
    var eventSource: String?
    var eventName: String?
    var eventType: String?
    var category: String?
    var account: String?
    var sharedEventID: String?
    var region: String?
    var address: String?
    var agent: String?
    /// The VPC endpoint that the call came through.
    var endpoint: String?
    var readOnly: Bool?
    var errorCode: String?
    var errorMessage: String?
    /// How a sign-in to the console ended: `Success` or `Failure`.
    var signIn: String?
    var identity = AWSIdentity()
    var resource = AWSResource()
    /// Whether it has what no call's record has: a digest file's beginning, or an Insight event's details.
    var isNotice = false

    /// Reads one record and maps it.
    static func parse(_ record: Span<UInt8>, limits: JSONLimits, into items: inout [ParsedItem]) throws {
        let found = try JSONReader.read(record, limits: limits) { reader in
            guard try reader.peek() == .object else { throw DecisionError.notAnObject }
            var found = CloudTrailRecord()
            try reader.beginObject()
            while let key = try reader.nextKey() { try found.read(key, from: &reader) }
            return found
        }
        items.append(try found.item())
    }

    /// Takes the value of one member.
    mutating func read(_ key: String, from reader: inout JSONReader) throws {
        switch key {
        case "eventID": eventID = try reader.nameOrSkip(key)
        case "eventTime": eventTime = try reader.timeOrThrow(key)
        case "@timestamp": exportedTime = try reader.textOrSkip().flatMap { Timestamp($0) }
        case "eventSource": eventSource = try reader.nameOrSkip(key)
        case "eventName": eventName = try reader.nameOrSkip(key)
        case "eventType": eventType = try reader.textOrSkip()?.present
        case "eventCategory": category = try reader.textOrSkip()?.present
        case "recipientAccountId": account = try reader.nameOrSkip(key)
        case "sharedEventID": sharedEventID = try reader.textOrSkip()?.present
        case "awsRegion": region = try reader.textOrSkip()?.present
        case "sourceIPAddress": address = try reader.textOrSkip()?.present
        case "userAgent": agent = try reader.textOrSkip()?.present
        case "vpcEndpointId": endpoint = try reader.textOrSkip()?.present
        case "readOnly": readOnly = try Self.bool(&reader)
        case "errorCode": errorCode = try reader.textOrSkip()?.present
        case "errorMessage": errorMessage = try reader.textOrSkip()?.present
        case "responseElements": signIn = try Self.signIn(&reader)
        case "userIdentity": identity = try AWSIdentity.read(from: &reader)
        case "requestParameters": try resource.readParameters(from: &reader)
        case "resources": try resource.readResources(from: &reader)
        case "digestStartTime", "insightDetails":
            isNotice = true
            try reader.skip()
        default: try reader.skip()
        }
    }

    private static func bool(_ reader: inout JSONReader) throws -> Bool? {
        if try reader.peek() == .bool { return try reader.bool() }
        try reader.skip()
        return nil
    }

    private static func signIn(_ reader: inout JSONReader) throws -> String? {
        guard try reader.enterOrSkip() else { return nil }
        var answer: String?
        while let key = try reader.nextKey() {
            if key == "ConsoleLogin" { answer = try reader.textOrSkip() } else { try reader.skip() }
        }
        return answer
    }
}
