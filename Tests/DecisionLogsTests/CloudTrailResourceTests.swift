import DecisionLogs
import Decisions
import Testing

@Suite struct CloudTrailResourceTests {
    @Test(arguments: [
        ("RunInstances", "Instance"), ("GetBucketAcl", "BucketAcl"), ("ConsoleLogin", "Login"),
        ("AssumeRole", "Role"), ("SendSSHPublicKey", "SSHPublicKey"), ("BatchGetSecretValue", "SecretValue"),
        ("UpdateFunctionCode20150331v2", "FunctionCode"), ("ListFunctions20150331", "Function"),
        ("GetFunction20150331v12", "Function"), ("Decrypt", "Decrypt"), ("BatchGet", "BatchGet"),
        ("Batch", "Batch"), ("BatchgetItem", "Item"), ("CreateDBInstance", "DBInstance"),
        // The plural is taken off naively.
        ("AuthorizeSecurityGroupIngress", "SecurityGroupIngres"),
        ("EnableSerialConsoleAccess", "SerialConsoleAcces"), ("DescribeAddresses", "Addresse"),
        ("DescribeInstanceStatus", "InstanceStatu"), ("ListRolePolicies", "RolePolicie"), ("Access", "Acces"),
        ("GetSs", "S"), ("s", "s"), ("ss", "s"),
        // Only a whole date is a version.
        ("GetX2015033", "X2015033"), ("GetX20150331v", "X20150331v"), ("GetX120150331", "X1"),
        ("20150331", "20150331"), ("Get20150331", "Get"), ("REST.GET.OBJECT", "REST.GET.OBJECT"),
        ("getObjects", "getObject"), ("Gét", "Gét"), ("日本", "日本"), ("X", "X"), ("7", "7"),
    ])
    func `the kind is the noun of the call's name`(name: String, noun: String) throws {
        let decision = try CloudTrailSample.decision(",\"eventName\":\"\(name)\"")
        #expect(decision.resource.kind == "s3:" + noun)
        #expect(decision.actions == ["s3:" + name])
    }

    @Test(arguments: [
        ("ec2-instance-connect.amazonaws.com", "ec2-instance-connect"), ("s3", "s3"), (".x", ".x"),
        ("a.", "a"),
    ])
    func `the service is the first part of the source`(source: String, service: String) throws {
        let decision = try CloudTrailSample.decision(",\"eventSource\":\"\(source)\"")
        #expect(decision.resource.kind == service + ":Object")
        #expect(decision.actions == [service + ":GetObject"])
    }

    private func id(_ parameters: String, resources: String = "null") throws -> String? {
        let changes = ",\"requestParameters\":\(parameters),\"resources\":\(resources)"
        return try CloudTrailSample.decision(changes).resource.id
    }

    @Test func `the first known parameter names the resource`() throws {
        let ranked = [
            "roleName", "userName", "secretId", "functionName", "instanceId", "groupId", "imageId",
            "snapshotId",
            "dBSnapshotIdentifier", "trailName", "documentName", "subnetId", "name", "names", "roleArn",
        ]
        for (place, key) in ranked.enumerated() {
            let value = key == "names" ? #"["n13","other"]"# : "\"n\(place)\""
            #expect(try id("{\"\(key)\":\(value)}") == "n\(place)")
            // Later ones do not count, wherever they stand.
            let later = ranked[(place + 1)...].map { "\"\($0)\":\"later\"" }
            let first = "\"\(key)\":\(value)"
            for members in [later + [first], [first] + later] {
                #expect(try id("{" + members.joined(separator: ",") + "}") == "n\(place)")
            }
        }
        #expect(try id(#"{"roleName":"r","bucketName":"b"}"#) == "b")
        #expect(try id(#"{"key":"k","bucketName":"b"}"#) == "b/k")
        #expect(try id(#"{"bucketName":"b","key":""}"#) == "b")
        #expect(try id(#"{"bucketName":"","key":"k","userName":"u"}"#) == "u")
        #expect(try id(#"{"key":"k"}"#) == nil)
        #expect(try id(#"{"roleName":"r","roleName":null,"userName":"u"}"#) == "u")
        #expect(try id(#"{"roleName":{},"userName":["x"],"name":7}"#) == "7")
        #expect(try id(#"{"names":"n"}"#) == "n")
        #expect(try id(#"{"names":[]}"#) == nil)
        #expect(try id(#"{"names":[null,"b"]}"#) == nil)
    }

