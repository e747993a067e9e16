import VectorStores

/// A count for people, its thousands apart: `24,381`; what is meant for programs has plain digits.
func grouped(_ value: Int) -> String { PrintedNumber.grouped(value) }

/// A number for people rounded to a whole one, its thousands apart; `-` where it is none.
func grouped(_ value: Double) -> String {
    Int(exactly: value.rounded()).map(PrintedNumber.grouped) ?? fixed(value, digits: 0)
}

/// A count with its noun: `1 decision`, `24,381 decisions`.
func counted(_ count: Int, _ noun: String) -> String { PrintedNumber.counted(count, noun) }
