import CCurses
import Glibc
import TerminalUI

extension CursesScreen {
    /// The depth with fewer colours.
    static func lesser(_ first: ColorDepth, _ second: ColorDepth) -> ColorDepth {
        let order: [ColorDepth] = [.mono, .ansi16, .indexed256, .truecolor]
        return order.first { $0 == first || $0 == second } ?? .mono
    }

    /// A terminal of the wanted type, with direct colours if they were asked for, or of a fallback.
    static func newTerminal(
        _ kind: TerminalKind, _ options: TerminalOptions, _ output: UnsafeMutablePointer<FILE>,
        _ input: UnsafeMutablePointer<FILE>, _ warn: (String) -> Void
    ) -> (screen: OpaquePointer, type: String)? {
        if kind.colorDepth == .truecolor {
            if let screen = unsafe directTerminal(kind, options, output, input) {
                return unsafe (screen, kind.type)
            }
        }
        if !kind.type.isEmpty, let screen = unsafe newterm(kind.type, output, input) {
            return unsafe (screen, kind.type)
        }
        let known = TerminalKind.fallbackTypes.first {
            unsafe ccurses_look_up($0, options.outputDescriptor) == CCURSES_USABLE
        }
        guard let type = known else { return nil }
        let name =
            kind.type.isEmpty ? "TERM is not set" : "unknown terminal type \"\(kind.type.terminalSafe)\""
        // Said before the screen is opened: what is written later is lost with it.
        warn("\(name): using \(type) instead")
        return unsafe newterm(type, output, input).map { screen in unsafe (screen, type) }
    }

    private static func directTerminal(
        _ kind: TerminalKind, _ options: TerminalOptions, _ output: UnsafeMutablePointer<FILE>,
        _ input: UnsafeMutablePointer<FILE>
    ) -> OpaquePointer? {
        guard DirectColor.isUsable(kind.type) else { return nil }
        let temporary = options.cacheDirectory == nil
        var directory = options.cacheDirectory ?? ""
        if temporary {
            var template = Array(
                ((options.environment("TMPDIR") ?? "/tmp") + "/verdict-terminfo-XXXXXX").utf8CString)
            guard unsafe mkdtemp(&template) != nil else { return nil }
            directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        let direct = DirectColor(baseType: kind.type, directory: directory)
        defer { if temporary { direct.remove() } }
        guard direct.prepare() else { return nil }
        let before = options.environment("TERMINFO")
        unsafe setenv("TERMINFO", directory, 1)
        defer {
            if let before { unsafe setenv("TERMINFO", before, 1) } else { unsafe unsetenv("TERMINFO") }
        }
        return unsafe newterm(direct.name, output, input)
    }
}
