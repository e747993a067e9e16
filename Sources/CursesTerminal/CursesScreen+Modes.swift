import CCurses
import TerminalUI

extension CursesScreen {
    /// The modes to switch on after opening and after every stop.
    var enterSequence: String {
        guard kind.isXtermLike else { return "" }
        let query = options.synchronizedOutput == .automatic ? "\u{1B}[?2026$p" : ""
        let title = options.title.isEmpty ? "" : "\u{1B}[22;2t\u{1B}]2;\(options.title.terminalSafe)\u{1B}\\"
        return "\u{1B}[?2004h\u{1B}[?1004h" + query + title
    }

    /// The question for the terminal's background (OSC 11); asked once, nobody waits for the answer.
    var backgroundQuery: String {
        kind.isXtermLike && options.asksBackground ? "\u{1B}]11;?\u{1B}\\" : ""
    }

    /// The modes to switch off, whatever is on.
    var leaveSequence: String {
        guard kind.isXtermLike else { return "" }
        let title = options.title.isEmpty ? "" : "\u{1B}[23;2t"
        let mouse = options.usesMouse ? "\u{1B}[?1006l\u{1B}[?1000l" : ""
        return "\u{1B}[?2026l\u{1B}[?2004l\u{1B}[?1004l" + mouse + title
    }

    /// Everything that gives the terminal back without ncurses, for the day of a crash.
    var farewell: String {
        let names = ["sgr0", "rmkx", "cnorm", "rmcup"]
        let strings = names.compactMap { name in
            unsafe ccurses_capability(name).map { unsafe CursesScreen.withoutPadding(String(cString: $0)) }
        }
        return leaveSequence + strings.joined()
    }

    /// A capability without its `$<5>` delays.
    static func withoutPadding(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            guard rest.hasPrefix("$<"), let end = rest.firstIndex(of: ">") else {
                result.append("$")
                rest = rest.dropFirst()
                continue
            }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    /// Switches on what the terminal is to report.
    func enter() {
        send(enterSequence)
    }
}
