internal import Decisions

/// What a condition can name: a literal, or something of the request.
enum Operand: Sendable {
    case literal(AttributeValue)
    case principalID
    case principalRoles
    case principalAttribute(String)
    case resourceID
    case resourceKind
    case resourceScope
    case resourceAttribute(String)
    case tenant
    case hour
    case weekday
    case sourceAddress

    /// The names a condition may use, for errors.
    static let names = [
        "principal.id", "principal.roles", "principal.attr.NAME", "resource.id", "resource.kind",
        "resource.scope", "resource.attr.NAME", "tenant", "hour", "weekday", "source.ip",
    ]

    /// Creates an operand from a dotted name; `nil` when nothing is called so.
    init?(named name: String) {
        switch name {
        case "principal.id": self = .principalID
        case "principal.roles": self = .principalRoles
        case "resource.id": self = .resourceID
        case "resource.kind": self = .resourceKind
        case "resource.scope": self = .resourceScope
        case "tenant": self = .tenant
        case "hour": self = .hour
        case "weekday": self = .weekday
        case "source.ip": self = .sourceAddress
        default:
            if let attribute = Self.attribute(name, of: "principal.attr.") {
                self = .principalAttribute(attribute)
            } else if let attribute = Self.attribute(name, of: "resource.attr.") {
                self = .resourceAttribute(attribute)
            } else {
                return nil
            }
        }
    }

    private static func attribute(_ name: String, of prefix: String) -> String? {
        guard name.hasPrefix(prefix), name.utf8.count > prefix.utf8.count else { return nil }
        return String(name.dropFirst(prefix.count))
    }

    /// The value in a request; `nil` when the request does not have it.
    func value(in request: AccessRequest) -> AttributeValue? {
        switch self {
        case .literal(let value): value
        case .principalID: .text(request.principal.id)
        case .principalRoles: .list(request.principal.roles.map(AttributeValue.text))
        case .principalAttribute(let name): request.principalAttributes[name]
        case .resourceID: request.resource.id.map(AttributeValue.text)
        case .resourceKind: .text(request.resource.kind)
        case .resourceScope: request.resource.scope.map(AttributeValue.text)
        case .resourceAttribute(let name): request.resourceAttributes[name]
        case .tenant: .text(request.tenant)
        case .hour: .number(Double(CivilTime.hour(of: request.time)))
        case .weekday: .number(Double(CivilTime.weekday(of: request.time)))
        case .sourceAddress: request.source.ip.map(AttributeValue.text)
        }
    }
}

/// Hours and weekdays in UTC.
enum CivilTime {
    /// The hour of the day, 0 to 23.
    static func hour(of time: Timestamp) -> Int {
        let second = time.seconds % 86_400
        return Int(second < 0 ? second + 86_400 : second) / 3_600
    }

    /// The day of the week, 1 for Monday to 7 for Sunday.
    static func weekday(of time: Timestamp) -> Int {
        let day = time.seconds >= 0 ? time.seconds / 86_400 : (time.seconds - 86_399) / 86_400
        // 1970-01-01 was a Thursday.
        let place = (day + 3) % 7
        return Int(place < 0 ? place + 7 : place) + 1
    }
}
