import CCurses
import Glibc
import TerminalUI

/// The ncurses screen.
///
/// Every call comes from the one thread that opened it.
@safe final class CursesScreen {
    let kind: TerminalKind
    let colorDepth: ColorDepth
    let output: Int32
    private(set) var size: Size
    var isSynchronized: Bool
    private let screen: OpaquePointer
    private let files: (input: UnsafeMutablePointer<FILE>, output: UnsafeMutablePointer<FILE>)
    private let window: UnsafeMutablePointer<WINDOW>
    private let keyWindow: UnsafeMutablePointer<WINDOW>
    private let options: TerminalOptions
    private var palette: Palette?
    private var theme: Theme?
    private var shown: Surface?
    private var styles: [Style: CellStyle] = [:]
    private var pairs: [UInt64: Int32] = [:]

    private struct CellStyle {
        var attributes: attr_t
        var pair: Int32
    }

    /// Opens the screen; warnings are sentences for the user.
    init(options: TerminalOptions, codeset: String, warn: (String) -> Void) throws(TerminalError) {
        let kind = TerminalKind(options: options, codeset: codeset)
        guard let input = unsafe fdopen(dup(options.inputDescriptor), "r"),
            let output = unsafe fdopen(dup(options.outputDescriptor), "w")
        else {
            throw TerminalError(description: "the terminal cannot be opened: \(TerminalError.reason(errno))")
        }
        if unsafe ccurses_look_up(kind.type, options.outputDescriptor) == CCURSES_WITHOUT_CURSOR {
            throw TerminalError(
                description:
                    "a terminal of the type \"\(kind.type.terminalSafe)\" cannot place the cursor; use "
                    + "`verdict frame` for a picture, or set TERM, for example to xterm-256color")
        }
        let opened = unsafe CursesScreen.newTerminal(kind, options, output, input, warn)
        guard let opened = unsafe opened else {
            throw TerminalError(
                description:
                    "no description of the terminal type \"\(kind.type.terminalSafe)\" and of none it could "
                    + "be taken for; set TERM, for example to xterm-256color")
        }
        unsafe screen = unsafe opened.screen
        unsafe files = unsafe (input, output)
        self.kind = kind
        self.options = options
        self.output = options.outputDescriptor
        // Where no colours are wanted ncurses is not told that there are any: not even a reset is sent.
        let colors: Int32
        if kind.colorDepth == .mono {
            colors = 0
        } else {
            start_color()
            use_default_colors()
            colors = ccurses_colors()
        }
        let possible: ColorDepth =
            colors >= 1 << 24 ? .truecolor : colors >= 256 ? .indexed256 : colors >= 8 ? .ansi16 : .mono
        colorDepth = CursesScreen.lesser(kind.colorDepth ?? possible, possible)
        raw()
        noecho()
        nonl()
        _ = set_escdelay(options.escapeDelayMilliseconds)
        guard let window = unsafe newwin(0, 0, 0, 0), let keyWindow = unsafe newwin(1, 1, 0, 0) else {
            throw TerminalError(description: "ncurses has no memory for a window")
        }
        unsafe self.window = unsafe window
        unsafe self.keyWindow = unsafe keyWindow
        unsafe leaveok(window, false)
        unsafe scrollok(window, false)
        // Reading from the picture's window would refresh it; keys come through one never drawn.
        unsafe untouchwin(keyWindow)
        unsafe keypad(keyWindow, true)
        unsafe nodelay(keyWindow, true)
        unsafe meta(keyWindow, true)
        if options.usesMouse {
            mouseinterval(0)
            mousemask(
                ccurses_left_pressed | ccurses_middle_pressed | ccurses_right_pressed | ccurses_wheel_up
                    | ccurses_wheel_down, nil)
        }
        size = Size(width: 80, height: 24)
        isSynchronized = options.synchronizedOutput == .on
        if kind.isXtermLike {
            for (text, code) in KeyDecoder.sequences {
                unsafe define_key("\u{1B}" + text, code.rawValue)
            }
        }
        updateSize()
    }

