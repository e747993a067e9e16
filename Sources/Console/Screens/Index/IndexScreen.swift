import Operations
import TerminalUI
import VectorStores

/// The nearest-neighbour index: its shape, its recall, its rebuild.
struct IndexScreen {
    let state: ConsoleState

    var statistics: StoreStatistics { state.snapshot.statistics }

    func draw(in rect: Rect, on surface: inout Surface) {
        switch state.density {
        case .wide: drawWide(in: rect, on: &surface)
        case .compact: drawCompact(in: rect, on: &surface)
        case .tiny: drawTiny(in: rect, on: &surface)
        }
    }

    private func drawWide(in rect: Rect, on surface: inout Surface) {
        // The boxes are as high as what they hold; what is left shows how the index did lately.
        let heights = [max(Self.leastFactRows, facts.count) + 2, RecallTuner.breadths.count + 2]
        let left = rect.height - heights.reduce(0, +)
        let rows = rect.rows([
            .fixed(heights[0]), left < Self.leastTrendHeight ? .flexible : .fixed(heights[1]), .flexible,
        ])
        let top = rows[0].columns([.fraction(0.36), .flexible, .fraction(0.3)])
        let middle = rows[1].columns([.fraction(0.5), .flexible])
        drawFacts(in: top[0], on: &surface)
        let showsTrends = left >= Self.leastTrendHeight
        if server != nil, !showsTrends {
            drawServer(in: top[1], on: &surface)
        } else {
            drawShape(
                in: boxed(top[1], "Links a node", layersText, footer: linksText, on: &surface), on: &surface)
        }
        drawMemory(in: memoryBox(top[2], on: &surface), on: &surface)
        drawCurve(in: curveBox(middle[0], "Recall against breadth", on: &surface), on: &surface)
        drawJobs(in: boxed(middle[1], "Rebuild", rebuildText, on: &surface), on: &surface)
        guard showsTrends else { return }
        guard server != nil else { return drawTrends(in: rows[2], on: &surface) }
        let bottom = rows[2].columns([.fraction(0.36), .flexible])
        drawServer(in: bottom[0], on: &surface)
        drawTrends(in: bottom[1], on: &surface)
    }

    /// Beside fewer facts than this what is drawn next to them would be flat.
    private static let leastFactRows = 10
    /// Under this a chart shows nothing.
    private static let leastTrendHeight = 5

    private func drawCompact(in rect: Rect, on surface: inout Surface) {
        let rows = rect.rows([.fixed(min(12, rect.height * 55 / 100)), .flexible])
        let top = rows[0].columns([.fraction(0.52), .flexible])
        drawFacts(in: top[0], on: &surface)
        if state.index.curve.isEmpty, server != nil {
            drawServer(in: top[1], on: &surface)
        } else if state.index.curve.isEmpty {
            drawShape(in: boxed(top[1], "Links a node", "", on: &surface), on: &surface)
        } else {
            drawCurve(in: curveBox(top[1], "Recall", on: &surface), on: &surface)
        }
        let bottom = rows[1].columns([.fraction(0.62), .flexible])
        drawJobs(in: boxed(bottom[0], "Rebuild", rebuildText, on: &surface), on: &surface)
        drawMemory(in: memoryBox(bottom[1], on: &surface), on: &surface)
    }

    private func drawTiny(in rect: Rect, on surface: inout Surface) {
        guard let job = state.snapshot.jobs.first else {
            surface.draw(
                Array(allFacts.dropFirst(min(state.index.offset, max(0, allFacts.count - rect.height)))),
                in: rect)
            return
        }
        surface.draw(JobText.title(job), in: rect.row(0))
        surface.draw(JobText.progress(job), in: rect.row(1))
        guard case .failed(let sentence) = job.state else {
            let room = rect.inset(top: 2)
            surface.draw(
                Array(allFacts.dropFirst(min(state.index.offset, max(0, allFacts.count - room.height)))),
                in: room)
            return
        }
        surface.draw(Paragraph(sentence, style: Style(.critical)), in: rect.inset(top: 2))
    }

    /// How far the facts can be scrolled where they do not all fit.
    var scrollLimit: Int {
        guard state.density == .tiny else { return 0 }
        return max(0, allFacts.count - state.body.height + (state.snapshot.jobs.isEmpty ? 0 : 2))
    }

    /// What is offered, where it can be done.
    private var rebuildText: String {
        state.whyNotOperate == nil && state.runningJob == nil && state.othersJob == nil ? "R starts one" : ""
    }

    func boxed(
        _ rect: Rect, _ title: String, _ right: String, footer: String = "", rightFooter: String = "",
        on surface: inout Surface
    ) -> Rect {
        surface.box(rect, title: title, rightTitle: right, footer: footer, rightFooter: rightFooter)
            .inset(left: 1, right: 1)
    }

    private func memoryBox(_ rect: Rect, on surface: inout Surface) -> Rect {
        let each = statistics.vectors == 0 ? 0 : statistics.memoryBytes / statistics.vectors
        let perDecision = each == 0 ? "" : "\(Quantity.bytes(each)) a decision"
        // What is read from the file is no memory, which is what smaller codes are chosen for.
        let mapped = statistics.mappedBytes
        guard state.holdsDecisions else { return boxed(rect, "Memory", "", on: &surface) }
        guard mapped > 0 else {
            return boxed(
                rect, "Memory", Quantity.bytes(statistics.memoryBytes), footer: perDecision, on: &surface)
        }
        let inFile = "+ \(Quantity.bytes(mapped)) in the file"
        let hasRoom = rect.width >= perDecision.count + inFile.count + 10
        return boxed(
            rect, "Memory", Quantity.bytes(statistics.memoryBytes), footer: hasRoom ? perDecision : inFile,
            rightFooter: hasRoom ? inFile : "", on: &surface)
    }

    private var layersText: String {
        let layers = statistics.index.layers
        return layers.isEmpty ? "" : "layers " + layers.map { Quantity.short($0) }.joined(separator: " · ")
    }

    private func drawShape(in rect: Rect, on surface: inout Surface) {
        let degrees = statistics.index.degreeHistogram
        // The least links that any node has open the axis: no room for classes that stay empty.
        guard let least = degrees.firstIndex(where: { $0 > 0 }) else {
            surface.draw(
                !state.holdsDecisions
                    ? "not told by this store"
                    : statistics.index.nodes > 0 ? "not counted yet" : "no nodes yet", in: rect.row(0),
                style: .muted)
            return
        }
        let most = degrees.count - 1
        let labels = least == most ? ["\(most)"] : [least, (least + most) / 2, most].map(String.init)
        surface.draw(Histogram(degrees[least...].map { Double($0) }, labels: labels), in: rect)
    }

    /// How many links half the nodes have at most.
    private var linksText: String {
        let index = statistics.index
        return index.medianLinks.map { "median \($0) of \(index.degreeHistogram.count - 1)" } ?? ""
    }

    private func drawMemory(in rect: Rect, on surface: inout Surface) {
        let parts = statistics.memoryParts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
        let bars = parts.map { Bar($0.key, value: Double($0.value), text: Quantity.bytes($0.value)) }
        if bars.isEmpty {
            surface.draw("not told by this store", in: rect.row(0), style: .muted)
        } else {
            surface.draw(BarList(bars), in: rect)
        }
    }
}
