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
            openssl s_server -accept 127.0.0.1:"$1" -cert certificate.pem -key key.pem -www </dev/null 2>&1 &
            server=$!; cat >/dev/null; kill $server; wait $server
            """
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command, folder.path, "\(port)"]
        process.standardInput = leash
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var log = Data()
        while !String(decoding: log, as: UTF8.self).contains("ACCEPT") {
            let part = output.fileHandleForReading.availableData
            log += part
            guard !part.isEmpty else {
                throw Failure(
                    description: "openssl did not start: \(String(decoding: log, as: UTF8.self))")
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
