import Testing
import VectorStores

@testable import PostgresStore

/// The identifiers of rows, and the texts of what retention removed.
@Suite struct RowNamesTests {
    @Test(arguments: [("", "a"), ("acme", "d-1"), ("3:x", ":"), ("Ümläut", "é"), ("a", ""), ("", "")])
    func `a removed entry is read back from its text`(tenant: String, id: String) {
        let identity = EntryIdentity(tenant: tenant, id: id)
        #expect(RowNames.identity(of: RowNames.text(of: identity)) == identity)
    }

    @Test func `two entries never have one text`() {
        let texts = [("a", "bc"), ("ab", "c"), ("", "abc"), ("abc", "")].map {
            RowNames.text(of: EntryIdentity(tenant: $0.0, id: $0.1))
        }
        #expect(Set(texts).count == texts.count)
    }

    @Test(arguments: ["", "5", "x:a", "-1:a", "9:abc", ":a"])
    func `what is no such text is none`(text: String) {
        #expect(RowNames.identity(of: text) == nil)
    }

    @Test func `only rows of another name are noted, and forgotten with their entry`() {
        var names = RowNames()
        let plain = EntryIdentity(tenant: "acme", id: "d-1")
        let derived = EntryIdentity(tenant: "globex", id: "d-1")
        names.note(plain, rowID: "d-1")
        names.note(derived, rowID: "d-1~0")
        #expect(names.rowID(of: plain) == "d-1")
        #expect(names.rowID(of: derived) == "d-1~0")
        names.note(derived, rowID: "d-1~0~0")
        #expect(names.rowID(of: derived) == "d-1~0~0")
        names.forget(derived)
        #expect(names.rowID(of: derived) == "d-1")
    }
}
