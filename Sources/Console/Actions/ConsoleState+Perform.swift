import Operations
import TerminalUI
import VectorStores

extension ConsoleState {
    /// Does what an action stands for.
    mutating func perform(_ id: ActionID) -> [ConsoleRequest] {
        switch id {
        case .show(let view): return show(view)
        case .palette: overlay = .palette(PaletteState())
        case .command: overlay = .command(LineEditor())
        case .quit: return goBackOrQuit()
        case .back: return goBack() ?? nothingBehind()
        case .freeze: return toggleFreeze()
        case .pickTenant: overlay = .tenants(TenantPickerState())
        case .clearTenant: return setScope(nil)
        case .nextTheme: themeIndex += 1
        case .nextGlyphs: glyphs = glyphs.next
        case .moveUp: move(by: -1)
        case .moveDown: move(by: 1)
        case .pageUp: move(by: -max(1, pageRows / 2))
        case .pageDown: move(by: max(1, pageRows / 2))
        case .moveToStart: move(by: -Self.farRows)
        case .moveToEnd: move(by: Self.farRows)
        case .nextPane: changePane(by: 1)
        case .previousPane: changePane(by: -1)
        case .open: return open()
        case .filter: startFilter()
        case .sort: nextSort()
        case .invertSort: tenants.isInverted.toggle()
        case .acknowledge: return acknowledge()
        case .undo: return undoTriage()
        case .moreLikeThis: return moreLikeThis()
        case .copyText: return copy(asJSON: false)
        case .copyJSON: return copy(asJSON: true)
        case .zoomIn, .zoomOut, .zoomReset, .panBack, .panForward, .compare: changeChart(id)
        case .editQuery: search.isEditing = true
        case .runQuery: return runSearch()
        case .moreResults, .fewerResults, .toggleExact, .clearLike: return changeSearch(id)
        case .measureCurve: return measureCurve()
        case .rebuild: askRebuild(RebuildParameters())
        case .cancelJob: return cancelRunningJob()
        case .logLevel:
            log.nextLevel()
            reconcileLog()
        case .follow:
            log.isFollowing.toggle()
            reconcileLog()
        case .startDemo: return [ask(.startDemo, .ingest)]
        case .openLog: overlay = .command(LineEditor("open "))
        case .connect: show("leave with q, then: verdict console --store memory:DIR", .note)
        }
        return []
    }

    private static let farRows = 1_000_000_000

    /// Whether the overview offers how to begin.
    var offersBeginning: Bool { view == .overview && isEmptyStore }

    /// Shows a screen; a numbered view is never pushed on another.
    mutating func show(_ view: ConsoleView) -> [ConsoleRequest] {
        self.view = view
        returnView = nil
        reconcile()
        return view == .search ? firstSearch() : []
    }

    private mutating func nothingBehind() -> [ConsoleRequest] {
        show("q quits", .note)
        return []
    }

    private mutating func goBackOrQuit() -> [ConsoleRequest] {
        if let requests = goBackFromPage() { return requests }
        if runningJob != nil {
            overlay = .confirmation(Confirmation(subject: .quit, askedMilliseconds: milliseconds))
            return []
        }
        return [.quit]
    }

    /// One step out of a drilled-in page; `nil` when there is none.
    private mutating func goBackFromPage() -> [ConsoleRequest]? {
        switch view {
        case .anomalies where anomalies.page != .list:
            anomalies.page = anomalies.page == .members ? .evidence : .list
        case .search where search.page == .details:
            search.page = .results
        case .search:
            guard let returnView else { return nil }
            return show(returnView)
        default: return nil
        }
        return []
    }

    /// One step out: page, filter, likeness, scope; `nil` when nothing is behind.
    private mutating func goBack() -> [ConsoleRequest]? {
        if let requests = goBackFromPage() { return requests }
        switch view {
        case .anomalies where !anomalies.filter.text.isEmpty: anomalies.filter.replace(with: "")
        case .tenants where !tenants.filter.text.isEmpty: tenants.filter.replace(with: "")
        case .log where !log.filter.text.isEmpty: log.filter.replace(with: "")
        case .search where search.like != nil: return changeSearch(.clearLike)
        case .metrics where metrics.compared != nil: metrics.compared = nil
        default:
            guard scope != nil else { return nil }
            return setScope(nil)
        }
        reconcile()
        return []
    }

    /// Whether Esc leads anywhere, for the hints line.
    var canGoBack: Bool {
        switch view {
        case .anomalies where anomalies.page != .list || !anomalies.filter.text.isEmpty: true
        case .search where search.page == .details || returnView != nil || search.like != nil: true
        case .tenants where !tenants.filter.text.isEmpty: true
        case .log where !log.filter.text.isEmpty: true
        case .metrics where metrics.compared != nil: true
        default: scope != nil
        }
    }

    private mutating func toggleFreeze() -> [ConsoleRequest] {
        guard let frozen else {
            self.frozen = FrozenPicture(
                sinceMilliseconds: milliseconds, vectors: snapshot.statistics.vectors, newest: nil)
            return []
        }
        self.frozen = nil
        return frozen.newest.map { update(.snapshot($0)) } ?? []
    }

    private mutating func startFilter() {
        switch view {
        case .anomalies:
            anomalies.page = .list
            anomalies.isFiltering = true
        case .tenants: tenants.isFiltering = true
        case .log: log.isFiltering = true
        case .search: search.isEditing = true
        case .overview, .metrics, .map, .index, .health: break
        }
    }

    private mutating func nextSort() {
        switch view {
        case .anomalies: anomalies.order = anomalies.order.next
        case .tenants: tenants.order = tenants.order.next
        case .overview, .metrics, .search, .map, .index, .health, .log: return
        }
        reconcile()
    }

    private mutating func cancelRunningJob() -> [ConsoleRequest] {
        guard let job = runningJob else { return [] }
        show("stopping: \(job.title)", .note)
        return [ask(.cancelJob(job.id), .job)]
    }
}
