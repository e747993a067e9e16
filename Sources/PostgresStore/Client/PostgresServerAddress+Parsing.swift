import CPostgres
import VectorStores

extension PostgresServerAddress {
    /// Where the parameters of a URI begin, if it has some.
    ///
    /// As libpq reads it: a user and password reach to the first `@` before any `/`, and may hold a `?`.
    static func startOfParameters(in uri: String) -> String.Index? {
        guard let scheme = uri.firstRange(of: "://") else { return nil }
        var start = scheme.upperBound
        if let stop = uri[start...].firstIndex(where: { $0 == "@" || $0 == "/" }), uri[stop] == "@" {
            start = stop
        }
        return uri[start...].firstIndex(of: "?")
    }

    /// A text with `%41` as `A`; `nil` where that is broken or no UTF-8.
    static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init)
    }

    /// What a URI says, read by libpq itself.
    static func libpqParameters(of uri: String) throws(PostgresError) -> [Parameter] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = unsafe PQconninfoParse(uri, &message) else {
            defer { unsafe PQfreemem(message) }
            throw PostgresError(
                .usage, refusal(unsafe message.map { unsafe String(cString: $0) } ?? "", of: uri))
        }
        defer { unsafe PQconninfoFree(options) }
        return unsafe self.parameters(options)
    }

    /// The parameters that have a value in a list of libpq.
    static func parameters(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [Parameter] {
        var parameters: [Parameter] = []
        var next = unsafe options
        // The list ends with an option that has no name.
        while let keyword = unsafe next.pointee.keyword {
            if let value = unsafe next.pointee.val {
                unsafe parameters.append(
                    Parameter(name: String(cString: keyword), value: String(cString: value)))
            }
            unsafe next += 1
        }
        return parameters
    }

    /// Refuses what libpq reads otherwise than it was meant: a password with an `@`, `/` or `?` of its own, of which
    /// the rest would be taken for a host and told as one that is not found.
    ///
    /// Nothing of such an address is printed, since nobody knows which part of it is the password.
    static func requireOneReading(of uri: String) throws(PostgresError) {
        guard let scheme = uri.firstRange(of: "://") else { return }
        let rest = uri[scheme.upperBound...]
        guard let last = rest.lastIndex(of: "@"), rest[..<last].contains(where: { $0 == "@" || $0 == "/" })
        else { return }
        throw PostgresError(
            .usage,
            "the PostgreSQL address can be read in more than one way: percent-encode @ / ? in the user, password and "
                + "parameters (as %40 %2F %3F)")
    }

    /// Refuses a port that is no number, without naming it: `postgres://USER:PASSWORD` has a password there.
    static func requirePorts(_ parameters: [Parameter]) throws(PostgresError) {
        for parameter in parameters where parameter.name == "port" {
            let ports = parameter.value.split(separator: ",")
            guard ports.contains(where: { UInt16($0) == nil }) else { continue }
            throw PostgresError(
                .usage,
                "the port in the PostgreSQL address is no number: write postgres://USER@HOST:PORT/DATABASE")
        }
    }

    /// Why libpq does not take an address.
    ///
    /// Of its own words only those that name a parameter are shown: others quote parts of the address, which may be a
    /// password. So may the name, where a password among the parameters has an `&`.
    private static func refusal(_ message: String, of uri: String) -> String {
        let known = "invalid URI query parameter:"
        let hasSecrets = decoded(uri[...])?.lowercased().contains("password=") ?? true
        let isShown = message.hasPrefix(known) && !hasSecrets
        let reason = isShown ? " (\(ConnectionFailure.oneLine(message)))" : ""
        return "the address is no PostgreSQL URI\(reason): write postgres://USER@HOST:PORT/DATABASE"
    }
}
