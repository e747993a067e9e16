import Decisions
import Operations
import TerminalUI
import VectorStores

/// What the server that keeps the store knows of its own index and table.
extension IndexScreen {
    /// How it is with the server; `nil` where none keeps the store.
    var server: ServerReport? { statistics.server }

    /// The facts of both indexes, for screens that show one list.
    var allFacts: [Line] { facts + serverFacts + advice }

    /// The box of the server.
    func drawServer(in rect: Rect, on surface: inout Surface) {
        guard let server else { return }
        let room = boxed(rect, "Server", "PostgreSQL \(server.version)", footer: askedText, on: &surface)
        guard server.relations != nil else {
            surface.draw("not asked yet", in: room.row(0), style: .muted)
            return
        }
        let lines = serverFacts + advice.flatMap { Paragraph([$0]).wrapped(width: room.width) }
        surface.draw(lines, in: room)
    }

    private var askedText: String {
        server?.relations.map { "as of \(Age.short(seconds: $0.ageSeconds)) ago" } ?? ""
    }

    /// The most telling facts first, since little room shows those alone.
    var serverFacts: [Line] {
        guard let relations = server?.relations else { return [] }
        return waitingFacts + neighborFacts(relations.neighbors)
            + bloatFacts(relations.neighbors?.bloat, table: relations.tables.first?.bloat)
            + tableFacts(relations.tables)
    }

    /// What is not in the table yet; nothing where everything is.
    private var waitingFacts: [Line] {
        var lines: [Line] = []
        if let queued = server?.queuedEntries, queued > 0 {
            lines.append(
                pair("queue", [Span(Quantity.grouped(queued), .warning), Span("  for the server", .muted)]))
        }
        if let waiting = server?.inboxRows, waiting > 0 {
            let drain =
                server?.inboxSeconds.map { "  done in \(Age.short(seconds: Double($0)))" } ?? "  waiting"
            lines.append(pair("inbox", [Span(Quantity.grouped(waiting)), Span(drain, .muted)]))
        }
        return lines
    }

    /// What hurts or endangers, a line each before they are wrapped.
    private var advice: [Line] {
        (server?.relations?.advice ?? []).map { Line([Span("▲ ", .warning), Span($0, .text)]) }
    }

    private func neighborFacts(_ index: ServerReport.Index?) -> [Line] {
        guard let index else {
            return [pair("hnsw", [Span("none", .muted), Span("  the mirror answers", .muted)])]
        }
        let parameters = "  m \(index.m ?? 0) build \(index.efConstruction ?? 0)"
        return [
            pair(
                "hnsw",
                index.isValid
                    ? [Span(Quantity.bytes(index.bytes)), Span(parameters, .muted)]
                    : [Span("invalid", .critical, .bold), Span("  R builds it anew", .muted)]),
            pair(
                "scans",
                [Span(Quantity.grouped(index.scans))]
                    + (index.cacheHits.map { [Span("  \(Quantity.percent($0)) hits", .muted)] } ?? [])),
        ]
    }

    /// How many times larger than new ones the index of neighbours and the table are; nothing where neither is known.
    private func bloatFacts(_ index: Double?, table: Double?) -> [Line] {
        func times(_ factor: Double) -> Span {
            Span(Quantity.fixed(factor, decimals: 1) + "×", factor > 2 ? .warning : .text)
        }
        switch (index, table) {
        case (nil, nil): return []
        case (let index?, nil): return [pair("bloat", [times(index), Span("  of a new one", .muted)])]
        case (nil, let table?): return [pair("bloat", [times(table), Span("  of a new table", .muted)])]
        case (let index?, let table?):
            return [pair("bloat", [times(index), Span("  table ", .muted), times(table)])]
        }
    }

    private func tableFacts(_ tables: [ServerReport.Table]) -> [Line] {
        guard let table = tables.first else { return [] }
        let isLoose = table.deadRows * 5 > max(1, table.liveRows)
        func ago(_ time: Timestamp?) -> String {
            time.map { Age.short(since: $0, now: max($0, state.now)) } ?? "never"
        }
        var lines = [
            pair(
                "rows",
                [
                    Span(Quantity.grouped(table.liveRows)),
                    Span("  dead ", .muted), Span(Quantity.short(table.deadRows), isLoose ? .warning : .text),
                ]),
            pair(
                "vacuum",
                [
                    Span(ago(table.lastVacuum), table.isVacuumed ? .text : .warning),
                    Span("  analyze \(ago(table.lastAnalyze))", .muted),
                ]),
            pair(
                "table",
                [
                    Span(Quantity.bytes(table.bytes)),
                    Span(" indexes \(Quantity.bytes(table.indexBytes))", .muted),
                ]),
        ]
        if let hits = table.cacheHits {
            lines.append(pair("table pages", [Span(Quantity.percent(hits)), Span(" hits", .muted)]))
        }
        if let inbox = tables.dropFirst().first {
            lines.append(
                pair(
                    "inbox",
                    [
                        Span(Quantity.grouped(inbox.liveRows)), Span("  dead ", .muted),
                        Span(Quantity.short(inbox.deadRows)),
                    ]))
        }
        return lines
    }
}
