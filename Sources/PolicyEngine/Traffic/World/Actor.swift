internal import Decisions

/// A person or a service of an invented company.
struct Actor: Sendable {
    let principal: Principal
    let attributes: Attributes
    let agents: [String]
    let addresses: [String]
    /// Whether every address is as usual as the others, as with the replicas of a service.
    let roams: Bool
    let habits: [Habit]
    let choice: WeightedChoice

    /// Something an actor does again and again.
    struct Habit: Sendable {
        let kind: ResourceKind
        let actions: [String]
        let scope: String
        let own: Bool
        let weight: Int
    }

    init(
        principal: Principal, attributes: Attributes, agents: [String], addresses: [String], roams: Bool,
        habits: [Habit]
    ) {
        self.principal = principal
        self.attributes = attributes
        self.agents = agents
        self.addresses = addresses
        self.roams = roams
        self.habits = habits
        choice = WeightedChoice(weights: habits.map(\.weight))
    }
}

/// A request that a program repeats exactly, minute after minute.
struct Poll: Sendable {
    let actor: Int
    let kind: ResourceKind
    let id: String
    let action: String
    let scope: String
    let address: String
}
