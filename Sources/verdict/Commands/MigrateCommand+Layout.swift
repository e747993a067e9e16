import Decisions
import PostgresStore

extension LayoutStep {
    /// What is told before it is done.
    fileprivate var announcement: String {
        "\(title): lock \(lock); \(rewrites ? "writes the rows anew" : "no rewrite"); takes \(estimate)"
    }

    /// The step as the command prints it.
    var json: JSONValue {
        .object([
            "number": .null, "name": .string(title), "lock": .string(lock), "rewrites": .bool(rewrites),
            "concurrently": .bool(isConcurrent), "estimate": .string(estimate),
        ])
    }
}

extension LayoutPlan {
    /// Says what it takes of the server's disk.
    func tell() {
        guard problems.isEmpty, roomBytes > 0, !steps.isEmpty else { return }
        StandardError.write(
            message:
                "the rows are copied: about \(grouped(roomBytes / 1_000_000 + 1)) MB more of the server's disk until "
                + "the table from before is dropped, and as much again of its log; each write is done twice meanwhile"
        )
    }
}

extension LayoutNews {
    /// After how many rows it is told again how far it is.
    private static let rowsBetweenNews = 20_000

    /// What is told of it; `nil` where that would be too much.
    var announcement: String? {
        switch self {
        case .step(let step): step.announcement
        // The last batch is seldom a full one.
        case .moved(let rows, let total):
            rows % Self.rowsBetweenNews == 0 || rows % 1_000 != 0
                ? "\(grouped(rows)) of about \(grouped(total)) rows copied" : nil
        }
    }
}