    private static func lesser(_ first: ColorDepth, _ second: ColorDepth) -> ColorDepth {
        let order: [ColorDepth] = [.mono, .ansi16, .indexed256, .truecolor]
        return order.first { $0 == first || $0 == second } ?? .mono
    }

    /// A terminal of the wanted type, with direct colours if they were asked for, or of a fallback.
    private static func newTerminal(
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

    /// Asks the kernel for the size and fits ncurses to it; true when it changed.
    @discardableResult
    func updateSize() -> Bool {
        var columns: Int32 = 0
        var rows: Int32 = 0
        if unsafe ccurses_window_size(output, &columns, &rows) == 0 {
            let fallback = options.headlessSize ?? Size(width: 80, height: 24)
            columns = Int32(clamping: fallback.width)
            rows = Int32(clamping: fallback.height)
        }
        let new = Size(width: min(Int(columns), 1_000), height: min(Int(rows), 500))
        let changed = new != size
        size = new
        // resizeterm would push KEY_RESIZE, which would answer a resize with another one.
        resize_term(Int32(new.height), Int32(new.width))
        unsafe wresize(window, Int32(new.height), Int32(new.width))
        if changed { forget() }
        return changed
    }

    /// Draws everything at the next picture, also over what the terminal may show otherwise.
    func forget() {
        shown = nil
        unsafe clearok(window, true)
    }

    /// Draws what changed, as one burst.
    func present(_ surface: Surface, theme newTheme: Theme) {
        if newTheme != theme {
            theme = newTheme
            palette = Palette(newTheme, depth: colorDepth)
            styles = [:]
            shown = nil
        }
        guard let palette else { return }
        let runs = surface.changes(from: shown)
        if runs.isEmpty, surface.cursor == shown?.cursor, shown != nil { return }
        for run in runs where run.y < size.height { write(run, of: surface, palette) }
        if let cursor = surface.cursor, cursor.x < size.width, cursor.y < size.height {
            unsafe wmove(window, Int32(cursor.y), Int32(cursor.x))
            curs_set(1)
        } else {
            curs_set(0)
        }
        shown = surface
        unsafe wnoutrefresh(window)
        if isSynchronized { send("\u{1B}[?2026h") }
        doupdate()
        if isSynchronized { send("\u{1B}[?2026l") }
    }

    private func write(_ run: ChangedRun, of surface: Surface, _ palette: Palette) {
        let end = min(run.columns.upperBound, size.width)
        guard run.columns.lowerBound < end else { return }
        var cells: [cchar_t] = []
        cells.reserveCapacity(end - run.columns.lowerBound)
        var lastStyle: Style?
        var cellStyle = CellStyle(attributes: 0, pair: 0)
        var x = run.columns.lowerBound
        while x < end {
            let cell = surface[x, run.y]
            if cell.style != lastStyle {
                cellStyle = self.cellStyle(cell.style, palette)
                lastStyle = cell.style
            }
            let width = x + 1 < surface.size.width && surface[x + 1, run.y].glyph.isContinuation ? 2 : 1
            CursesScreen.append(cell.glyph, width: x + width <= end ? width : 1, cellStyle, to: &cells)
            x += width
        }
        unsafe mvwadd_wchnstr(
            window, Int32(run.y), Int32(run.columns.lowerBound), cells, Int32(cells.count))
    }

    /// Adds a glyph; where the C library measures it differently, question marks take its place, so
    /// that ncurses and the picture never disagree about columns.
    private static func append(_ glyph: Glyph, width: Int, _ style: CellStyle, to cells: inout [cchar_t]) {
        var cell = cchar_t()
        var text: [wchar_t] = glyph.scalars.map { wchar_t(bitPattern: $0.value) }
        let base = text.first ?? 32
        let fits = ccurses_width(base) == Int32(width)
        if !fits || width == 1 && glyph.isContinuation { text = [63] }
        text.append(0)
        if unsafe ccurses_cell(&cell, text, style.attributes, style.pair) == ERR {
            unsafe ccurses_cell(&cell, [63, 0], style.attributes, style.pair)
        }
        cells.append(cell)
        if !fits, width == 2 { cells.append(cell) }
    }

    private func cellStyle(_ style: Style, _ palette: Palette) -> CellStyle {
        if let known = styles[style] { return known }
        let resolved = palette.resolve(style)
        var attributes: attr_t = 0
        if resolved.attributes.contains(.bold) { attributes |= ccurses_bold }
        if resolved.attributes.contains(.dim) { attributes |= ccurses_dim }
        if resolved.attributes.contains(.underline) { attributes |= ccurses_underline }
        if resolved.attributes.contains(.reverse) { attributes |= ccurses_reverse }
        let made = CellStyle(
            attributes: attributes,
            pair: pair(CursesScreen.number(resolved.foreground), CursesScreen.number(resolved.background)))
        styles[style] = made
        return made
    }

    private func pair(_ foreground: Int32, _ background: Int32) -> Int32 {
        if foreground == -1, background == -1 || colorDepth == .mono { return 0 }
        let key = UInt64(UInt32(bitPattern: foreground)) << 32 | UInt64(UInt32(bitPattern: background))
        if let known = pairs[key] { return known }
        let made = max(0, alloc_pair(foreground, background))
        pairs[key] = made
        return made
    }

    /// The number ncurses knows a colour by; direct colours below 8 would be the terminal's palette.
    private static func number(_ color: TerminalColor) -> Int32 {
        switch color {
        case .terminalDefault: -1
        case .indexed(let index): Int32(index)
        case .rgb(let color):
            max(8, Int32(color.red) << 16 | Int32(color.green) << 8 | Int32(color.blue))
        }
    }

    /// Writes bytes to the terminal past ncurses; only between frames.
    func send(_ text: String) {
        Descriptor.write(Array(text.utf8), to: output)
    }

    /// The next character or key code; nil when there is none.
    func read() -> (value: UInt32, isCode: Bool)? {
        var value: wint_t = 0
        let status = unsafe wget_wch(keyWindow, &value)
        if status == ERR { return nil }
        return (UInt32(value), status == KEY_CODE_YES)
    }

    /// What the mouse did, after its code was read.
    func mouse() -> (state: mmask_t, at: Point)? {
        var event = MEVENT()
        guard unsafe getmouse(&event) == OK else { return nil }
        return (event.bstate, Point(x: Int(event.x), y: Int(event.y)))
    }

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

    /// Draws the last picture anew, over whatever is there.
    func repaint() {
        guard let picture = shown, let theme else { return }
        forget()
        present(picture, theme: theme)
    }

    /// Gives the terminal to the shell; `present` takes it back.
    func leave() {
        send(leaveSequence)
        endwin()
    }

    /// Frees the screen; it must not be used afterwards.
    func close() {
        unsafe delwin(keyWindow)
        unsafe delwin(window)
        unsafe delscreen(screen)
        unsafe fclose(files.input)
        unsafe fclose(files.output)
    }

    /// What ncurses believes the terminal shows.
    func readBack() -> [String] {
        (0..<size.height).map { y in
            var line = ""
            for x in 0..<size.width {
                var cells = [cchar_t](repeating: cchar_t(), count: 2)
                unsafe mvwin_wchnstr(ccurses_shown(), Int32(y), Int32(x), &cells, 1)
                var text = [wchar_t](repeating: 0, count: 8)
                var attributes: attr_t = 0
                var pair: Int32 = 0
                let count = unsafe ccurses_cell_text(&cells[0], &text, &attributes, &pair)
                for value in text.prefix(Int(count)) {
                    if let scalar = Unicode.Scalar(UInt32(bitPattern: value)) {
                        line.unicodeScalars.append(scalar)
                    }
                }
            }
            return line
        }
    }
}
