internal import Decisions

/// Who called, as "CloudTrail userIdentity element" of the CloudTrail User Guide tells it.
struct AWSIdentity {
    var type: String?
    var userName: String?
    var principalID: String?
    var arn: String?
    var accountID: String?
    var accessKeyID: String?
    /// The service that called, on its own behalf or for somebody.
    var invokedBy: String?
    /// The role that issued the session's credentials.
    var issuer: String?
    /// Whether the session was opened with a second factor, as written: `true` or `false`.
    var mfa: String?

    /// The name that the caller's decisions are counted under.
    ///
    /// All sessions of a role are one principal, because whoever assumes a role chooses the session's name; a
    /// federated user is its own principal, not the user that issued the credentials.
    var principal: String {
        let name: String? =
            switch type {
            case "AssumedRole": (issuer ?? part(1, of: arn)).map { "role/" + $0 }
            case "FederatedUser": federatedName.map { "user/" + $0 }
            case "Root": accountID.map { "root/" + $0 }
            case "AWSAccount": accountID.map { "account/" + $0 }
            case "AWSService", nil: invokedBy.map { "service/" + $0 }
            default: nil
            }
        return name ?? userName.map { "user/" + $0 } ?? arn ?? "?"
    }

    /// The name of an assumed role's session, null when the record does not say it; empty for everybody else.
    var session: JSONValue {
        guard type == "AssumedRole" else { return .string("") }
        return part(2, of: arn).map(JSONValue.string) ?? .null
    }

    /// `Bob` of `111122223333:Bob`.
    private var federatedName: String? {
        guard let principalID else { return nil }
        let bytes = principalID.utf8
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return principalID }
        return String(Substring(bytes[bytes.index(after: colon)...])).present
    }

    /// A part of `arn:aws:sts::111122223333:assumed-role/App/session`: 1 is the role, 2 the session.
    private func part(_ place: Int, of arn: String?) -> String? {
        guard let arn else { return nil }
        let parts = arn.utf8.split(
            separator: UInt8(ascii: "/"), maxSplits: 3, omittingEmptySubsequences: false)
        return place < parts.count ? String(Substring(parts[place])).present : nil
    }

    /// Takes the element; anything but an object tells nobody.
    static func read(from reader: inout JSONReader) throws -> AWSIdentity {
        var identity = AWSIdentity()
        guard try reader.enterOrSkip() else { return identity }
        while let key = try reader.nextKey() {
            switch key {
            case "type": identity.type = try reader.nameOrSkip("userIdentity.type")
            case "userName": identity.userName = try reader.nameOrSkip("userIdentity.userName")
            case "principalId": identity.principalID = try reader.nameOrSkip("userIdentity.principalId")
            case "arn": identity.arn = try reader.nameOrSkip("userIdentity.arn")
            case "accountId": identity.accountID = try reader.nameOrSkip("userIdentity.accountId")
            case "accessKeyId": identity.accessKeyID = try reader.textOrSkip()?.present
            case "invokedBy": identity.invokedBy = try reader.nameOrSkip("userIdentity.invokedBy")
            case "sessionContext": try identity.readSession(from: &reader)
            default: try reader.skip()
            }
        }
        return identity
    }

    private mutating func readSession(from reader: inout JSONReader) throws {
        (issuer, mfa) = (nil, nil)
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "sessionIssuer": try readIssuer(from: &reader)
            case "attributes": try readAttributes(from: &reader)
            default: try reader.skip()
            }
        }
    }

    private mutating func readIssuer(from reader: inout JSONReader) throws {
        issuer = nil
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            if key == "userName" {
                issuer = try reader.nameOrSkip("sessionIssuer.userName")
            } else {
                try reader.skip()
            }
        }
    }

    private mutating func readAttributes(from reader: inout JSONReader) throws {
        mfa = nil
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            if key == "mfaAuthenticated" { mfa = try reader.textOrSkip() } else { try reader.skip() }
        }
    }
}