    @Test func `instances name the resource when nothing else does`() throws {
        let instances =
            #""instancesSet":{"items":[{"imageId":"ami-1","instanceId":"i-1"},{"instanceId":"i-2"}]}"#
        #expect(try id("{\(instances)}") == "i-1")
        #expect(try id(#"{"instancesSet":{"items":[{"imageId":"ami-1"}],"more":1}}"#) == "ami-1")
        #expect(try id("{\(instances),\"subnetId\":\"subnet-1\"}") == "subnet-1")
        #expect(try id(#"{"documentName":"d","instanceIds":["i-1"]}"#) == "d")
        #expect(try id(#"{"instancesSet":{"items":[{"imageId":"a"}],"items":[7]}}"#) == nil)
        #expect(try id(#"{"instancesSet":{"items":[]}}"#) == nil)
        #expect(try id(#"{"instancesSet":{"items":{}}}"#) == nil)
    }

    @Test func `the record's own resources come last, and only a whole ARN names one`() throws {
        let resources = #"[{"ARNPrefix":"arn:aws:s3:::b/"},7,{"ARN":""},{"ARN":"arn:1"},{"ARN":"arn:2"}]"#
        #expect(try id("null", resources: resources) == "arn:1")
        #expect(try id(#"{"roleName":"r"}"#, resources: resources) == "r")
        #expect(try id(#"{"instancesSet":{"items":[{"imageId":"a"}]}}"#, resources: resources) == "a")
        #expect(try id("null", resources: #"{"ARN":"arn:1"}"#) == nil)
        #expect(try id("null", resources: "[]") == nil)
    }

    @Test func `hidden parameters and those that only steer a call name nothing`() throws {
        #expect(try id(#""HIDDEN_DUE_TO_SECURITY_REASONS""#) == nil)
        #expect(try id("null") == nil)
        #expect(try id("{}") == nil)
        for key in ["modelId", "sessionId", "target", "nextToken", "commandId", "resolverQueryLogConfigId"] {
            #expect(try id("{\"\(key)\":\"x\"}") == nil)
        }
    }

    @Test func `names are kept up to 4,096 bytes, in whole characters`() throws {
        for (name, kept) in [
            (String(repeating: "a", count: 4_096), 4_096), (String(repeating: "a", count: 5_000), 4_096),
            (String(repeating: "é", count: 3_000), 4_096),
            ("a" + String(repeating: "é", count: 3_000), 4_095),
            ("ab" + String(repeating: "日", count: 3_000), 4_094),
            (String(repeating: "𝄞", count: 9_000), 4_096),
        ] {
            let id = try #require(try id("{\"roleName\":\"\(name)\"}"))
            #expect(id.utf8.count == kept)
            #expect(name.hasPrefix(id))
        }
        let long = String(repeating: "k", count: 100_000)
        #expect(try id("{\"bucketName\":\"b\",\"key\":\"\(long)\"}")?.utf8.count == 4_098)
        #expect(try id("null", resources: "[{\"ARN\":\"\(long)\"}]")?.utf8.count == 4_096)
    }

    @Test func `names that cannot be kept as they are reject the record`() {
        for key in ["bucketName", "key", "roleName", "names", "roleArn"] {
            let items = CloudTrailSample.items(",\"requestParameters\":{\"\(key)\":\"\\ud800\"}")
            #expect(items == [.rejected("requestParameters.\(key) must be text without lone surrogates")])
        }
        #expect(
            CloudTrailSample.items(#","resources":[{"ARN":"\ud800"}]"#) == [
                .rejected("resources.ARN must be text without lone surrogates")
            ])
    }
}
