import Testing

@testable import DecisionLogs

@Suite struct SocketAddressTests {
    @Test(arguments: [
        ("10.1.4.7:53114", "10.1.4.7"), ("[::1]:80", "::1"), ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"), ("10.1.4.7", "10.1.4.7"), ("client.example:443", "client.example"),
        ("unix:@", "unix:@"), ("[::1", "[::1"), ("[]:80", ""), (":80", ""), ("a:", "a:"), ("", ""),
        ("fe80::1%eth0", "fe80::1%eth0"), ("é:80\u{301}", "é:80\u{301}"),
    ])
    func `a port is taken off and nothing else`(text: String, host: String) {
        #expect(SocketAddress.host(of: text) == host)
    }
}
