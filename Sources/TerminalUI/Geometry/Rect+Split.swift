/// How much of a length one part asks for.
public enum Constraint: Sendable, Hashable {
    /// Exactly so many cells, while they last.
    case fixed(Int)
    /// A share of the whole, 0 to 1.
    case fraction(Double)
    /// At least so many cells, and an equal share of what is left.
    case minimum(Int)
    /// A weighted share of what is left.
    case flexible(Int)

    /// An equal share of what is left.
    public static let flexible = Constraint.flexible(1)

    fileprivate func base(of total: Int) -> Int {
        switch self {
        case .fixed(let cells), .minimum(let cells): max(0, cells)
        case .fraction(let share):
            share.isFinite ? Int((Double(total) * min(max(share, 0), 1)).rounded()) : 0
        case .flexible: 0
        }
    }

    fileprivate var weight: Int {
        switch self {
        case .fixed, .fraction: 0
        case .minimum: 1
        case .flexible(let weight): min(max(0, weight), 1_000_000)
        }
    }
}

extension Constraint {
    /// Divides a length by the constraints; the lengths are never negative and sum to the whole.
    ///
    /// When there is too little, later parts shrink first; when nothing is flexible, the last part
    /// takes the rest, so that the parts always tile the whole.
    public static func divide(_ total: Int, by constraints: [Constraint], gap: Int = 0) -> [Int] {
        guard !constraints.isEmpty else { return [] }
        var left = max(0, total - max(0, gap) * (constraints.count - 1))
        let whole = left
        var lengths = constraints.map { constraint in
            let length = min(constraint.base(of: whole), left)
            left -= length
            return length
        }
        var weight = constraints.reduce(0) { $0 + $1.weight }
        if weight == 0 {
            lengths[lengths.count - 1] += left
            return lengths
        }
        for index in constraints.indices where constraints[index].weight > 0 {
            let share = left * constraints[index].weight / weight
            lengths[index] += share
            left -= share
            weight -= constraints[index].weight
        }
        return lengths
    }
}

extension Rect {
    /// The rectangle cut into columns, left to right, `gap` cells apart.
    public func columns(_ constraints: [Constraint], gap: Int = 0) -> [Rect] {
        var left = x
        return Constraint.divide(width, by: constraints, gap: gap).map { length in
            let start = min(left, endX)
            left = start + length + max(0, gap)
            return Rect(x: start, y: y, width: min(length, endX - start), height: height)
        }
    }

    /// The rectangle cut into rows, top to bottom, `gap` cells apart.
    public func rows(_ constraints: [Constraint], gap: Int = 0) -> [Rect] {
        var top = y
        return Constraint.divide(height, by: constraints, gap: gap).map { length in
            let start = min(top, endY)
            top = start + length + max(0, gap)
            return Rect(x: x, y: start, width: width, height: min(length, endY - start))
        }
    }
}
