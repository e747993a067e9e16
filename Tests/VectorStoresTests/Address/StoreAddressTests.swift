import Testing

@testable import VectorStores

@Suite struct StoreAddressTests {
    @Test func `memory addresses are ephemeral or name a directory`() throws {
        #expect(try StoreAddress(parsing: "memory:") == .ephemeral)
        #expect(try StoreAddress(parsing: "memory:/var/lib/verdict") == .directory("/var/lib/verdict"))
        #expect(try StoreAddress(parsing: "memory:data dir:1") == .directory("data dir:1"))
    }

    @Test func `postgres addresses keep their text`() throws {
        let text = "postgresql://ops@db:5432/audit?table=t"
        #expect(try StoreAddress(parsing: text) == .postgres(text))
        #expect(try StoreAddress(parsing: "postgres://db/x") == .postgres("postgres://db/x"))
    }

    @Test(arguments: ["", "memory", "postgres:db", "mysql://x", "prod-eu", "\u{1B}[2Jx"])
    func `anything else is refused`(text: String) {
        let error = #expect(throws: StoreError.self) { try StoreAddress(parsing: text) }
        #expect(error?.code == .usage)
        #expect(error?.description.contains("\u{1B}") == false)
    }

    @Test func `overlong addresses and zero bytes are refused`() {
        let long = "memory:" + String(repeating: "x", count: StoreAddress.maximumBytes)
        #expect(throws: StoreError.self) { try StoreAddress(parsing: long) }
        #expect(throws: StoreError.self) { try StoreAddress(parsing: "memory:a\0b") }
    }

    @Test(arguments: [
        ("postgres://u:secret@h/db", "postgres://u:***@h/db"),
        ("postgres://u:se@cret@h/db", "postgres://u:***@h/db"),
        ("postgres://u@h/db", "postgres://u@h/db"),
        ("postgres://h:5432/db", "postgres://h:5432/db"),
        ("postgres://h/db?password=secret&sslmode=require", "postgres://h/db?password=***&sslmode=require"),
        ("postgres://h/db?PassWord=secret", "postgres://h/db?PassWord=***"),
        ("postgres://u:secret@h/db?x", "postgres://u:***@h/db?x"),
        ("postgres://u:p?ss@h/db", "postgres://u:***@h/db"),
        ("postgres://u:pa/ss@h/db?x=1", "postgres://u:***@h/db?x=1"),
        ("postgres://h:5432/db?password=se@cret&x=1", "postgres://h:5432/db?password=***&x=1"),
    ])
    func `no password is printed`(text: String, printed: String) throws {
        #expect(try StoreAddress(parsing: text).description == printed)
    }

    @Test(arguments: [
        "mysql://u:secret@h/db", "host=h user=u password=secret", "postgres:/u:secret@h/db", "u:secret@h/db",
    ])
    func `a refused address is printed without its password`(text: String) {
        let error = #expect(throws: StoreError.self) { try StoreAddress(parsing: text) }
        #expect(error?.description.contains("secret") == false)
    }

    @Test func `addresses print as they are written`() {
        #expect(StoreAddress.ephemeral.description == "memory:")
        #expect(StoreAddress.directory("x").description == "memory:x")
    }
}

@Suite struct StoreAddressUserTests {
    @Test(arguments: [
        ("postgres://ana@db/verdict", "ana"), ("postgresql://ana:s3cret@db:5432/verdict", "ana"),
        ("postgres://a%40b:x@db/verdict", "a@b"), ("postgres://db/verdict?user=ben&sslmode=require", "ben"),
        ("postgres://db/verdict", nil), ("postgres:///verdict?password=x", nil),
        ("postgres://:x@db/verdict", nil),
        ("memory:ana@db", nil), ("memory:", nil),
    ])
    func `the role is what the address of a server names`(_ address: String, _ user: String?) throws {
        #expect(try StoreAddress(parsing: address).userName == user)
    }
}
