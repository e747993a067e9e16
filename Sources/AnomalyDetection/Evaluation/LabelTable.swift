public import Decisions

/// Which decisions of a log are known to belong to an attack, as a table of comma-separated values says it.
///
/// Columns are found by their names in the first line: `id` (or `eventID`), `label` (1 for an attack, 0 for what
/// is benign), and `incident` (which attack) where there is one. Others are passed over.
public struct LabelTable: Sendable {
    /// What a table says of a decision.
    public enum Label: Sendable, Hashable {
        /// No attack.
        case benign
        /// Part of an attack.
        case attack(incident: String)
    }

    /// Why a line of a table cannot be used.
    public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        /// The line, from 1.
        public let line: Int
        /// What is wrong with it, and what to do.
        public let reason: String

        /// The line and the reason.
        public var description: String { "line \(line): \(reason)" }
    }

    /// The most decisions a table may label.
    public static let maximumRows = 10_000_000
    /// The names of the column of identifiers; the first that is there counts.
    static let identifierNames = ["id", "eventid"]

    private let width: Int
    private let idColumn: Int
    private let labelColumn: Int
    private let incidentColumn: Int?
    private var labels: [ByteKey: Label] = [:]

    /// Reads the first line, which names the columns.
    public init(header: String) throws(Problem) {
        let names = try Self.cells(of: header, line: 1).map { $0.lowercased() }
        guard let id = Self.identifierNames.compactMap(names.firstIndex(of:)).first else {
            throw Problem(
                line: 1, reason: "no column is named id or eventID: the first line names the columns")
        }
        guard let label = names.firstIndex(of: "label") else {
            throw Problem(line: 1, reason: "no column is named label: it holds 1 for an attack, else 0")
        }
        width = names.count
        idColumn = id
        labelColumn = label
        incidentColumn = names.firstIndex(of: "incident")
    }

    /// The first line of a table as this writes it.
    public static let header = "id,label,incident"

    /// The line of an event in a table under that header; `nil` where a name has a line break, which no line holds.
    public static func row(of event: EvaluationEvent) -> String? {
        let cells = [event.decision.id, event.incident == nil ? "0" : "1", event.incident ?? ""]
        guard !cells.contains(where: { $0.utf8.contains { $0 == 0x0A || $0 == 0x0D } }) else { return nil }
        return cells.map(quoted).joined(separator: ",")
    }

    /// A value as a table holds it: in quotation marks where it would be taken for something else.
    private static func quoted(_ value: String) -> String {
        let marks: Set<UInt8> = [
            UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: " "), UInt8(ascii: "\t"),
        ]
        guard value.utf8.contains(where: marks.contains) else { return value }
        return "\"" + value.replacing("\"", with: "\"\"") + "\""
    }

    /// How many decisions are labelled.
    public var count: Int { labels.count }

    /// Reads a line after the first; a blank one says nothing.
    public mutating func add(_ text: String, line: Int) throws(Problem) {
        if text.utf8.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) { return }
        let cells = try Self.cells(of: text, line: line)
        guard cells.count == width else {
            throw Problem(line: line, reason: "has \(cells.count) columns, the first line names \(width)")
        }
        let id = cells[idColumn]
        guard !id.isEmpty else { throw Problem(line: line, reason: "has no identifier") }
        let label = try label(of: cells, id: id, line: line)
        if let known = labels.updateValue(label, forKey: ByteKey(id)), known != label {
            throw Problem(line: line, reason: "labels '\(id)' a second time, and otherwise than before")
        }
        guard labels.count <= Self.maximumRows else {
            throw Problem(
                line: line, reason: "more than \(Self.maximumRows) decisions are labelled: split the log")
        }
    }

    /// What the table says of a decision; `nil` when nothing.
    ///
    /// Where a record of a log holds several decisions, each has the record's identifier, `#` and more: the label of
    /// the record is theirs, unless they have their own.
    public func label(of decision: Decision) -> Label? { match(decision)?.label }

    /// The label of a decision and the identifier it was found under.
    func match(_ decision: Decision) -> (id: String, label: Label)? {
        if let label = labels[ByteKey(decision.id)] { return (decision.id, label) }
        guard let mark = decision.id.utf8.lastIndex(of: UInt8(ascii: "#")) else { return nil }
        let record = String(decision.id[..<mark])
        return labels[ByteKey(record)].map { (record, $0) }
    }

    private func label(of cells: [String], id: String, line: Int) throws(Problem) -> Label {
        switch cells[labelColumn].lowercased() {
        case "0", "false", "benign": return .benign
        case "1", "true", "attack":
            // An attack without a name is one of its own.
            let name = incidentColumn.map { cells[$0] } ?? ""
            return .attack(incident: name.isEmpty ? id : name)
        default:
            throw Problem(
                line: line,
                reason: "has the label '\(cells[labelColumn])': write 1 for an attack, else 0")
        }
    }

    /// The values of a line, after RFC 4180; none may go over the line's end.
    private static func cells(of text: String, line: Int) throws(Problem) -> [String] {
        var cells: [String] = []
        var cell: [UInt8] = []
        var isQuoted = false
        var wasQuoted = false
        let bytes = Array(text.utf8)
        var place = 0
        func finish() {
            cells.append(String(decoding: wasQuoted ? cell[...] : trimmed(cell), as: UTF8.self))
            cell = []
            wasQuoted = false
        }
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "\"") where isQuoted:
                if place < bytes.count, bytes[place] == byte {
                    cell.append(byte)
                    place += 1
                } else {
                    isQuoted = false
                }
            case UInt8(ascii: "\"") where cell.isEmpty && !wasQuoted:
                isQuoted = true
                wasQuoted = true
            case UInt8(ascii: ",") where !isQuoted: finish()
            default: cell.append(byte)
            }
        }
        guard !isQuoted else { throw Problem(line: line, reason: "a quotation does not end on it") }
        finish()
        return cells
    }

    /// A value without the blanks around it.
    private static func trimmed(_ value: [UInt8]) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var rest = value[...]
        while let first = rest.first, isBlank(first) { rest.removeFirst() }
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }
}
