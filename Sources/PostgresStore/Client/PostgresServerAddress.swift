package import VectorStores

/// Where a server is, and what of Verdict's own was said in the same address.
///
/// Everything else is libpq's: hosts, ports, users, TLS modes, service and password files follow its own rules.
package struct PostgresServerAddress: Sendable, Hashable {
    /// The columns of a table that stands in for `decision_vectors`.
    package struct Columns: Sendable, Hashable {
        package var id = "id"
        package var embedding = "embedding"
        package var tenant: String?
        package var metadata: String? = "metadata"
        package var time: String? = "created_at"
    }

    /// A parameter of libpq with its value.
    struct Parameter: Sendable, Hashable {
        var name: String
        var value: String
    }

    /// The table asked for by `table=`; `nil` for Verdict's own.
    package private(set) var table: String?
    /// The names of its columns.
    package private(set) var columns = Columns()
    /// Whether statements are prepared by name; `prepare=off` is for poolers that mix connections.
    package private(set) var isPreparing = true
    /// Whether everything is read from a standby where one is near enough; `readers=standby`.
    package private(set) var readsFromStandby = false
    /// How many seconds a standby may be behind to be read from; `staleness=`.
    package private(set) var stalenessSeconds = Self.defaultStalenessSeconds
    /// Whether its mirror and what is queued for it may be kept on this machine; `mirror=unsaved` keeps neither.
    package private(set) var isSaved = true
    /// Seconds that connecting to one host may take, as far as the address says.
    package private(set) var connectTimeoutSeconds = Self.defaultConnectTimeoutSeconds
    private let printed: String
    private(set) var parameters: [Parameter]

    /// How long connecting may take where neither the address nor its service nor the environment says.
    package static let defaultConnectTimeoutSeconds = 10

    /// How far a standby may be behind where the address does not say.
    package static let defaultStalenessSeconds = 10

    /// Reads a libpq URI; Verdict's own parameters are taken out before libpq sees it.
    package init(_ uri: String) throws(PostgresError) {
        printed = StoreAddress.postgres(uri).description
        parameters = []
        guard !uri.utf8.contains(0), uri.utf8.count <= StoreAddress.maximumBytes else {
            throw PostgresError(.usage, "the address is too long or has a zero byte")
        }
        try Self.requireOneReading(of: uri)
        parameters = try Self.libpqParameters(of: try takeOwnParameters(from: uri))
        try Self.requirePorts(parameters)
        for index in parameters.indices where parameters[index].name == "connect_timeout" {
            guard let seconds = Int(parameters[index].value) else {
                throw PostgresError(.usage, "connect_timeout in \(printed) is no number of seconds")
            }
            // Zero and less mean for ever to libpq; nothing here waits for ever.
            connectTimeoutSeconds = seconds > 0 ? min(seconds, 86_400) : Self.defaultConnectTimeoutSeconds
            parameters[index].value = "\(connectTimeoutSeconds)"
        }
    }

    /// Reads the address of a store; memory stores have none here.
    package init?(_ address: StoreAddress) throws(PostgresError) {
        guard case .postgres(let uri) = address else { return nil }
        try self.init(uri)
    }

    /// The value of a parameter that the address gives.
    package subscript(name: String) -> String? { parameters.last { $0.name == name }?.value }

    /// The same server with another value of a libpq parameter.
    package func with(_ name: String, _ value: String) -> PostgresServerAddress {
        var copy = self
        copy.parameters.removeAll { $0.name == name }
        copy.parameters.append(Parameter(name: name, value: value))
        return copy
    }

    private mutating func takeOwnParameters(from uri: String) throws(PostgresError) -> String {
        guard let question = Self.startOfParameters(in: uri) else { return uri }
        var kept: [Substring] = []
        for part in uri[uri.index(after: question)...].split(separator: "&") {
            let equals = part.firstIndex(of: "=") ?? part.endIndex
            let value = part[equals...].dropFirst()
            guard try takeOwn(String(part[..<equals]), value: value) else {
                kept.append(part)
                continue
            }
        }
        let rest = kept.joined(separator: "&")
        return uri[..<question] + (rest.isEmpty ? "" : "?\(rest)")
    }

    /// Takes a parameter that is Verdict's own; false for one of libpq's.
    private mutating func takeOwn(_ name: String, value: Substring) throws(PostgresError) -> Bool {
        guard let name = Self.decoded(name[...]), let own = OwnParameter(rawValue: name) else { return false }
        guard let value = Self.decoded(value), !value.isEmpty, !value.utf8.contains(0) else {
            throw PostgresError(.usage, "the value of \(name) in \(printed) is not usable")
        }
        switch own {
        case .table: table = value
        case .id: columns.id = value
        case .embedding: columns.embedding = value
        case .tenant: columns.tenant = value
        case .metadata: columns.metadata = value
        case .time: columns.time = value
        case .prepare:
            guard ["on", "off"].contains(value) else {
                throw PostgresError(.usage, "prepare in \(printed) is neither on nor off")
            }
            isPreparing = value == "on"
        case .readers:
            guard ["any", "standby"].contains(value) else {
                throw PostgresError(.usage, "readers in \(printed) is neither any nor standby")
            }
            readsFromStandby = value == "standby"
        case .staleness:
            guard let seconds = Int(value), (1...86_400).contains(seconds) else {
                throw PostgresError(.usage, "staleness in \(printed) is no number of seconds, 1 to 86400")
            }
            stalenessSeconds = seconds
        case .mirror:
            guard ["saved", "unsaved"].contains(value) else {
                throw PostgresError(.usage, "mirror in \(printed) is neither saved nor unsaved")
            }
            isSaved = value == "saved"
        }
        return true
    }

    private enum OwnParameter: String {
        case table, id, embedding, tenant, metadata, time, prepare, readers, staleness, mirror
    }
}

extension PostgresServerAddress: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The address as it was written, without a password.
    package var description: String { printed }

    package var debugDescription: String { printed }

    /// Nothing but what is printed: a dump must not show the password either.
    package var customMirror: Mirror { Mirror(self, children: ["address": printed]) }
}
