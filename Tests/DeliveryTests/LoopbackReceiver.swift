import Foundation
import Glibc
import Locks
import PostgresTesting

/// A server of HTTP on this machine that answers, stalls or hangs up as it is told.
final class LoopbackReceiver: Sendable {
    /// What becomes of a request.
    enum Manner: Sendable {
        /// An answer with a status, more headers and a body.
        case answer(Int, headers: [String] = [], body: String = "ok")
        /// None, ever; the connection stays open.
        case stall
        /// The beginning of an answer, and no more.
        case stallInBody
        /// An answer without an end.
        case flood
        /// The connection is closed without an answer.
        case hangUp
    }

    /// A request as it came.
    struct Request: Sendable {
        /// The first line and the headers.
        var head: String
        /// The body.
        var body: String
    }

    private struct State {
        var manner = Manner.answer(200)
        var requests: [Request] = []
        var open: [Int32] = []
        var isOver = false
    }

    /// Its port on 127.0.0.1.
    let port: Int
    private let listener: Int32
    private let state = Mutex(State())

    /// Why there is none.
    struct Failure: Error {}

    /// Begins to listen on a free port.
    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        guard Loopback.bind(listener), listen(listener, 64) == 0 else { throw Failure() }
        port = Loopback.port(of: listener)
        // Who accepts closes: its number would else be another's listener by the time it is asked again.
        Thread.detachNewThread { [weak self] in
            defer { close(listener) }
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                guard let self else {
                    close(client)
                    return
                }
                serve(client)
            }
        }
    }

    deinit { end() }

    /// A port that nobody listens on.
    static func closedPort() throws -> Int {
        let receiver = try LoopbackReceiver()
        receiver.end()
        return receiver.port
    }

    /// Stops listening and hangs up.
    func end() {
        let isFirst = state.withLock { state in
            guard !state.isOver else { return false }
            state.isOver = true
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
            return true
        }
        if isFirst { shutdown(listener, Int32(SHUT_RDWR)) }
    }

    /// What came so far.
    var requests: [Request] { state.withLock { $0.requests } }

    /// Says what becomes of requests from now on.
    func set(_ manner: Manner) { state.withLock { $0.manner = manner } }

    private func serve(_ client: Int32) {
        state.withLock { $0.open.append(client) }
        Thread.detachNewThread { [weak self] in
            defer {
                self?.forget(client)
                close(client)
            }
            var bytes: [UInt8] = []
            while let request = Self.next(from: client, &bytes) {
                guard let self else { return }
                let manner = state.withLock { state in
                    state.requests.append(request)
                    return state.manner
                }
                switch manner {
                case .answer(let status, let headers, let body):
                    let lines = ["HTTP/1.1 \(status) Told", "Content-Length: \(body.utf8.count)"] + headers
                    guard Self.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body, to: client) else {
                        return
                    }
                case .stall: _ = Self.next(from: client, &bytes)
                case .stallInBody:
                    _ = Self.send("HTTP/1.1 200 Told\r\nContent-Length: 100\r\n\r\nhalf", to: client)
                    _ = Self.next(from: client, &bytes)
                case .flood:
                    guard Self.send("HTTP/1.1 200 Told\r\nConnection: close\r\n\r\n", to: client) else {
                        return
                    }
                    while Self.send(String(repeating: "x", count: 65_536), to: client) {}
                    return
                case .hangUp: return
                }
            }
        }
    }

    private func forget(_ client: Int32) {
        state.withLock { state in state.open.removeAll { $0 == client } }
    }

    /// The next whole request; `nil` when the connection is over.
    private static func next(from client: Int32, _ bytes: inout [UInt8]) -> Request? {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let headEnd = bytes.firstRange(of: end) {
                let head = String(decoding: bytes[..<headEnd.lowerBound], as: UTF8.self)
                let length =
                    head.lowercased().firstMatch(of: #/content-length: *([0-9]+)/#).flatMap { Int($0.1) } ?? 0
                if bytes.count >= headEnd.upperBound + length {
                    let body = String(
                        decoding: bytes[headEnd.upperBound..<(headEnd.upperBound + length)], as: UTF8.self)
                    bytes.removeFirst(headEnd.upperBound + length)
                    return Request(head: head, body: body)
                }
            }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe recv(client, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            bytes += chunk.prefix(count)
        }
    }

    /// What a server on this machine answers to some text before it closes the connection.
    static func exchange(_ text: String, with port: Int) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        guard Loopback.connect(descriptor, to: port),
            send(text, to: descriptor)
        else { throw Failure() }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += chunk.prefix(count)
        }
    }

    private static func send(_ text: String, to client: Int32) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let part = Array(bytes)
            let count = unsafe Glibc.send(client, part, part.count, Int32(MSG_NOSIGNAL))
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }
}
