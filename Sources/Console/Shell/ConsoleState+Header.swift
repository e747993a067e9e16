import Decisions
import Operations
import TerminalUI
import VectorStores

extension ConsoleState {
    /// Who, what may be done, whether it lives, how much, what is new, how right, and the clock.
    var headerLine: HeaderLine {
        let isWide = density == .wide
        var leading: [HeaderItem] = []
        let name = snapshot.storeName.isEmpty ? "verdict" : snapshot.storeName
        func named(_ name: String) -> Line {
            Line([Span(isWide ? "verdict ▸ " : "", .muted), Span(name, .text, .bold)])
        }
        leading.append(
            HeaderItem(
                named(name), short: named(name.shortened(to: Self.shortNameCells)), shortOrder: 5))
        if !snapshot.storeAddress.isEmpty, snapshot.storeAddress != snapshot.storeName {
            leading.append(HeaderItem(Line(snapshot.storeAddress, .muted), dropOrder: 8))
        }
        // Nothing that was attacked since may have been seen: that stands whatever else has to go.
        let drillItem = drillItem
        if let drillItem, drillItem.dropOrder == 0 { leading.append(drillItem) }
        leading.append(HeaderItem(accessBadge))
        // Before who acts is left out, a long name of the store is cut.
        if let identityLine { leading.append(HeaderItem(identityLine, dropOrder: 3)) }
        if isWide, let reason = snapshot.readOnlyReason {
            leading.append(HeaderItem(Line(reason, .muted), dropOrder: 6))
        }
        leading.append(HeaderItem(connectionLine, dropOrder: 1))
        if let scope {
            leading.append(
                HeaderItem(Line([Span("tenant ", .muted), Span(Self.tenantName(scope), .identifier, .bold)])))
        }
        if let recordingItem { leading.append(recordingItem) }
        if let loading = snapshot.loading {
            let share = loading.fraction.map { " " + Quantity.percent($0) } ?? ""
            leading.append(HeaderItem(Line("loading" + share, Style(.accent)), dropOrder: 3))
        }
        if snapshot.unscored > 0 {
            let text = "\(Quantity.grouped(snapshot.unscored)) to score"
            leading.append(HeaderItem(Line(text, Style(.accent)), dropOrder: 3))
        }
        if snapshot.unsavedActs > 0 {
            let text =
                Quantity.counted(snapshot.unsavedActs, "act") + (isWide ? " waiting to be saved" : " unsaved")
            leading.append(HeaderItem(Line(text, Style(.warning, .bold)), dropOrder: 1))
        }
        if isWide { leading += sizeItems }
        if openIncidentCount > 0 {
            let text = isWide ? "▲ \(openIncidentCount) new" : "▲\(openIncidentCount)"
            leading.append(HeaderItem(Line(text, Style(.critical, .bold)), dropOrder: 2))
        }
        if let recall = snapshot.recall, recall.samples >= Self.leastRecallSamples {
            let role: Role = recall.recall >= Self.leastRecall ? .text : .warning
            leading.append(
                HeaderItem(
                    Line([Span("recall ", .muted), Span(Quantity.percent(recall.recall), role)]), dropOrder: 6
                ))
        }
        if let drillItem, drillItem.dropOrder > 0 { leading.append(drillItem) }
        var trailing = [HeaderItem(Line(Clock.zoned(now), Style(.text)), dropOrder: 1)]
        if let asOf {
            trailing.insert(
                HeaderItem(
                    Line("as of \(Clock.stamp(asOf))", Style(.warning)), dropOrder: 3,
                    short: Line("as of \(Clock.date(asOf))", Style(.warning)), shortOrder: 4), at: 0)
        }
        return HeaderLine(leading: leading, trailing: trailing, gap: isWide ? 3 : 2)
    }

    /// When the detector last caught a drill and how fast, which is cut short before anything else gives way and goes
    /// behind the store's address alone; that it missed one is never left out.
    private var drillItem: HeaderItem? {
        guard let told = DrillText(snapshot.care?.drill, now: now) else { return nil }
        let isMissed = told.role == .critical
        let style = Style(told.role, isMissed ? .bold : [])
        return HeaderItem(
            Line(told.text, style), dropOrder: isMissed ? 0 : 7, short: Line(told.short, style), shortOrder: 9
        )
    }

