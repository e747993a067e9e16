import DecisionLogs
import Decisions
import Testing

@Suite struct CloudTrailIdentityTests {
    private func decision(_ identity: String) throws -> Decision {
        try CloudTrailSample.decision(",\"userIdentity\":" + identity)
    }

    private static let federated =
        #"{"type":"FederatedUser","principalId":"1:eve","arn":"arn:aws:sts::1:federated-user/eve","#
        + #""sessionContext":{"sessionIssuer":{"type":"IAMUser","userName":"issuer"}}}"#

    @Test(arguments: [
        (CloudTrailSample.session, "role/App"),
        (#"{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/Web/s"}"#, "role/Web"),
        (#"{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/Web"}"#, "role/Web"),
        (
            #"{"type":"AssumedRole","arn":"a/Web/s","sessionContext":{"sessionIssuer":{"userName":""}}}"#,
            "role/Web"
        ),
        (#"{"type":"AssumedRole","arn":"arn"}"#, "arn"), (#"{"type":"AssumedRole","arn":"/"}"#, "/"),
        (#"{"type":"AssumedRole"}"#, "?"),
        (#"{"type":"IAMUser","userName":"bob","arn":"arn:aws:iam::1:user/bob"}"#, "user/bob"),
        (#"{"type":"IAMUser","arn":"arn:aws:iam::1:user/bob"}"#, "arn:aws:iam::1:user/bob"),
        (federated, "user/eve"),
        (#"{"type":"FederatedUser","principalId":"a:b:c"}"#, "user/c"),
        (#"{"type":"FederatedUser","principalId":"eve"}"#, "user/eve"),
        (#"{"type":"FederatedUser","principalId":"1:","arn":"x"}"#, "x"),
        (#"{"type":"FederatedUser"}"#, "?"),
        (#"{"type":"Root","accountId":"1","arn":"arn:aws:iam::1:root"}"#, "root/1"),
        (#"{"type":"Root","arn":"arn:aws:iam::1:root"}"#, "arn:aws:iam::1:root"),
        (#"{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}"#, "service/ec2.amazonaws.com"),
        (#"{"type":"AWSService"}"#, "?"),
        (#"{"accountId":"1","invokedBy":"rds.amazonaws.com"}"#, "service/rds.amazonaws.com"),
        (
            #"{"type":"AWSAccount","principalId":"","accountId":"ANONYMOUS_PRINCIPAL"}"#,
            "account/ANONYMOUS_PRINCIPAL"
        ),
        (#"{"type":"AWSAccount","accountId":123}"#, "account/123"),
        (#"{"type":"SAMLUser","userName":"eve"}"#, "user/eve"),
        (#"{"type":"IAMUser","userName":"bob","invokedBy":"cloudformation.amazonaws.com"}"#, "user/bob"),
        (#"{"type":"Unknown","arn":"x"}"#, "x"), (#"{"userName":"bob"}"#, "user/bob"),
        ("{}", "?"), ("null", "?"), (#""someone""#, "?"),
        (#"{"type":"IAMUser","userName":"a","userName":null}"#, "?"),
    ])
    func `principals are named after who is behind the credentials`(identity: String, name: String) throws {
        #expect(try decision(identity).principal.id == name)
    }

    @Test func `the role is the type of identity`() throws {
        #expect(try decision(#"{"type":"IAMUser","userName":"bob"}"#).principal.roles == ["IAMUser"])
        #expect(try decision(#"{"invokedBy":"ec2.amazonaws.com"}"#).principal.roles == [])
        #expect(try decision(#"{"type":"","userName":"bob"}"#).principal.roles == [])
    }

    @Test func `sessions are told apart by an attribute only`() throws {
        func attribute(_ name: String, _ identity: String) throws -> JSONValue? {
            try decision(identity).extras["attrs"]?.object?[name]
        }
        #expect(try attribute("session", CloudTrailSample.session) == .string("sess"))
        let two = #"{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/Web"}"#
        #expect(try attribute("session", two) == .null)
        let four = #"{"type":"AssumedRole","arn":"a/Web/s/t"}"#
        #expect(try attribute("session", four) == .string("s"))
        #expect(try attribute("session", #"{"type":"AssumedRole"}"#) == .null)
        #expect(try attribute("session", #"{"type":"IAMUser","arn":"a/b/c"}"#) == .string(""))
        #expect(try attribute("mfa", CloudTrailSample.session) == .string("false"))
        #expect(try attribute("mfa", #"{"sessionContext":{"attributes":{}}}"#) == .null)
        #expect(try attribute("accessKeyId", CloudTrailSample.session) == .string("ASIAEXAMPLE"))
        #expect(try attribute("accessKeyId", "{}") == .string(""))
    }

    @Test func `names that cannot be kept as they are reject the record`() {
        for field in ["userName", "arn", "principalId", "accountId", "invokedBy", "type"] {
            let items = CloudTrailSample.items(",\"userIdentity\":{\"\(field)\":\"\\udc00\"}")
            #expect(items == [.rejected("userIdentity.\(field) must be text without lone surrogates")])
        }
        let issuer = #","userIdentity":{"sessionContext":{"sessionIssuer":{"userName":"\ud800x"}}}"#
        #expect(
            CloudTrailSample.items(issuer) == [
                .rejected("sessionIssuer.userName must be text without lone surrogates")
            ])
    }

    @Test func `long and odd names are kept whole`() throws {
        for name in [String(repeating: "n", count: 10_000), "a/b:c\u{0}\u{202E}\u{301}", "?"] {
            let identity = JSONValue.object(["type": .string("IAMUser"), "userName": .string(name)]).json
            let decision = try decision(identity)
            #expect(decision.principal.id == "user/" + name)
            #expect(try Decision(parsing: decision.nativeLine()) == decision)
        }
        let slashes = String(repeating: "/", count: 100_000)
        #expect(try decision(#"{"type":"AssumedRole","arn":"a\#(slashes)"}"#).principal.id.hasPrefix("a/"))
        let colons = String(repeating: ":", count: 100_000)
        let federated = #"{"type":"FederatedUser","principalId":"\#(colons)x"}"#
        #expect(try decision(federated).principal.id == "user/x")
    }
}
