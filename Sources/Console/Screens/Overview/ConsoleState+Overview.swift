import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import VectorStores

extension ConsoleState {
    /// A series as the scope has it: of the narrowed tenant where its past is known.
    func series(_ name: MetricName) -> MetricSeries? {
        guard var series = snapshot.metric(name) else { return nil }
        guard scope != nil, let activity = scopeActivity, name == .decisions || name == .denyRate else {
            return series
        }
        series.end = activity.end
        series.step = Double(activity.step)
        if name == .decisions {
            series.values = activity.decisions.map { Double($0) / Double(activity.step) }
        } else {
            series.values = zip(activity.denies, activity.decisions).map { denies, decisions in
                decisions == 0 ? nil : 100 * Double(denies) / Double(decisions)
            }
        }
        return series
    }

    /// The share of denies over the newest stretch that holds enough decisions to mean something.
    var denyShare: DenyShare? {
        guard let rates = series(.decisions), let shares = series(.denyRate) else { return nil }
        return DenyShare(decisionsPerSecond: rates, percents: shares)
    }

    /// A metric's newest value as it is told: a share of few decisions is noise, so it is told over a while.
    func latestText(_ series: MetricSeries) -> String {
        if series.name == .denyRate, let share = denyShare { return share.text }
        return series.latest.map { Quantity.metric($0, unit: series.unit) } ?? Quantity.absent
    }

    /// Where a chart ends, in words: the clock, or the newest decision of an old log.
    func endLabel(_ series: MetricSeries, spanSeconds: Double) -> String {
        let isOld = now.secondsSince1970 - series.end.secondsSince1970 > Self.eventTimeSlackSeconds
        return series.isEventTime && isOld
            ? "as of " + Clock.stamp(series.end) : Clock.axis(series.end, spanSeconds: spanSeconds)
    }

    /// Whether quiet means well: only while every source is heard.
    var silentSources: [SourceSummary] {
        snapshot.sources.filter { !SourceText.isHeard($0) }
    }

    /// What is said when no incident waits.
    func quietLines(width: Int) -> [Line] {
        if isLost {
            return [
                Line([Span("▲ ", .critical), Span("the store does not answer", .critical)]),
                Line("until it does, quiet says nothing", .muted),
            ]
        }
        if !holdsDecisions {
            return otherRowsLines("no incident is looked for here", width: width)
        }
        guard snapshot.statistics.vectors > 0 else {
            return [
                Line("nothing was read yet"),
                Line(isEmptyStore ? "1 offers how to begin" : "it is being read now", .muted),
            ]
        }
        if let source = silentSources.first {
            let last = source.lastEvent.map { " since " + Clock.near($0, now: now) } ?? ""
            return [
                Line([Span("▲ ", .warning), Span("not heard: \(source.id)\(last)", .warning)]),
                Line("without it, quiet says nothing", .muted),
            ]
        }
        if snapshot.unscored > 0 {
            let left = "\(Quantity.counted(snapshot.unscored, "decision")) to go"
            return [
                Line([Span("● ", .accent), Span("scoring what came before: \(left)")]),
                Line("until that is done, quiet says nothing", .muted),
            ]
        }
        let learning = snapshot.learning.filter { $0.value.seen < $0.value.needed }
        if !learning.isEmpty, learning.count >= snapshot.tenants.count {
            let best = learning.values.max { $0.seen < $1.seen }
            let progress = best.map { "\(Quantity.grouped($0.seen)) of \(Quantity.grouped($0.needed))" } ?? ""
            return [
                Line([Span("● ", .accent), Span("learning what is usual: \(progress) decisions")]),
                Line("strange decisions are flagged after that", .muted),
            ]
        }
        let waiting =
            learning.isEmpty
            ? "nothing strange waits" : "\(Quantity.counted(learning.count, "tenant")) still learning"
        guard snapshot.sources.contains(where: { $0.state == .following }) else {
            let newest =
                scope == nil
                ? snapshot.newestDecision ?? snapshot.statistics.newestDecision
                : scopeSummary?.statistics.lastTime
            let end = newest.map { ": this is as of " + Clock.near($0, now: now) } ?? ""
            return [Line(waiting), Line("nothing is followed" + end, .muted)]
        }
        let last = incidents.map(\.last).max()
        let since =
            (last ?? snapshot.statistics.oldestDecision).map { " since " + Clock.near($0, now: now) } ?? ""
        return [
            Line([Span("✓ ", .good, .bold), Span("all is well" + since)]),
            Line(learning.isEmpty ? "every source is heard, " + waiting : waiting, .muted),
        ]
    }
}