    /// What is not recorded, as long as something is not: what is missing then was never there.
    private var recordingItem: HeaderItem? {
        guard let told = RecordingText(snapshot.recording, scope: scope, nameCells: Self.shortNameCells)
        else { return nil }
        func line(_ word: String, _ text: String) -> Line {
            Line([Span(word + " ", .muted), Span(text, .warning, .bold)])
        }
        let short = line("rec", told.short)
        guard density == .wide else { return HeaderItem(short) }
        return HeaderItem(line("recording", told.text), short: short, shortOrder: 4)
    }

    /// A name is cut in its middle to this before what is told about the store goes.
    private static let shortNameCells = 14
    /// A recall below this is shown as a warning, where none is asked for.
    static let leastRecall = 0.95
    /// A recall over fewer samples than this is chance, and no headline.
    static let leastRecallSamples = 20

    private var sizeItems: [HeaderItem] {
        let rows = scopeSummary?.statistics.vectors ?? snapshot.statistics.vectors
        var items = [HeaderItem(Line(Quantity.counted(rows, entryNoun)), dropOrder: 4)]
        // Without a column that names them, other rows have no tenants.
        if scope == nil, holdsDecisions || !snapshot.tenants.isEmpty {
            items.append(HeaderItem(Line(Quantity.counted(snapshot.tenants.count, "tenant")), dropOrder: 5))
        }
        return items
    }

    /// Who acts; where several people use the account, that nobody said yet who it is.
    private var identityLine: Line? {
        if let person { return Line(person.shortened(to: Self.shortNameCells), Style(.identifier)) }
        guard let user = snapshot.user, snapshot.access != .view else { return nil }
        let name = user.shortened(to: Self.shortNameCells)
        return snapshot.isUserShared ? Line(name + "?", Style(.warning)) : Line(name, Style(.identifier))
    }

    private var accessBadge: Line {
        let role: Role =
            switch effectiveAccess {
            case .operate: .warning
            case .triage: .accent
            case .view: .muted
            }
        return Line(effectiveAccess.rawValue.uppercased(), Style(role, .bold))
    }

    /// When a server that is away is asked again.
    static func countdown(to retry: Timestamp?, from now: Timestamp) -> String {
        guard let retry else { return "asking again" }
        return "retry in \(seconds(until: retry, from: now)) s"
    }

    private static func seconds(until retry: Timestamp, from now: Timestamp) -> Int {
        max(0, Int((retry.secondsSince1970 - now.secondsSince1970).rounded(.up)))
    }

    /// Live, and how old the picture is where that can be missed; lost, since when and until when.
    private var connectionLine: Line {
        switch snapshot.connection {
        case .live:
            let isStale = pictureAgeSeconds >= 5
            let age = Age.short(seconds: pictureAgeSeconds)
            let text = density == .wide ? (isStale ? "live, picture \(age) old" : "live") : age
            return Line([Span("● ", isStale ? .warning : .good), Span(text, .text)])
        case .away(let since, let retry, _):
            let age = Age.short(since: since, now: now)
            var text = density == .wide ? "server away \(age)" : "away \(age)"
            if density != .tiny { text += " · " + Self.countdown(to: retry, from: now) }
            return Line([Span("○ ", .warning, .bold), Span(text, .warning, .bold)])
        case .lost(let since, let retry, _):
            var text = "lost " + Age.short(since: since, now: now)
            if density == .wide { text += ", again in \(Self.seconds(until: retry, from: now)) s" }
            return Line([Span("○ ", .critical, .bold), Span(text, .critical, .bold)])
        case .unopened(_, let retry, _):
            var text = "not opened"
            if let retry, density != .tiny { text += " · " + Self.countdown(to: retry, from: now) }
            return Line([Span("○ ", .critical, .bold), Span(text, .critical, .bold)])
        }
    }
}
