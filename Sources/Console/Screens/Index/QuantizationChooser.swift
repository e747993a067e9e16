import Operations
import TerminalUI
import VectorStores

/// The codes that a rebuild can give to searches, each with its size and what it is.
struct QuantizationChooser {
    let state: ConsoleState
    let list: FilteredList

    func draw(in body: Rect, on surface: inout Surface) {
        let rows = state.chooserRows(list)
        let frame = body.centered(
            Size(
                width: min(body.width, Self.width),
                height: min(body.height, QuantizationSetting.names.count + 4)))
        surface.fill(frame, style: Style(.text, on: .overlay))
        let inner = surface.box(
            frame, title: "Codes that searches walk over", rightTitle: "✓ in use",
            footer: "Enter asks to rebuild", focused: true
        ).inset(left: 1, right: 1)
        surface.draw(
            InputLine(prompt: "> ", editor: list.filter, placeholder: "type to find"), in: inner.row(0))
        let room = inner.inset(top: 1)
        var cursor = ListCursor(selected: Optional(list.selected))
        cursor.reconcile(rows.indices, height: room.height)
        let statistics = state.snapshot.statistics
        let table = Table(
            columns: [
                TableColumn("", .fixed(1)), TableColumn("name", .fixed(4)),
                TableColumn("bytes", .fixed(5), alignment: .right),
                TableColumn("ratio", .fixed(4), alignment: .right, dropOrder: 1), TableColumn("what it is"),
            ], count: rows.count, selectedIndex: cursor.index, offset: cursor.offset, showsHeader: false,
            emptyText: "no codes are called that"
        ) { index in
            let choice = rows[index]
            let bytes = choice.codeBytes(
                dimension: statistics.dimension, exact: statistics.index.exactBytes)
            let isPresent = choice.name == statistics.index.quantization
            return TableRow([
                Line(isPresent ? "✓" : "", Style(.good)), Line(choice.name, Style(.identifier)),
                Line(bytes == 0 ? Quantity.absent : Quantity.bytes(bytes)),
                Line(CodeText.ratio(bytes: bytes, dimension: statistics.dimension), .muted),
                Line(Self.phrase(choice.name), .muted),
            ])
        }
        surface.draw(table, in: room)
    }

    /// As wide as the longest row.
    private static let width = 64

    /// What the codes of a name are, and what they are good for.
    private static func phrase(_ name: String) -> String {
        switch name {
        case "none": "none of their own, the fastest"
        case "sq8": "8 bits a value, what counts have anyway"
        case "sq4": "4 bits a value, nearly right"
        case "pq4": "4 bits for 4 values, the roughest"
        case "pq8": "8 bits for 8 values, rougher than pq16"
        case "pq16": "twice 8 bits for 16, where memory counts"
        default: ""
        }
    }
}

/// How the sizes of codes are said.
enum CodeText {
    /// How many times smaller than 32-bit floats a code is: `32×`; nothing where its size is not known.
    static func ratio(bytes: Int, dimension: Int) -> String {
        guard bytes > 0 else { return "" }
        let ratio = Double(4 * dimension) / Double(bytes)
        return Quantity.fixed(ratio, decimals: ratio < 9.95 && ratio != ratio.rounded() ? 1 : 0) + "×"
    }
}

extension ConsoleState {
    /// Opens the chooser on the codes in use.
    mutating func chooseQuantization() {
        let names = QuantizationSetting.names
        overlay = .quantizations(
            FilteredList(selected: names.firstIndex(of: snapshot.statistics.index.quantization) ?? 0))
    }

    /// The codes to choose from, in the order they are drawn.
    func chooserRows(_ list: FilteredList) -> [QuantizationSetting] {
        let wanted = list.filter.text.lowercased()
        return QuantizationSetting.names.filter { wanted.isEmpty || $0.contains(wanted) }
            .compactMap { QuantizationSetting($0) }
    }

    /// Takes a key in the chooser; Enter asks the question of a rebuild.
    mutating func press(_ key: Key, inChooser chooser: FilteredList) -> [ConsoleRequest] {
        var chooser = chooser
        let rows = chooserRows(chooser)
        switch key {
        case .escape: overlay = nil
        case .enter:
            overlay = nil
            guard rows.indices.contains(chooser.selected) else { return [] }
            // What could be done when the chooser opened may have changed since.
            if let reason = whyNotRebuild { return refuse("rebuild: \(reason)") }
            var parameters = RebuildParameters()
            parameters.quantization = rows[chooser.selected].name
            askRebuild(parameters)
        default:
            chooser.handle(key, count: rows.count)
            overlay = .quantizations(chooser)
        }
        return []
    }
}
