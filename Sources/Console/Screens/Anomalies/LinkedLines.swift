import TerminalUI

/// Lines in which some values lead to a search: which there are, where they stand, and which one is chosen.
struct LinkedLines {
    let lines: [Line]

    /// A value that leads to a search; the same query may be led to from several places.
    struct Value: Equatable, Sendable {
        /// The query.
        var query: String
        /// Which of the values with this query it is, from the top.
        var occurrence: Int
    }

    /// Every value from the top, with the line that it begins in.
    var values: [(value: Value, line: Int)] {
        var found: [(value: Value, line: Int)] = []
        forEachLink { value, line, _, isFirst in
            if isFirst { found.append((value: value, line: line)) }
        }
        return found
    }

    /// The lines with a value marked.
    func marking(_ chosen: Value?) -> [Line] {
        guard let chosen else { return lines }
        var lines = lines
        forEachLink { value, line, span, _ in
            guard value == chosen else { return }
            lines[line].spans[span].style = lines[line].spans[span].style.adding([.reverse])
        }
        return lines
    }

    /// The value behind a chosen one, in steps; the first or the last where none is, none behind the end.
    func value(after chosen: Value?, by step: Int, from firstLine: Int, height: Int) -> Value? {
        let values = values
        let shown = values.indices.filter {
            (firstLine..<(firstLine + max(1, height))).contains(values[$0].line)
        }
        let place = chosen.flatMap { chosen in values.firstIndex { $0.value == chosen } }
        guard let place, shown.contains(place) else {
            // One that was scrolled away is not gone on from.
            let start = step > 0 ? shown.first : shown.last
            return (start ?? (step > 0 ? values.indices.first : values.indices.last)).map { values[$0].value }
        }
        let next = place + step
        return values.indices.contains(next) ? values[next].value : nil
    }

    /// Calls for each span that leads somewhere; one that was wrapped is one value.
    private func forEachLink(_ body: (Value, _ line: Int, _ span: Int, _ isFirst: Bool) -> Void) {
        var seen: [String: Int] = [:]
        // What led somewhere at the end of the line before: a value that was wrapped goes on.
        var ending: String?
        for (line, content) in lines.enumerated() {
            var current: String?
            var isBeginning = true
            for (place, span) in content.spans.enumerated() {
                guard let link = span.link else {
                    current = nil
                    // The first span may be the margin.
                    if place > 0 { isBeginning = false }
                    continue
                }
                let goesOn = link == current || isBeginning && link == ending
                if !goesOn { seen[link, default: 0] += 1 }
                body(Value(query: link, occurrence: (seen[link] ?? 1) - 1), line, place, !goesOn)
                current = link
                isBeginning = false
            }
            ending = content.spans.last?.link
        }
    }
}
