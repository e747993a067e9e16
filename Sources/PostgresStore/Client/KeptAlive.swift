import CPostgres
import Glibc

/// How a connection finds out that its server is gone without a word, as when a machine loses its power.
///
/// By the system's own habit that takes two hours, and a follower would show old decisions as new for as long.
enum KeptAlive {
    /// Seconds without a word before the server is asked whether it is there.
    static let idleSeconds: Int32 = 30
    /// Seconds between two such questions.
    static let intervalSeconds: Int32 = 10
    /// How many may stay without an answer.
    static let count: Int32 = 3
    /// How long what was sent may stay without an acknowledgement.
    static let unacknowledgedMilliseconds: Int32 = 30_000

    /// The parameters of libpq for the same; who gives one of them has thought of it.
    private static let parameters: Set<String> = [
        "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
    ]

    /// Sets a connection so, unless the address or its service says anything of it.
    ///
    /// Done on the socket: as parameters they would win over those of the service.
    static func apply(to pointer: OpaquePointer, settings: [PostgresServerAddress.Parameter]) {
        guard !settings.contains(where: { parameters.contains($0.name) && !$0.value.isEmpty }) else { return }
        let socket = unsafe PQsocket(pointer)
        guard socket >= 0 else { return }
        // A socket of the file system has none of this, and needs none: that it refuses is no matter.
        for (name, value) in [
            (TCP_KEEPIDLE, idleSeconds), (TCP_KEEPINTVL, intervalSeconds), (TCP_KEEPCNT, count),
            (TCP_USER_TIMEOUT, unacknowledgedMilliseconds),
        ] {
            var value = value
            _ = unsafe setsockopt(
                socket, Int32(IPPROTO_TCP), name, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }
}
