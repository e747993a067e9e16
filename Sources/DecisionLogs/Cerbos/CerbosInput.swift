internal import Decisions

/// Who asks to do what to one resource: an input of a check, or of a plan.
struct CerbosInput {
    var principal: String?
    var roles: [String] = []
    var tenant: String?
    var kind: String?
    var resource: String?
    var policyVersion: String?
    var scope: String?
    var actions: [String] = []

    /// Takes an input, nil when it is none.
    static func read(_ reader: inout JSONReader) throws -> CerbosInput? {
        guard try reader.enterOrSkip() else { return nil }
        var input = CerbosInput()
        var oneAction: String?
        while let key = try reader.nextKey() {
            switch key {
            case "principal": try input.readPrincipal(from: &reader)
            case "resource": try input.readResource(from: &reader)
            case "actions": input.actions = try reader.namesOrSkip(key)
            // Plans of the first versions are about one action.
            case "action": oneAction = try reader.nameOrSkip(key)
            default: try reader.skip()
            }
        }
        if input.actions.isEmpty, let oneAction { input.actions = [oneAction] }
        return input
    }

    private mutating func readPrincipal(from reader: inout JSONReader) throws {
        (principal, roles, tenant) = (nil, [], nil)
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "id": principal = try reader.nameOrSkip("principal.id")
            case "roles": roles = try reader.textsOrSkip(limit: .max)
            case "attr": tenant = try Self.tenant(&reader)
            default: try reader.skip()
            }
        }
    }

    private mutating func readResource(from reader: inout JSONReader) throws {
        (kind, resource, policyVersion, scope) = (nil, nil, nil, nil)
        guard try reader.enterOrSkip() else { return }
        while let key = try reader.nextKey() {
            switch key {
            case "kind": kind = try reader.nameOrSkip("resource.kind")
            case "id": resource = try reader.nameOrSkip("resource.id")
            case "policyVersion": policyVersion = try reader.textOrSkip()
            case "scope": scope = try reader.textOrSkip()
            default: try reader.skip()
            }
        }
    }

    private static func tenant(_ reader: inout JSONReader) throws -> String? {
        guard try reader.enterOrSkip() else { return nil }
        var tenant: String?
        while let key = try reader.nextKey() {
            if key == "tenant" {
                tenant = try reader.nameOrSkip("principal.attr.tenant")
            } else {
                try reader.skip()
            }
        }
        return tenant
    }
}
