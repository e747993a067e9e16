import TerminalUI

/// What one step out leads to.
enum BackStep: Equatable, Sendable {
    /// From a drilled-in page to the one before.
    case page(String)
    /// From "more like this" to where it was asked.
    case view(ConsoleView)
    /// From marked incidents to none.
    case marks
    /// From what a filter left to everything.
    case filter
    /// From what is near a decision to what a query finds.
    case likeness
    /// From two metrics to one.
    case comparison
    /// From one tenant to all.
    case scope

    /// Where it leads, in a word or two, for the hints line.
    var hint: String {
        switch self {
        case .page(let name): name
        case .view(let view): view.title.lowercased()
        case .marks: "clears the marks"
        case .filter: "clears the filter"
        case .likeness: "forgets like"
        case .comparison: "ends compare"
        case .scope: "all tenants"
        }
    }

    /// Whether it leaves a page, which `q` does too.
    var leavesPage: Bool {
        switch self {
        case .page, .view: true
        case .marks, .filter, .likeness, .comparison, .scope: false
        }
    }
}

extension ConsoleState {
    /// The next step out; `nil` when nothing is behind.
    var backStep: BackStep? {
        switch view {
        case .anomalies where anomalies.page == .member: .page("members")
        case .anomalies where anomalies.page == .members || anomalies.page == .flip: .page("evidence")
        case .anomalies where anomalies.page == .evidence: .page("inbox")
        case .search where search.page == .hunt && search.returnPage == .hunts: .page("hunts")
        case .search where isOnHunt || isOnHunts:
            returnView.map { .view($0) } ?? .page("results")
        case .anomalies where anomalies.page == .taught: .page("inbox")
        case .anomalies where anomalies.isOnTaught: .page("taught")
        case .search where search.page != .results: .page("results")
        case .search where search.returnPage == .hunt: .page("hunt")
        case .search where returnView != nil: returnView.map { .view($0) }
        case .anomalies where !anomalies.marks.isEmpty: .marks
        case .anomalies where !anomalies.filter.text.isEmpty: .filter
        case .tenants where !tenants.filter.text.isEmpty: .filter
        case .log where !log.filter.text.isEmpty: .filter
        case .search where search.like != nil: .likeness
        case .metrics where metrics.compared != nil: .comparison
        default: scope == nil ? nil : .scope
        }
    }

    /// One step out, never out of the console.
    mutating func goBack() -> [ConsoleRequest] {
        guard let step = backStep else {
            show("q quits", .note)
            return []
        }
        switch step {
        case .page: leavePage()
        case .view(let view): return show(view)
        case .marks: anomalies.marks = []
        case .filter: clearFilter()
        case .likeness: return changeSearch(.clearLike)
        case .comparison: metrics.compared = nil
        case .scope: return setScope(nil)
        }
        reconcile()
        return []
    }

    /// `q`: out of a page, else out of the console; a running job is asked about.
    mutating func goBackOrQuit() -> [ConsoleRequest] {
        if let step = backStep, step.leavesPage { return goBack() }
        if runningJob != nil {
            overlay = .confirmation(Confirmation(subject: .quit, askedMilliseconds: milliseconds))
            return []
        }
        return [.quit]
    }

    private mutating func leavePage() {
        if view == .search {
            leaveSearchPage()
        } else {
            switch anomalies.page {
            case .member: anomalies.page = .members
            case .members, .flip: anomalies.page = .evidence
            case .taughtItem, .rehearsal: anomalies.page = .taught
            case .evidence, .list, .taught: anomalies.page = .list
            }
        }
    }

    private mutating func clearFilter() {
        switch view {
        case .anomalies: anomalies.filter.replace(with: "")
        case .tenants: tenants.filter.replace(with: "")
        case .log: log.filter.replace(with: "")
        case .overview, .metrics, .search, .map, .index, .health: break
        }
    }
}
