import CPostgres
import Glibc
import VectorStores

/// One attempt to connect, which libpq does a step at a time.
///
/// Done in steps because what a server says at login is told to whoever listens by then, and to nobody before libpq
/// has begun; libpq would print it over the screen. Its own limits of time are those of the call that does all steps,
/// so that they are kept here.
///
/// Safe to use although it holds a pointer: it ends before its connection can be closed.
@safe struct ConnectionPolling {
    /// How an attempt ended.
    enum End: Equatable {
        /// Connected, or refused for the reason that libpq has.
        case done
        /// A host took the connection and said nothing; others were not asked.
        case silent
        /// No host answered.
        case late
    }

    /// Where libpq is on its way through hosts and their addresses.
    private struct Place: Equatable {
        var host: String
        var port: String
        var address: String
    }

    private let pointer: OpaquePointer
    /// How long each address of each host may take.
    let timeoutSeconds: Int

    init(_ pointer: OpaquePointer, timeoutSeconds: Int) {
        unsafe self.pointer = unsafe pointer
        self.timeoutSeconds = timeoutSeconds
    }

    /// Connects, or finds out why that cannot be.
    func run() -> End {
        guard unsafe PQstatus(pointer) != CONNECTION_BAD else { return .done }
        var place = place
        var deadline = Deadline.now + .seconds(timeoutSeconds)
        // libpq asks to be treated at first as if it had said so.
        var wanted = PGRES_POLLING_WRITING
        while true {
            let isLate = !wait(for: wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: deadline)
            // What is still being connected fails when it is shut, and libpq goes on to the next address. Later it
            // would give all hosts up.
            if isLate {
                guard unsafe PQstatus(pointer) == CONNECTION_STARTED,
                    shutdown(unsafe PQsocket(pointer), Int32(SHUT_RDWR)) == 0
                else { return .silent }
            }
            wanted = unsafe PQconnectPoll(pointer)
            switch wanted {
            case PGRES_POLLING_OK: return .done
            case PGRES_POLLING_READING, PGRES_POLLING_WRITING: break
            default: return isLate ? .late : .done
            }
            if isLate || self.place != place {
                place = self.place
                deadline = .now + .seconds(timeoutSeconds)
            }
        }
    }

    /// Waits for the socket; false once the time is over.
    private func wait(for events: Int32, until deadline: Deadline) -> Bool {
        while true {
            let remaining = deadline.remainingMilliseconds
            if remaining == 0 { return false }
            var watched = pollfd(fd: unsafe PQsocket(pointer), events: Int16(events), revents: 0)
            let ready = unsafe poll(&watched, 1, Int32(remaining))
            if ready > 0 || (ready < 0 && errno != EINTR) { return true }
        }
    }

    private var place: Place {
        Place(
            host: unsafe Self.text(PQhost(pointer)), port: unsafe Self.text(PQport(pointer)),
            address: unsafe Self.text(PQhostaddr(pointer)))
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
        unsafe pointer.map { unsafe String(cString: $0) } ?? ""
    }

    /// Where it was when the time was over, as libpq says it.
    var failure: String {
        "connection to server at \"\(place.host)\", port \(place.port) failed: timeout expired"
    }

    /// The hosts without the one that it is at; `nil` when there is no other.
    ///
    /// Those that were asked before stay: which of them will do may depend on the others.
    func otherHosts(of settings: [PostgresServerAddress.Parameter]) -> [PostgresServerAddress.Parameter]? {
        func list(_ name: String) -> [Substring] {
            let value = settings.last { $0.name == name }?.value ?? ""
            return value.isEmpty ? [] : value.split(separator: ",", omittingEmptySubsequences: false)
        }
        let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
        let count = max(hosts.count, addresses.count)
        let here = place
        let index = (0..<count).first { index in
            let host = index < hosts.count ? hosts[index] : ""
            let name = host.isEmpty && index < addresses.count ? addresses[index] : host
            let port = ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : ""
            return name == here.host && (port.isEmpty || port == here.port)
        }
        guard count > 1, let index else { return nil }
        let others = [("host", hosts), ("hostaddr", addresses), ("port", ports)].compactMap {
            (name: String, values: [Substring]) -> PostgresServerAddress.Parameter? in
            guard values.count == count else { return nil }
            var values = values
            values.remove(at: index)
            return PostgresServerAddress.Parameter(name: name, value: values.joined(separator: ","))
        }
        // An empty value is none to libpq, which would take the first list again.
        return others.contains { $0.name != "port" && !$0.value.isEmpty } ? others : nil
    }
}
