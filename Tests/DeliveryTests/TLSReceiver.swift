import Foundation

/// A server of HTTPS on 127.0.0.1 whose certificate nobody signed but itself; it goes with this process.
final class TLSReceiver {
    /// Why there is none.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Its port on 127.0.0.1.
    let port: Int
    /// The file with its certificate.
    let certificate: String
    /// Answers each POST with 200 and an empty body.
    private static let program = """
        import http.server, ssl, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("certificate.pem", "key.pem")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print("listening")
        server.serve_forever()
        """
    private let folder: URL
    private let process = Process()
    private let leash = Pipe()

    /// Makes a certificate, starts the server and waits until it listens.
    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "verdict-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificate = folder.appending(path: "certificate.pem").path
        port = try LoopbackReceiver.closedPort()
        // The shell ends the server when its standard input ends, and that ends with this process.
        let command = """
            cd "$0" && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
            -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out certificate.pem \
            2>errors || { cat errors; exit 1; }
            /usr/bin/python3 -u -c "$2" "$1" 2>&1 & server=$!; cat >/dev/null; kill $server; wait $server
            """
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command, folder.path, "\(port)", Self.program]
        process.standardInput = leash
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var log = Data()
        while !String(decoding: log, as: UTF8.self).contains("listening") {
            let part = output.fileHandleForReading.availableData
            log += part
            guard !part.isEmpty else {
                throw Failure(
                    description: "the server did not start: \(String(decoding: log, as: UTF8.self))")
            }
        }
        output.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
    }

    deinit {
        try? leash.fileHandleForWriting.close()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }
}
