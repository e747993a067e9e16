import Operations
import TerminalUI
import VectorStores

extension ConsoleState {
    /// Does what an action stands for.
    mutating func perform(_ id: ActionID) -> [ConsoleRequest] {
        switch id {
        case .show(let view): return show(view)
        case .palette: overlay = .palette(FilteredList())
        case .command: overlay = .command(LineEditor())
        case .quit: return goBackOrQuit()
        case .back: return goBack()
        case .freeze: return toggleFreeze()
        case .pickTenant: overlay = .tenants(FilteredList())
        case .clearTenant: return setScope(nil)
        case .nextTheme: changeTheme()
        case .nextGlyphs: glyphs = glyphs.next
        case .moveUp: step(by: -1)
        case .moveDown: step(by: 1)
        case .pageUp: step(by: -max(1, pageRows / 2))
        case .pageDown: step(by: max(1, pageRows / 2))
        case .moveToStart: step(by: -Self.farRows)
        case .moveToEnd: step(by: Self.farRows)
        case .nextPane: changePane(by: 1)
        case .previousPane: changePane(by: -1)
        case .open: return open()
        case .filter: startFilter()
        case .sort: nextSort()
        case .invertSort:
            tenants.isInverted.toggle()
            reconcile()
        case .acknowledge: return acknowledge()
        case .triageMenu: openTriageMenu()
        case .suppress: return openRuleForm()
        case .showTaught: return showTaught()
        case .withdrawTaught: return withdrawTaught()
        case .restoreTaught: return restoreTaught()
        case .rehearse: return showRehearsal()
        case .lessAlpha: return moveAlpha(by: -1)
        case .moreAlpha: return moveAlpha(by: 1)
        case .resetAlpha: return resetAlpha()
        case .mark: toggleMark()
        case .markRange: markRange()
        case .undo: return undoTriage()
        case .moreLikeThis: return moreLikeThis()
        case .copyText: return copy(asJSON: false)
        case .copyJSON: return copy(asJSON: true)
        case .zoomIn, .zoomOut, .zoomReset, .panBack, .panForward, .compare: changeChart(id)
        case .editQuery: startFilter()
        case .runQuery: return runSearch()
        case .prove: return prove()
        case .moreResults, .fewerResults, .toggleExact, .clearLike: return changeSearch(id)
        case .measureCurve: return measureCurve()
        case .rebuild: askRebuild(RebuildParameters())
        case .chooseQuantization: chooseQuantization()
        case .cancelJob: return cancelRunningJob()
        case .logLevel:
            log.nextLevel()
            reconcileLog()
        case .follow:
            log.isFollowing.toggle()
            reconcileLog()
        case .wrapLog: log.isWrapped.toggle()
        case .startDemo: return startDemo()
        case .openLog: overlay = .command(LineEditor("open "))
        case .connect: overlay = .command(LineEditor("connect "))
        case .nextValue: chooseValue(by: 1)
        case .previousValue: chooseValue(by: -1)
        case .flip: return openFlip()
        case .flipNext: return changeFlipValue(by: 1)
        case .flipPrevious: return changeFlipValue(by: -1)
        case .flipReset: return resetFlip()
        case .hunt: return openHunt()
        case .saveHunt: return saveHunt()
        case .removeHunt: return removeHunt()
        case .undoHunt: return undoHunt()
        }
        return []
    }

    /// The next theme by its name; what it looks like is the runtime's to know.
    private mutating func changeTheme() {
        themeIndex += 1
        guard !themeNames.isEmpty else { return }
        show("theme \(themeNames[themeIndex % themeNames.count])", .done)
    }

    /// Starts the demonstration; what is kept on disk is asked about first.
    mutating func startDemo() -> [ConsoleRequest] {
        guard snapshot.storeAddress == StoreAddress.ephemeral.description else {
            overlay = .confirmation(Confirmation(subject: .demo, askedMilliseconds: milliseconds))
            return []
        }
        return [ask(.startDemo, .ingest)]
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
        case .search:
            search.page = .results
            search.isEditing = true
        case .overview, .metrics, .map, .index, .health: break
        }
    }

    private mutating func nextSort() {
        switch view {
        case .anomalies:
            anomalies.order = anomalies.order.next
            anomalies.places = [:]
        case .tenants:
            repeat { tenants.order = tenants.order.next } while !holdsDecisions && tenants.order.isOfDecisions
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
