import Decisions
import VectorStores

/// A decision's time as a server reads it from a row: the metadata's, else when the row was stored.
///
/// Only times as RFC 3339 spells them are read there; what else may be one is null, and judged where rows are tested.
enum RowMoment {
    /// A pattern of times that are certainly read, in quotes: upper-case, on days that there are, without leap seconds.
    static let plain: StaticString = """
        '^((?!0000)[0-9]{4}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)\
        |(0[13578]|1[02])-31)|([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29)\
        T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$'
        """

    /// When the row was stored, or 1970.
    private static let stored: SQL =
        """
        case when created_at >= timestamp '0001-01-01' and created_at < timestamp '10000-01-01' \
        then created_at else timestamp '1970-01-01' end
        """

    /// The whole second in UTC; null where only a test tells.
    static let second: SQL =
        """
        (case
        when metadata->>'time' is null then date_trunc('second', \(sql: stored))
        when metadata->>'time' ~ \(raw: plain) then
            (left(metadata->>'time', 8) || '01')::date + (substr(metadata->>'time', 9, 2)::int - 1)
            + substr(metadata->>'time', 12, 8)::time
            - coalesce(substring(metadata->>'time' from '[+-][0-9]{2}:[0-9]{2}$'), '00:00')::interval
        when jsonb_typeof(metadata->'time') = 'number' or metadata->>'time' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]'
            then null
        else date_trunc('second', \(sql: stored))
        end)
        """

    /// The nine digits behind the second, in an order of bytes.
    static let fraction: SQL =
        """
        (case when metadata->>'time' ~ \(raw: plain)
        then rpad(coalesce(substring(metadata->>'time' from '^.{19}[.]([0-9]{1,9})'), ''), 9, '0')
        else to_char(\(sql: stored), 'US') || '000' end collate "C")
        """
}

extension RowCondition {
    static func time(_ comparison: Query.Comparison) -> RowCondition {
        let second = RowMoment.second
        let isOpen: RowPredicate = .when("\(sql: second) is null")
        switch comparison.operation {
        case .equals:
            let seconds = comparison.operands.compactMap { Timestamp($0).map(RowCondition.second) }
            let equal = seconds.map { (value: PostgresValue) -> RowPredicate in
                .when("\(sql: second) = \(value)")
            }
            guard !equal.isEmpty else { return .never }
            return RowCondition(possible: .any(equal + [isOpen]), certain: .never)
        case .contains: return RowCondition(possible: .always, certain: .never)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard case .time(let bound)? = QueryOperand.ordered(comparison.operands[0]) else { return .never }
            // Whole seconds decide for all rows but those in the bound's own.
            let value = RowCondition.second(bound)
            let near: SQL
            let far: SQL
            switch comparison.operation {
            case .less, .lessOrEqual:
                near = "\(sql: second) <= \(value)"
                far = "\(sql: second) < \(value)"
            default:
                near = "\(sql: second) >= \(value)"
                far = "\(sql: second) > \(value)"
            }
            return RowCondition(possible: .any([.when(near), isOpen]), certain: .when(far))
        }
    }

    private static func second(_ time: Timestamp) -> PostgresValue {
        .timestamp(microseconds: Timestamp(seconds: time.seconds).postgresMicroseconds)
    }
}
