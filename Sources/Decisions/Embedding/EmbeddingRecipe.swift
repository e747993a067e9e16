/// How decisions become vectors: which tokens, with which weights, hashed how.
///
/// The name and version are stored with the data; a change of either means embedding anew.
public struct EmbeddingRecipe: Sendable, Hashable, CustomStringConvertible {
    /// The recipe's name.
    public let name: String
    /// The version of the tokens, weights and hash.
    public let version: Int

    /// The recipe of this build.
    public static let current = EmbeddingRecipe(name: "decision-384", version: 1)

    /// Creates a recipe, as read from stored data.
    public init(name: String, version: Int) {
        self.name = name
        self.version = version
    }

    /// Name and version: `decision-384/1`.
    public var description: String { "\(name)/\(version)" }

    /// How many elements of a list are used, in ascending order.
    package static let listLimit = 16
}

/// One feature of a decision: a field or a combination of fields.
public enum TokenKind: String, Sendable, Hashable, CaseIterable {
    /// The effect.
    case effect = "e"
    /// The outcome.
    case outcome = "o"
    /// The kind of resource.
    case kind = "k"
    /// An action.
    case action = "a"
    /// The principal.
    case principal = "p"
    /// A role.
    case role = "r"
    /// The scope.
    case scope = "s"
    /// The resource itself.
    case resource = "id"
    /// The tenant.
    case tenant = "t"
    /// The four-hour bucket of the day.
    case hours = "h"
    /// The client's address.
    case address = "ip"
    /// The logarithm of the duration.
    case latency = "lat"
    /// Whether the answer came from a cache.
    case cacheHit = "ch"
    /// A policy.
    case policy = "pol"
    /// Kind and resource, with the parts that only count or identify collapsed.
    case resourceClass = "idc"
    /// Principal and action.
    case principalAction = "pa"
    /// Principal, action and kind.
    case principalActionKind = "pak"
    /// Principal and kind.
    case principalKind = "pk"
    /// Principal and effect.
    case principalEffect = "pe"
    /// Principal and scope.
    case principalScope = "ps"
    /// Principal and whether the action reads or writes.
    case principalAccess = "pw"
    /// Principal and address.
    case principalAddress = "pip"
    /// Action and kind.
    case actionKind = "ak"
    /// Action and effect.
    case actionEffect = "ae"
    /// Role and action.
    case roleAction = "ra"

    /// The weight in the vector, an integer so that 8 bits hold every vector without loss.
    public var weight: Int {
        switch self {
        case .principalAction, .principalActionKind: 28
        case .principalKind: 24
        case .effect, .resource: 20
        case .principalEffect: 18
        case .actionKind: 16
        case .outcome, .kind, .action, .scope, .principalScope, .actionEffect: 14
        case .principal, .resourceClass, .principalAccess, .principalAddress: 10
        case .address, .policy: 8
        case .roleAction: 7
        case .role: 5
        case .tenant: 4
        case .hours, .latency, .cacheHit: 2
        }
    }
}
