import Operations
import TerminalUI
import VectorStores

extension IndexScreen {
    /// The box of the facts, as many as it has rows for.
    func drawFacts(in rect: Rect, on surface: inout Surface) {
        let index = statistics.index
        let room = boxed(
            rect, "Index", index.kernel,
            footer: index.codeBytes == 0 ? "" : "× smaller than 32-bit floats", on: &surface)
        surface.draw(facts(fitting: room.height), in: room)
    }

    /// All facts there are.
    var facts: [Line] { facts(.whole) }

    /// How much is told: with little room some facts share a line, and one goes.
    private enum Detail: Int, CaseIterable {
        case whole, withoutCost, withoutDuplicates, oneLineOfCodes, oneLineOfTheDead, oneLineOfCounts
    }

    private func facts(fitting rows: Int) -> [Line] {
        let choices = Detail.allCases.lazy.map { facts($0) }
        return choices.first { $0.count <= rows } ?? facts(.oneLineOfCounts)
    }

    private func facts(_ detail: Detail) -> [Line] {
        guard state.holdsDecisions else { return factsOfOtherRows }
        let index = statistics.index
        var lines = [
            pair("links (m)", [Span("\(index.m)")]),
            pair("breadth", [Span("build \(index.efConstruction)"), Span("  search \(index.ef)", .muted)]),
        ]
        lines +=
            [target].compactMap(\.self) + codes(inOneLine: detail.rawValue >= Detail.oneLineOfCodes.rawValue)
        lines += [choice].compactMap(\.self)
        lines += counts(detail)
        let recall = state.snapshot.recall
        lines.append(
            pair(
                "recall@10",
                [
                    Span(recall.map { Quantity.percent($0.recall) } ?? Quantity.absent, .text, .bold),
                    Span(recall.map { "  live probe n=\(Quantity.short($0.samples))" } ?? "", .muted),
                ]))
        return detail == .whole ? lines + cost : lines
    }

    /// What the server tells of another program's index.
    private var factsOfOtherRows: [Line] {
        let index = statistics.index
        var lines = [
            pair("rows", [Span(Quantity.grouped(statistics.vectors))]),
            pair("dimension", [Span("\(statistics.dimension)")]),
        ]
        if index.kernel.isEmpty {
            return lines + [
                pair("index", [Span("none", .warning), Span("  8 tells how to make one", .muted)])
            ]
        }
        lines.append(pair("index", [Span(index.kernel)]))
        if index.m > 0 {
            lines.append(pair("links (m)", [Span("\(index.m)")]))
            lines.append(pair("build", [Span("breadth \(index.efConstruction)")]))
        }
        lines.append(pair("search", [Span("breadth \(index.ef)"), Span("  the server's", .muted)]))
        let measured = state.index.curve.first { $0.breadth == index.ef }.map { Quantity.percent($0.recall) }
        lines.append(pair("recall@10", [Span(measured ?? "c measures it", measured == nil ? .muted : .text)]))
        return lines
    }

    /// How walks find the index's own vectors, and what one costs.
    private var cost: [Line] {
        guard let own = statistics.index.selfSearch else { return [] }
        return [
            pair(
                "self-recall",
                [
                    Span(Quantity.percent(own.recall)),
                    Span("  of \(Quantity.grouped(own.searches)) of its own", .muted),
                ]),
            pair(
                "a search",
                [
                    Span(Quantity.short(own.distances)), Span(" distances  ", .muted),
                    Span(Quantity.short(own.hops)), Span(" hops", .muted),
                ]),
        ]
    }

    private func counts(_ detail: Detail) -> [Line] {
        let index = statistics.index
        func count(_ value: Int, good: Bool) -> Span {
            Span(Quantity.grouped(value), good ? .text : .warning)
        }
        let tombstones = count(index.tombstones, good: index.tombstones * 5 <= max(1, index.nodes))
        let unreachable = count(index.unreachable, good: index.unreachable == 0)
        let decisions = Span(Quantity.grouped(statistics.vectors))
        let nodes = Span(Quantity.grouped(index.nodes))
        var lines: [Line] = []
        if detail == .oneLineOfCounts {
            lines.append(pair("decisions", [decisions, Span("  nodes ", .muted), nodes]))
        } else {
            lines.append(pair("decisions", [decisions]))
            let what = state.density == .wide ? "  one per distinct vector" : "  distinct"
            lines.append(pair("nodes", [nodes, Span(what, .muted)]))
        }
        if detail.rawValue <= Detail.withoutCost.rawValue {
            let duplicates = max(0, statistics.vectors - statistics.distinct)
            let share = statistics.vectors == 0 ? 0 : Double(duplicates) / Double(statistics.vectors)
            lines.append(
                pair(
                    "duplicates",
                    [Span(Quantity.grouped(duplicates)), Span("  \(Quantity.percent(share))", .muted)]))
        }
        if detail.rawValue >= Detail.oneLineOfTheDead.rawValue {
            return lines + [pair("tombstones", [tombstones, Span("  unreachable ", .muted), unreachable])]
        }
        return lines + [pair("tombstones", [tombstones]), pair("unreachable", [unreachable])]
    }

