import PostgresStore
import Testing

/// Addresses of servers: what is Verdict's own, what is libpq's, and what is never shown.
@Suite struct ServerAddressTests {
    @Test func `Verdict's own parameters are taken out`() throws {
        let address = try PostgresServerAddress(
            "postgres://u@h:5433/db?table=my%20rows&id=key&embedding=vec&tenant=org&metadata=doc&time=at"
                + "&prepare=off&sslmode=require")
        #expect(address.table == "my rows")
        #expect(address.columns.id == "key" && address.columns.embedding == "vec")
        #expect(address.columns.tenant == "org" && address.columns.metadata == "doc")
        #expect(address.columns.time == "at")
        #expect(!address.isPreparing)
    }

    @Test func `without them the table is Verdict's`() throws {
        let address = try PostgresServerAddress("postgresql:///db")
        #expect(address.table == nil && address.isPreparing)
        #expect(address.columns.tenant == nil && address.columns.metadata == "metadata")
        #expect(address.connectTimeoutSeconds == PostgresServerAddress.defaultConnectTimeoutSeconds)
    }

    @Test(arguments: ["postgres://h/db?connect_timeout=3", "postgres://h/db?table=t&connect_timeout=3"])
    func `the time to connect is libpq's parameter`(uri: String) throws {
        #expect(try PostgresServerAddress(uri).connectTimeoutSeconds == 3)
    }

    @Test func `nothing waits for ever to connect`() throws {
        let address = try PostgresServerAddress("postgres://h/db?connect_timeout=0")
        #expect(address.connectTimeoutSeconds == PostgresServerAddress.defaultConnectTimeoutSeconds)
    }

    @Test(arguments: [
        "postgres://u:p%40ss@h/db", "postgres://u:p%2Fss@h/db", "postgres://u:p?ss@h/db", "postgres://h,i/db",
        "postgres://u:p@h:1,i:2/db?user=a%40b", "postgres://[::1]:5433/db", "postgres:///db?port=5433",
        "postgres:///?service=x",
    ])
    func `an address that has one reading is taken`(uri: String) throws {
        #expect(try PostgresServerAddress(uri).table == nil)
    }

    @Test(arguments: [
        "postgres://u:s3cr3t@h/db", "postgres://u:s3?cr3t@h/db?table=t", "postgres://u@h/db?password=s3cr3t",
        "postgres://u:s3cr3t@h/db?sslpassword=s3cr3t",
    ])
    func `a password is never shown`(uri: String) throws {
        let address = try PostgresServerAddress(uri)
        var dumped = ""
        dump(address, to: &dumped)
        for text in ["\(address)", String(reflecting: address), dumped] {
            #expect(!text.contains("cr3t"))
            #expect(text.contains("h/db"))
        }
    }

    @Test(arguments: [
        ("postgres://u:s3cr3t@h/db?no_such=1", "no_such"),
        ("postgres://u:s3%zzcr3t@h/db", "no PostgreSQL URI"),
        ("postgres://u:s3cr3t@h/db?prepare=maybe", "prepare"), ("postgres://u:s3cr3t@h/db?table=", "table"),
        ("postgres://u:s3cr3t@h/db?table=%00", "table"),
        ("postgres://u:s3cr3t@h/db?connect_timeout=x", "connect_timeout"),
        ("postgres://u:s3cr3t@h/db\0", "zero"),
        // libpq would look for a host in each of these, or for a port or parameter, that is a piece of the password.
        ("postgres://u:pa@s3cr3t@h/db", "percent-encode"), ("postgres://u:pa/s3cr3t@h/db", "percent-encode"),
        ("postgres://u:s3cr3t/pa@h/db", "percent-encode"),
        ("postgres://u:pa@x?s3cr3t=1@h/db", "percent-encode"),
        ("postgres://u:pa/x?s3cr3t=1@h/db", "percent-encode"),
        ("postgres://u:pa?x@s3cr3t@h/db", "percent-encode"),
        ("postgres://u:s3cr3t", "port"), ("postgres://u:s3cr3t/pa", "port"),
        ("postgres://u@h/db?password=pa&s3cr3t=1", "no PostgreSQL URI"),
    ])
    func `what is wrong with an address is said without the password`(uri: String, part: String) throws {
        let error = try #require(throws: PostgresError.self) { try PostgresServerAddress(uri) }
        #expect(error.code == .usage)
        #expect(error.description.contains(part), "\(error)")
        #expect(!error.description.contains("cr3t"))
    }
}
