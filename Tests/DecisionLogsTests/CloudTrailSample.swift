import DecisionLogs
import Decisions

/// CloudTrail records made for one test.
enum CloudTrailSample {
    /// A session of the role `App`.
    static let session =
        #"{"type":"AssumedRole","principalId":"AROAEXAMPLE:sess","#
        + #""arn":"arn:aws:sts::111122223333:assumed-role/App/sess","accountId":"111122223333","#
        + #""accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","userName":"App"},"#
        + #""attributes":{"creationDate":"2025-03-04T09:00:00Z","mfaAuthenticated":"false"}}}"#

    private static let read = #""eventSource":"s3.amazonaws.com","eventName":"GetObject""#

    /// A read of the object `b/k`, or another call, with members replaced or added; a later key wins.
    static func record(_ changes: String = "", of call: String = read) -> String {
        #"{"eventVersion":"1.09","userIdentity":\#(session),"eventTime":"2025-03-04T10:15:01Z","#
            + #"\#(call),"awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.9","userAgent":"aws-cli/2.15","#
            + #""requestParameters":{"bucketName":"b","key":"k"},"responseElements":null,"eventID":"e-1","#
            + #""readOnly":true,"eventType":"AwsApiCall","recipientAccountId":"444455556666","#
            + #""eventCategory":"Data""# + changes + "}"
    }

    static func items(_ changes: String = "") -> [ParsedItem] { LineParser().parse(record(changes)) }

    static func decision(_ changes: String = "") throws -> Decision {
        let items = items(changes)
        guard items.count == 1, case .decision(let decision) = items[0] else {
            throw DecisionError.invalid(field: changes, expected: "one decision, not \(items)")
        }
        return decision
    }
}
