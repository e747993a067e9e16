import Glibc

/// Sockets of tests on 127.0.0.1.
package enum Loopback {
    /// Gives a socket a free port; false where there is none.
    package static func bind(_ socket: Int32) -> Bool {
        unsafe withAddress(port: 0) { unsafe Glibc.bind(socket, $0, $1) } == 0
    }

    /// Connects a socket to a port; false where nobody listens.
    package static func connect(_ socket: Int32, to port: Int) -> Bool {
        unsafe withAddress(port: port) { unsafe Glibc.connect(socket, $0, $1) } == 0
    }

    /// The port of a socket.
    package static func port(of socket: Int32) -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(socket, $0, &length)
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func withAddress(
        port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = unsafe inet_addr("127.0.0.1")
        return unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
