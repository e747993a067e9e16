import DecisionLogs
import Decisions
import Testing

@Suite struct CloudTrailRefusalTests {
    private func answer(_ changes: String) throws -> String {
        let decision = try CloudTrailSample.decision(changes)
        return decision.effect.rawValue + " " + (decision.outcome ?? "")
    }

    @Test(arguments: [
        "AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation",
        "Server.UnauthorizedOperation", "UnauthorizedOperation", "UnauthorizedAccess", "NotAuthorized",
        "NotAuthorizedException", "Forbidden", "ForbiddenException", "Client.AuthFailure",
        "AuthorizationError", "InvalidClientTokenId",
        "SignatureDoesNotMatch", "ExpiredToken", "ExpiredTokenException", "VpceAccessDenied",
    ])
    func `codes that refuse are denies`(code: String) throws {
        #expect(try answer(",\"errorCode\":\"\(code)\"") == "deny denied")
    }

    @Test(arguments: [
        "NoSuchBucketPolicy", "EntityTemporarilyUnmodifiableException", "ThrottlingException",
        "Client.InvalidGroup.NotFound", "Client.Client.AuthFailure", "accessdenied", "Client.",
        "AccessDeniedX", "InvalidAccessException",
    ])
    func `other codes tell what became of a permitted call`(code: String) throws {
        #expect(try answer(",\"errorCode\":\"\(code)\"") == "allow " + code)
    }

    @Test func `without a code the message or a failed sign-in refuses`() throws {
        #expect(try answer("") == "allow ok")
        #expect(try answer(#","errorCode":"","errorMessage":"""#) == "allow ok")
        #expect(try answer(#","errorCode":7"#) == "allow ok")
        #expect(
            try answer(#","errorMessage":"You are not authorized to perform this operation.""#)
                == "deny denied")
        #expect(try answer(#","errorMessage":"not authorized to perform""#) == "deny denied")
        #expect(try answer(#","errorMessage":"not authorized to perfor""#) == "allow ok")
        #expect(
            try answer(#","errorCode":"Odd","errorMessage":"is not authorized to perform: x""#)
                == "deny denied")
        let signIn = #","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","responseElements":"#
        #expect(try answer(signIn + #"{"ConsoleLogin":"Failure"}"#) == "deny denied")
        #expect(try answer(signIn + #"{"ConsoleLogin":"Success"}"#) == "allow ok")
        #expect(try answer(signIn + #"{"ConsoleLogin":false}"#) == "allow ok")
        #expect(try answer(signIn + "null") == "allow ok")
        #expect(try answer(#","responseElements":{"ConsoleLogin":"Failure"}"#) == "allow ok")
    }

    @Test(arguments: [
        (
            "User: arn:aws:iam::1:user/a is not authorized to perform: s3:GetObject on resource: "
                + "arn:aws:s3:::b/k with an explicit deny in a service control policy",
            ["explicit deny in a service control policy"]
        ),
        (
            "User: x is not authorized to perform: ec2:RunInstances because no identity-based policy allows the "
                + "ec2:RunInstances action. Encoded authorization failure message: abc",
            ["no identity-based policy allows"]
        ),
        ("because no resource-based policy allows the a:B action", ["no resource-based policy allows"]),
        ("because no session policy allows the a:B action", ["no session policy allows"]),
        ("because no permissions boundary allows the a:B action", ["no permissions boundary allows"]),
        ("because no VPC endpoint policy allows the a:B action", ["no VPC endpoint policy allows"]),
        ("because no role trust policy allows the sts:AssumeRole action", ["no role trust policy allows"]),
        ("because no service control policy allows the a:B action", ["no service control policy allows"]),
        ("with an explicit deny in an identity-based policy", ["explicit deny in an identity-based policy"]),
        ("with an explicit deny in a VPC endpoint policy", ["explicit deny in a VPC endpoint policy"]),
        ("with an explicit deny in a permissions boundary", ["explicit deny in a permissions boundary"]),
        ("with an explicit deny in the role trust policy", ["explicit deny in the role trust policy"]),
        (
            "with an explicit deny in a resource control policy: arn:aws:organizations::1:policy/p",
            ["explicit deny in a resource control policy"]
        ),
        ("there is no no session policy allows", ["no session policy allows"]),
        ("User: x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::1:role/r", []),
        ("You are not authorized to perform this operation. Encoded authorization failure message: abc", []),
        ("explicit deny in a made-up policy, because no such policy allows it", []),
        ("explicit deny in a ", []), ("no ", []), ("no session policy allow", []), ("", []),
    ])
    func `policies are the kinds that the message blames`(message: String, policies: [String]) throws {
        let text = JSONValue.string(message).json
        #expect(try CloudTrailSample.decision(",\"errorMessage\":" + text).policies == policies)
    }
}
