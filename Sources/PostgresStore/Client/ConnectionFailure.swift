import CPostgres
import VectorStores

/// Why connecting failed.
///
/// libpq tells it as text only: a code is not to be had before there is a connection.
enum ConnectionFailure {
    /// What libpq's or the server's words stand for; the first that is found counts.
    private static let signs: [(words: String, code: PostgresError.Code)] = [
        ("password authentication failed", .authentication),
        ("no password supplied", .authentication),
        ("pg_hba.conf", .authentication),
        ("authentication failed", .authentication),
        ("certificate verify failed", .authentication),
        ("root certificate file", .authentication),
        ("server does not support SSL", .authentication),
        ("server certificate for", .authentication),
        ("certificate authentication", .authentication),
        ("requires a valid client certificate", .authentication),
        ("too many clients", .tooManyConnections),
        ("too many connections", .tooManyConnections),
        ("remaining connection slots", .tooManyConnections),
        ("the database system is", .shuttingDown),
        ("session is read-only", .readOnlyServer),
        ("server is in hot standby mode", .readOnlyServer),
        ("permission denied for database", .permission),
        ("is not permitted to log in", .permission),
        ("timeout expired", .timeout),
        ("service file", .usage),
        ("definition of service", .usage),
        ("invalid ", .usage),
    ]

    /// The error of a connection that failed; `reason` is why, where libpq does not know.
    static func error(
        of connection: OpaquePointer, at address: PostgresServerAddress, because reason: String? = nil
    ) -> PostgresError {
        let message = unsafe reason ?? String(cString: PQerrorMessage(connection))
        var code = signs.first { message.contains($0.words) }?.code
        if code == nil, message.contains(#/(?:role|database) ".*" does not exist/#) {
            code = message.contains("role \"") ? .authentication : .missing
        }
        if code == nil, unsafe PQconnectionUsedPassword(connection) != 0 { code = .authentication }
        // Of several hosts one may be promoted at any moment: who asks again finds it.
        if code == .readOnlyServer, address.hasSeveralHosts { code = .connection }
        let kind = code ?? .connection
        let advice = kind == .timeout ? PostgresError.Code.connection.advice : kind.advice
        // A server that does not answer in libpq's own time is away, not late.
        return PostgresError(
            kind == .timeout ? .connection : kind,
            "cannot connect to \(address): \(oneLine(message))" + (advice.isEmpty ? "" : "; \(advice)"))
    }

    /// Lines of a message made one sentence and safe to print.
    ///
    /// libpq begins what it adds to a line with a tab. What it asks there, whether the server runs, is left out: the
    /// advice says that already.
    static func oneLine(_ message: String) -> String {
        var sentence = ""
        var isAdded = false
        for line in message.split(whereSeparator: \.isNewline) {
            let words = line.drop { $0 == "\t" || $0 == " " }
            let addsToLine = words.startIndex > line.startIndex
            if words.isEmpty || (addsToLine && words.hasSuffix("?")) { continue }
            if let last = sentence.last {
                let isClosed = ".:;,".contains(last)
                sentence += isClosed || (addsToLine && isAdded) ? " " : addsToLine ? ": " : "; "
            }
            isAdded = addsToLine
            sentence += words
        }
        // What comes behind it goes on in the same sentence.
        if sentence.hasSuffix("."), !sentence.hasSuffix("..") { sentence.removeLast() }
        return PrintedText.escaped(sentence, limit: 400)
    }
}
