import Decisions
import TerminalUI

/// What is said in the header of decisions that are not recorded.
struct RecordingText: Equatable {
    /// In full: `acme off`, `25 %, 3 tenants otherwise`.
    var text: String
    /// Where there is little room: `acme off`, `25 % +3`.
    var short: String

    /// What is said of all tenants, or of the one that is looked at; `nil` where everything is recorded.
    init?(_ policy: RecordingPolicy, scope: String?, nameCells: Int) {
        if let scope {
            let mode = policy.mode(of: scope)
            guard mode != .on else { return nil }
            (text, short) = (mode.description, mode.description)
            return
        }
        guard !policy.takesAll else { return nil }
        let others = policy.others ?? .on
        let own = policy.tenants.filter { $0.value != others }.sorted { $0.key < $1.key }
        if others == .on, let (tenant, mode) = own.first, own.count == 1 {
            let name = ConsoleState.tenantName(tenant.text)
            (text, short) = ("\(name) \(mode)", "\(name.shortened(to: nameCells)) \(mode)")
        } else if others == .on {
            (text, short) = ("less of \(Quantity.counted(own.count, "tenant"))", "less of \(own.count)")
        } else if own.isEmpty {
            (text, short) = (others.description, others.description)
        } else {
            text = "\(others), \(Quantity.counted(own.count, "tenant")) otherwise"
            short = "\(others) +\(own.count)"
        }
    }
}
