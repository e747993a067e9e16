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
    let options: TerminalOptions
    private var palette: Palette?
    private var theme: Theme?
    private var shown: Surface?
    private var styles: [Style: CellStyle] = [:]
    private var pairs: [UInt64: Int32] = [:]

    /// How ncurses draws a cell.
    struct CellStyle {
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
