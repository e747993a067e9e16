import CPostgres
import VectorStores

/// Connecting, with libpq's own rules for hosts, service files, passwords and TLS, but no longer than is wanted.
///
/// libpq's limit counts for each host, and looking up a name has none. So with a deadline it connects on a thread of
/// its own, which is left to its end when the time is over.
enum ConnectionAttempt {
    /// The most attempts that nobody waits for any more; each ends after the time for its hosts.
    static let maximumAbandoned = 64
    private static let abandoned = Monitor(0)

    /// Done once, before the first attempt: those that are left behind may still be under way when the process ends.
    private static let openSSLIsKept: Void = verdict_keep_openssl()

    /// How often who waits asks whether it is still wanted.
    private static let lookMilliseconds = 100

    /// Connects; the handle may stand for a connection that failed and tells why.
    static func open(
        _ address: PostgresServerAddress, deadline: Deadline?, isUnwanted: () -> Bool = { false }
    ) throws(PostgresError) -> Handle {
        openSSLIsKept
        guard let deadline else { return connect(address) }
        guard abandoned.read({ $0 < maximumAbandoned }) else {
            throw PostgresError(
                .connection,
                "\(address) does not answer: \(maximumAbandoned) attempts to connect wait already")
        }
        let outcome = Monitor(Outcome())
        let isStarted = BackgroundThread.start {
            let handle = connect(address)
            let isWanted = outcome.update { outcome in
                outcome.handle = handle
                return !outcome.isAbandoned
            }
            if !isWanted {
                handle.close()
                abandoned.update { $0 -= 1 }
            }
        }
        guard isStarted else { return connect(address) }
        while outcome.read({ $0.handle == nil }), deadline > .now, !isUnwanted() {
            outcome.wait(milliseconds: min(lookMilliseconds, deadline.remainingMilliseconds)) {
                $0.handle != nil
            }
        }
        let handle = outcome.update { outcome in
            outcome.isAbandoned = outcome.handle == nil
            if outcome.isAbandoned { abandoned.update { $0 += 1 } }
            return outcome.handle
        }
        guard let handle else {
            if isUnwanted() { throw PostgresError(.cancelled, "\(address): it was cancelled") }
            throw PostgresError(.timeout, "\(address) did not answer in time: check that it can be reached")
        }
        return handle
    }

    private struct Outcome: Sendable {
        var handle: Handle?
        var isAbandoned = false
    }

    /// A connection of libpq.
    ///
    /// Sound although unchecked: whoever made it hands it over once and leaves it alone from then on.
    @safe struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer?
        /// What the server told meanwhile.
        let notices: NoticeBox
        /// How long each host had.
        var timeoutSeconds: Int
        /// Why it failed, where libpq does not know.
        var failure: String?

        func close() { unsafe PQfinish(pointer) }
    }

    private static func connect(_ address: PostgresServerAddress) -> Handle {
        var hosts: [PostgresServerAddress.Parameter] = []
        while true {
            let notices = NoticeBox()
            var handle = unsafe Handle(
                pointer: start(address, hosts: hosts), notices: notices,
                timeoutSeconds: address.connectTimeoutSeconds)
            guard let pointer = unsafe handle.pointer else { return handle }
            unsafe notices.listen(to: pointer)
            let settings = unsafe settings(of: pointer)
            handle.timeoutSeconds = timeoutSeconds(address, settings)
            let polling = unsafe ConnectionPolling(pointer, timeoutSeconds: handle.timeoutSeconds)
            switch polling.run() {
            case .done:
                unsafe KeptAlive.apply(to: pointer, settings: settings)
                return handle
            case .late: handle.failure = polling.failure
            case .silent:
                if let others = polling.otherHosts(of: settings) {
                    handle.close()
                    hosts = others
                    continue
                }
                handle.failure = polling.failure
            }
            return handle
        }
    }

    /// Begins to connect, with other hosts than the address has where some are given.
    private static func start(
        _ address: PostgresServerAddress, hosts: [PostgresServerAddress.Parameter]
    ) -> OpaquePointer? {
        let replaced = ["client_encoding"] + hosts.map(\.name)
        var parameters = address.parameters.filter { !replaced.contains($0.name) } + hosts
        // What the address or the environment names wins over this.
        parameters.append(.init(name: "fallback_application_name", value: "verdict"))
        parameters.append(.init(name: "client_encoding", value: "UTF8"))
        let texts = CTexts(parameters.flatMap { [$0.name, $0.value] })
        let names = unsafe stride(from: 0, to: texts.pointers.count, by: 2).map { unsafe texts.pointers[$0] }
        let values = unsafe stride(from: 1, to: texts.pointers.count, by: 2).map { unsafe texts.pointers[$0] }
        return unsafe PQconnectStartParams(names + [nil], values + [nil], 0)
    }

    /// What is in force for a connection, from the address, the service and the environment.
    private static func settings(of pointer: OpaquePointer) -> [PostgresServerAddress.Parameter] {
        guard let options = unsafe PQconninfo(pointer) else { return [] }
        defer { unsafe PQconninfoFree(options) }
        return unsafe PostgresServerAddress.parameters(options)
    }

    private static func timeoutSeconds(
        _ address: PostgresServerAddress, _ settings: [PostgresServerAddress.Parameter]
    ) -> Int {
        if address["connect_timeout"] != nil { return address.connectTimeoutSeconds }
        let value = settings.last { $0.name == "connect_timeout" }.flatMap { Int($0.value) } ?? 0
        // Zero and less mean for ever to libpq; nothing here waits for ever.
        return value > 0 ? min(value, 86_400) : PostgresServerAddress.defaultConnectTimeoutSeconds
    }
}

/// Texts as C reads them, freed together.
@safe private final class CTexts {
    let pointers: [UnsafePointer<CChar>?]

    init(_ texts: [String]) {
        unsafe pointers = texts.map { text in
            let bytes = text.utf8CString
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            unsafe copy.initialize(from: Array(bytes), count: bytes.count)
            return unsafe UnsafePointer(copy)
        }
    }

    deinit {
        unsafe pointers.forEach { unsafe $0?.deallocate() }
    }
}
