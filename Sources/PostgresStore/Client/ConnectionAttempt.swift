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

    /// Connects; the handle may stand for a connection that failed and tells why.
    static func open(
        _ address: PostgresServerAddress, deadline: Deadline?
    ) throws(PostgresError) -> Handle {
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
        outcome.wait(milliseconds: deadline.remainingMilliseconds) { $0.handle != nil }
        let handle = outcome.update { outcome in
            outcome.isAbandoned = outcome.handle == nil
            if outcome.isAbandoned { abandoned.update { $0 += 1 } }
            return outcome.handle
        }
        guard let handle else {
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

        func close() { unsafe PQfinish(pointer) }
    }

    private static func connect(_ address: PostgresServerAddress) -> Handle {
        var parameters = address.parameters.filter { $0.name != "client_encoding" }
        // What the address or the environment names wins over this.
        parameters.append(.init(name: "fallback_application_name", value: "verdict"))
        parameters.append(.init(name: "client_encoding", value: "UTF8"))
        if address["connect_timeout"] == nil {
            parameters.append(.init(name: "connect_timeout", value: "\(address.connectTimeoutSeconds)"))
        }
        let texts = CTexts(parameters.flatMap { [$0.name, $0.value] })
        let names = unsafe stride(from: 0, to: texts.pointers.count, by: 2).map { unsafe texts.pointers[$0] }
        let values = unsafe stride(from: 1, to: texts.pointers.count, by: 2).map { unsafe texts.pointers[$0] }
        return unsafe Handle(pointer: PQconnectdbParams(names + [nil], values + [nil], 0))
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

/// A time by which something has to be done.
package typealias Deadline = ContinuousClock.Instant

extension Deadline {
    /// Milliseconds until then, rounded up; 0 when it is past.
    var remainingMilliseconds: Int {
        let (seconds, attoseconds) = (self - .now).components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        // A day is for ever here, and fits where libc counts milliseconds in 32 bits.
        guard seconds < 86_400 else { return 86_400_000 }
        return Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
