/// What a server can be asked of a row.
enum RowPredicate: Sendable {
    /// Every row is meant.
    case always
    /// None is.
    case never
    /// Those of which a condition is true; of the others it may be false or null.
    case when(SQL)

    /// All of several.
    static func all(_ parts: [RowPredicate]) -> RowPredicate {
        var conditions: [SQL] = []
        for part in parts {
            switch part {
            case .always: continue
            case .never: return .never
            case .when(let condition): conditions.append(condition)
            }
        }
        return conditions.isEmpty ? .always : .when("(\(sql: SQL.joined(conditions, by: " and ")))")
    }

    /// Any of several.
    static func any(_ parts: [RowPredicate]) -> RowPredicate {
        var conditions: [SQL] = []
        for part in parts {
            switch part {
            case .always: return .always
            case .never: continue
            case .when(let condition): conditions.append(condition)
            }
        }
        return conditions.isEmpty ? .never : .when("(\(sql: SQL.joined(conditions, by: " or ")))")
    }

    /// The rows that are not meant, those of which nothing is known among them.
    var negated: RowPredicate {
        switch self {
        case .always: .never
        case .never: .always
        case .when(let condition): .when("(\(sql: condition)) is not true")
        }
    }

    /// The condition as it stands behind `where`.
    var sql: SQL {
        switch self {
        case .always: "true"
        case .never: "false"
        case .when(let condition): condition
        }
    }
}