    /// The recall that is asked for, what the chosen breadth had, and when that was measured.
    private var target: Line? {
        guard let setting = state.snapshot.recallSetting else { return nil }
        let asked = Span("≥ \(Quantity.percent(setting.target))", .text, .bold)
        guard let measurement = setting.measurement, let isReached = setting.isReached else {
            return pair("target", [asked, Span("  not measured yet", .muted)])
        }
        // A picture of an old log is drawn at a time before the measurement.
        let when =
            measurement.time > state.now
            ? Clock.date(measurement.time)
            : Age.short(since: measurement.time, now: state.now)
        return pair(
            "target",
            [
                asked,
                Span(
                    (isReached ? "  ✓ " : "  ✗ ") + Quantity.percent(measurement.recall),
                    isReached ? .good : .warning),
                Span("  \(when)", .muted),
            ])
    }

    // MARK: Codes

    /// What searches walk over, what scores in the end, and what the first was trained on.
    private func codes(inOneLine: Bool) -> [Line] {
        let index = statistics.index
        let name = Span(index.quantization)
        guard index.codeBytes > 0 else {
            return [pair("codes", [name, Span("  \(statistics.dimension) dimensions", .muted)])]
        }
        let (codes, exact) = (Quantity.bytes(index.codeBytes), Quantity.bytes(index.exactBytes))
        let ratio = CodeText.ratio(bytes: index.codeBytes, dimension: statistics.dimension)
        let isExact = index.codeBytes == index.exactBytes
        var lines: [Line] = []
        if isExact {
            lines.append(pair("codes", [name, Span("  \(codes), exact  \(ratio)", .muted)]))
        } else if inOneLine {
            lines.append(pair("codes", [name, Span(" \(codes) exact \(exact) \(ratio)", .muted)]))
        } else {
            let exactRatio = CodeText.ratio(bytes: index.exactBytes, dimension: statistics.dimension)
            lines.append(pair("codes", [name, Span("  \(codes) a vector  \(ratio)", .muted)]))
            lines.append(pair("exact form", [Span(exact), Span(" a vector  \(exactRatio)", .muted)]))
        }
        guard let training = index.training else { return lines }
        let needed = QuantizationSetting(index.quantization)?.vectorsNeeded ?? 0
        let isShort = training.vectors < needed
        lines.append(
            pair(
                "trained on",
                [
                    Span(Quantity.grouped(training.vectors), isShort ? .warning : .text),
                    Span((isShort ? " of \(Quantity.grouped(needed))" : "") + " vectors", .muted),
                ]))
        if training.centroids < training.centroidLimit {
            let found = "\(training.centroids) centroids of \(training.centroidLimit)"
            lines.append(pair("too few:", [Span(found, .warning)]))
        }
        return lines
    }

    /// What was chosen for the store, where the index does not have it.
    private var choice: Line? {
        let index = statistics.index
        guard let chosen = index.chosen else { return nil }
        let rest: Span
        switch chosen.standing(present: index.quantization, distinct: statistics.distinct) {
        case .present: return nil
        case .waiting where chosen.isTrained:
            let needed = Quantity.grouped(chosen.vectorsNeeded)
            rest = Span(" at \(needed), now \(Quantity.grouped(statistics.distinct))", .muted)
        case .waiting: rest = Span("  with the first vector", .muted)
        case .due: rest = Span("  made by the next writer", .muted)
        case .building(let job): rest = Span("  made by job \(job)", .accent)
        case .ended(.cancelled): rest = Span("  cancelled, Q again", .warning)
        case .ended(.failed): rest = Span("  failed, Q again", .critical)
        }
        return pair("chosen", [Span(chosen.name, .text, .bold), rest])
    }

    func pair(_ name: String, _ spans: [Span]) -> Line {
        Line([Span(name + String(repeating: " ", count: max(1, 13 - name.count)), .muted)] + spans)
    }
}
