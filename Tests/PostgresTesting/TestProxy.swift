import Foundation
import Glibc
import Locks
import PostgresStore

/// A stretch of network to a server, which tests can cut.
package final class TestProxy: Sendable {
    /// What becomes of the bytes that come.
    package enum Mode: Sendable {
        case passing
        /// What the server answers is lost, and the connection breaks with it.
        case losingAnswers
        /// Nothing arrives any more, and nobody is told.
        case silent
    }

    private struct State {
        var mode = Mode.passing
        var links: [Link] = []
        var isOver = false
    }

    /// Its port on 127.0.0.1.
    package let port: Int
    private let listener: Int32
    private let state = Mutex(State())

    /// Passes on to a port of this machine.
    package init(to target: Int) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        guard Loopback.bind(listener), Glibc.listen(listener, 64) == 0
        else { throw PostgresServer.Failure(description: "the proxy cannot listen: error \(errno)") }
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
                link(client, to: target)
            }
        }
    }

    deinit { end() }

    /// Breaks all connections and takes no more.
    package func end() {
        let isFirst = state.withLock { state in
            defer { state.isOver = true }
            return !state.isOver
        }
        guard isFirst else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        cut()
    }

    /// Whether somebody has connected and is not cut off.
    package var isUsed: Bool { state.withLock { !$0.links.isEmpty } }

    /// Says what becomes of all that comes from now on.
    package func set(_ mode: Mode) { state.withLock { $0.mode = mode } }

    /// Breaks all connections that are open now.
    package func cut() {
        let links = state.withLock { state in
            defer { state.links = [] }
            return state.links
        }
        for link in links { link.cut() }
    }

    /// An address that leads through here.
    package func address(of server: PostgresServer, database: String = "postgres") -> String {
        server.address(database: database).replacing(":\(server.port)/", with: ":\(port)/")
    }

    private func link(_ client: Int32, to target: Int) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let link = Link(client: client, server: server)
        guard Loopback.connect(server, to: target) else { return }
        state.withLock { $0.links.append(link) }
        pass(link, from: client, to: server, isAnswer: false)
        pass(link, from: server, to: client, isAnswer: true)
    }

    private func pass(_ link: Link, from source: Int32, to sink: Int32, isAnswer: Bool) {
        Thread.detachNewThread { [weak self] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = unsafe recv(source, &buffer, buffer.count, 0)
                guard count > 0, let mode = self?.state.withLock({ $0.mode }) else { break }
                if mode == .silent { continue }
                if mode == .losingAnswers, isAnswer { break }
                guard unsafe send(sink, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
            }
            link.cut()
        }
    }

    /// A port that nobody listens on now.
    static func freePort() throws -> Int {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(number) }
        guard Loopback.bind(number) else {
            throw PostgresServer.Failure(description: "there is no free port: error \(errno)")
        }
        return Loopback.port(of: number)
    }
}

/// The two connections that a proxied one consists of; closed when neither direction uses them any more.
private final class Link: Sendable {
    private let client: Int32
    private let server: Int32

    init(client: Int32, server: Int32) {
        self.client = client
        self.server = server
    }

    deinit {
        close(client)
        close(server)
    }

    func cut() {
        shutdown(client, Int32(SHUT_RDWR))
        shutdown(server, Int32(SHUT_RDWR))
    }
}
