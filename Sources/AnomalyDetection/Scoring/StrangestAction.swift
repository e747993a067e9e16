/// Chooses which of a decision's actions stands for it: the one with the highest rarity, the first of equals.
///
/// One rule for counting and for previewing, so that both score alike.
struct StrangestAction {
    private let isOnlyOne: Bool
    private var rarity = -Double.infinity

    /// A choice among so many actions as a decision names.
    init(among count: Int) {
        isOnlyOne = count <= 1
    }

    /// Takes the counts of the next action; they become the decision's where it is the strangest so far.
    mutating func take(_ counts: PriorCounts.ActionCounts, in prior: inout PriorCounts) {
        // Most decisions have one action, and a logarithm less for each is felt.
        if isOnlyOne {
            prior.action = counts
            return
        }
        let rarity = prior.rarity(of: counts)
        guard rarity > self.rarity else { return }
        self.rarity = rarity
        prior.action = counts
    }
}
