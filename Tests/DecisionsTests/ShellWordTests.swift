import Decisions
import Testing

/// Words that are copied into a shell.
@Suite struct ShellWordTests {
    @Test(arguments: [
        ("K7F2", "K7F2"), ("memory:/var/lib/v", "memory:/var/lib/v"), ("", "''"),
        ("two words", "'two words'"),
        ("it's", "'it'\\''s'"), ("$(reboot)", "'$(reboot)'"), ("a;b|c&d", "'a;b|c&d'"), ("`id`", "'`id`'"),
        ("-rf", "-rf"), ("~root", "'~root'"), ("a\nb", "$'a\\nb'"),
        ("\u{1b}[31m'\\", "$'\\U0000001b[31m\\'\\\\'"),
        ("a\u{202e}b", "$'a\\U0000202eb'"), ("*?[x]", "'*?[x]'"), ("a=b", "a=b"), ("ünï", "'ünï'"),
    ])
    func `a word comes out of the shell as it went in`(_ word: String, _ quoted: String) {
        #expect(ShellWord.quoted(word) == quoted)
    }

    @Test func `a line is its words`() {
        #expect(
            ShellWord.line(["verdict", "console", "--store", "my store"])
                == "verdict console --store 'my store'")
    }
}
