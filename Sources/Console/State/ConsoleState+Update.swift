import AnomalyDetection
import Decisions
import Operations
import TerminalUI

extension ConsoleState {
    /// Takes in what happened and says what is to be done; touches nothing but the state.
    public mutating func update(_ action: ConsoleAction) -> [ConsoleRequest] {
        take(action) + reachRequests()
    }

    private mutating func take(_ action: ConsoleAction) -> [ConsoleRequest] {
        switch action {
        case .key(let key, let milliseconds):
            self.milliseconds = max(self.milliseconds, milliseconds)
            return press(key)
        case .paste(let text):
            return paste(text)
        case .mouse(let event, let milliseconds):
            self.milliseconds = max(self.milliseconds, milliseconds)
            return use(event)
        case .clipboard(let answer):
            take(answer)
            return []
        case .resize(let size):
            self.size = size
            reconcile()
            return []
        case .tick(let now, let milliseconds):
            self.now = now
            self.milliseconds = max(self.milliseconds, milliseconds)
            if let notice, notice.untilMilliseconds <= self.milliseconds { self.notice = nil }
            return []
        case .snapshot(let snapshot):
            return take(snapshot)
        case .answer(let answer, let ticket):
            return ledger.settle(ticket) ? take(answer, ticket) : []
        }
    }

    /// Takes up a newer picture, or keeps it aside while the screen is frozen.
    private mutating func take(_ snapshot: ConsoleSnapshot) -> [ConsoleRequest] {
        if frozen != nil {
            frozen?.newest = snapshot
            return []
        }
        announceEnds(in: snapshot)
        announceHunts(in: snapshot)
        self.snapshot = snapshot
        hasSnapshot = true
        if now < snapshot.wallTime { now = snapshot.wallTime }
        for (id, incident) in triaged {
            let caughtUp = snapshot.incidents.first { $0.id == id }.map { $0.revision >= incident.revision }
            if caughtUp ?? true { triaged[id] = nil }
        }
        openNamedIncident()
        reconcile()
        return scopeRequests()
    }

    /// Opens the incident named at the start as soon as it is known whether there is one.
    private mutating func openNamedIncident() {
        guard snapshot.isRead, let id = namedIncident else { return }
        namedIncident = nil
        guard snapshot.incidents.contains(where: { $0.id == id }) else {
            let why = snapshot.noDecisionsReason.map { ": \($0)" } ?? ""
            return show("no incident \(id)\(why)", .problem)
        }
        anomalies.cursor.select(id)
        anomalies.page = .evidence
    }

    private mutating func take(_ answer: ClipboardAnswer) {
        copied.clipboard = answer
        tellCopied()
    }

    /// Says where the text went, with the file as soon as it is written.
    private mutating func tellCopied() {
        let path = copied.path.map { nearHome($0) }
        let file = path.map { "in \($0)" } ?? "into a file"
        switch copied.clipboard {
        // The path is what a person goes on with: few words, so that it stays whole.
        case .sent(let bytes):
            show(path.map { "copied · \($0)" } ?? "copied \(Quantity.counted(bytes, "byte"))", .done)
        case .tooLong(let limit):
            show("too long for a clipboard (\(Quantity.bytes(limit))): only \(file)", .problem)
        case .unavailable: show("no clipboard: \(path ?? "only into a file")", .problem)
        case nil: show("written \(file)", .done)
        }
    }

    /// A path as it is told: the person's own folder is `~`.
    private func nearHome(_ path: String) -> String {
        guard let home, !home.isEmpty, path.hasPrefix(home + "/") else { return path }
        return "~" + path.dropFirst(home.count)
    }

    /// The wheel moves, a click on a tab shows its view; nothing else is bound to the mouse.
    private mutating func use(_ event: MouseEvent) -> [ConsoleRequest] {
        guard overlay == nil, editedField == nil else { return [] }
        switch event.action {
        case .wheelUp: _ = move(by: -3)
        case .wheelDown: _ = move(by: 3)
        case .click where event.location.y == 1:
            let line = Rect(size).row(1)
            guard let index = tabsLine.tabIndex(atX: event.location.x, in: line) else { return [] }
            return show(ConsoleView.allCases[index])
        case .click, .doubleClick, .middleClick, .rightClick: break
        }
        return []
    }

    private mutating func take(_ answer: ConsoleAnswer, _ ticket: RequestTicket) -> [ConsoleRequest] {
        switch answer {
        case .search(let outcome) where ticket.kind == .proof: return takeProof(outcome)
        case .search(let outcome): takeSearch(outcome)
        case .members(let members): takeMembers(members)
        case .triaged(let outcome): takeTriaged(outcome, ticket)
        case .taught(let item): takeTaught(item, ticket)
        case .rehearsal(let rehearsal): return takeRehearsal(rehearsal)
        case .rehearsed(let outcome): takeOutcome(outcome)
        case .rulePreviewed(let preview): takePreview(preview)
        case .jobStarted(let id): show("job \(id) started", .done)
        case .recallCurve(let points): takeCurve(points)
        case .recallTuned(let tuning): takeTuning(tuning)
        case .recording(let policy, let tenant): takeRecording(policy, of: tenant)
        case .reloaded(let sentence): show(sentence, .done)
        case .activity(let history): takeScopeActivity(history)
        case .policies(let report): takePolicies(report)
        case .reach(let reach): takeReach(reach)
        case .flips(let report): takeFlips(report)
        case .flipScore(let score): takeFlipScore(score)
        case .hunted(let report): takeHunt(report)
        case .huntChanged(let status): takeChanged(status, ticket)
        case .exported(let path):
            copied.path = path
            tellCopied()
        case .done: break
        case .failed(let sentence):
            if ticket.kind == .triage { revertTriage(ticket) }
            revertTaught(ticket)
            revertHunts(ticket)
            show(sentence, .problem)
        }
        return []
    }

    /// Keeps every selection on its row after rows came, went or moved.
    mutating func reconcile() {
        reconcileAnomalies()
        reconcileOverview()
        reconcileMetrics()
        reconcileTenants()
        reconcileSearch()
        reconcileHunting()
        reconcileHealth()
        reconcileLog()
    }

    /// Shows a short message.
    mutating func show(_ text: String, _ kind: Notice.Kind) {
        notice = Notice(
            text: text, kind: kind, untilMilliseconds: milliseconds + Notice.stayMilliseconds(kind))
    }

    /// Asks the client something.
    mutating func ask(_ question: ConsoleQuestion, _ kind: RequestKind) -> ConsoleRequest {
        .ask(question, ledger.issue(kind, milliseconds: milliseconds))
    }
}
