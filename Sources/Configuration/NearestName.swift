/// Finds the name somebody probably meant.
public enum NearestName {
    /// The name fewest edits away, if those are few for its length.
    public static func find(_ wanted: String, in names: [String]) -> String? {
        let wanted = Array(wanted.lowercased().prefix(64))
        let best = names.map { (name: $0, distance: distance(wanted, Array($0.lowercased().prefix(64)))) }
            .min { $0.distance < $1.distance }
        guard let best, best.distance <= max(1, wanted.count / 3) else { return nil }
        return best.name
    }

    /// How many characters must be inserted, deleted, replaced or swapped with their neighbour
    /// (optimal string alignment, after Damerau 1964).
    static func distance(_ first: [Character], _ second: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for row in 0..<first.count {
            var current = [row + 1]
            for column in 0..<second.count {
                let cost = first[row] == second[column] ? 0 : 1
                var best = min(last[column] + cost, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            beforeLast = last
            last = current
        }
        return last[second.count]
    }
}
