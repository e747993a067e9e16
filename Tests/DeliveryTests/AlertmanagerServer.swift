import Foundation

/// A real Alertmanager for a test, in a temporary folder and on a free port; it goes with this process.
final class AlertmanagerServer {
    /// Where `scripts/setup tests` installs it.
    static let program = "/usr/bin/prometheus-alertmanager"
    /// Whether it is there.
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    /// Why there is none.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Its port on 127.0.0.1.
    let port: Int
    private let folder: URL
    private let process = Process()
    private let leash = Pipe()

    /// Starts it and waits until it listens.
    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "verdict-alertmanager-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let configuration = "route:\n  receiver: nobody\nreceivers:\n  - name: nobody\n"
        try configuration.write(to: folder.appending(path: "config.yml"), atomically: true, encoding: .utf8)
        port = try LoopbackReceiver.closedPort()
        // The shell ends the server when its standard input ends, and that ends with this process.
        let command = """
            "$0" --config.file="$1/config.yml" --storage.path="$1/data" --cluster.listen-address= \
            --web.listen-address="127.0.0.1:$2" 2>&1 & server=$!; cat >/dev/null; kill $server; wait $server
            """
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command, Self.program, folder.path, "\(port)"]
        process.standardInput = leash
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var log = Data()
        while !String(decoding: log, as: UTF8.self).contains("Listening") {
            let part = output.fileHandleForReading.availableData
            log += part
            let text = String(decoding: log, as: UTF8.self)
            guard !part.isEmpty, !text.contains("level=error"), !text.contains("error:") else {
                throw Failure(description: "Alertmanager did not start: \(text)")
            }
        }
        // Nobody may wait to write what nobody reads.
        output.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
    }

    deinit {
        try? leash.fileHandleForWriting.close()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The body of the answer to a GET of a path.
    func answer(to path: String) throws -> String {
        let text = try LoopbackReceiver.exchange(
            "GET \(path) HTTP/1.0\r\nHost: localhost\r\n\r\n", with: port)
        guard text.contains(" 200 "), let head = text.firstRange(of: "\r\n\r\n") else {
            throw Failure(description: "Alertmanager answered \(text)")
        }
        return String(text[head.upperBound...])
    }

    /// Its address.
    var address: String { "http://127.0.0.1:\(port)" }
}
