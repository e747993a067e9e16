public import Decisions

extension Incident {
    /// The most notes kept; the oldest make room, and the activity log still has them.
    public static let maximumNotes = 50

    /// Whether it is put off at an instant.
    public func isSnoozed(at now: Timestamp) -> Bool {
        snooze.map { !$0.isDue(at: now, count: count) } ?? false
    }

    /// Does what a person asks for; says whether that changed anything.
    ///
    /// Pure: who and when are given. A full history loses its oldest entries.
    public mutating func perform(
        _ act: TriageAct, by who: String, at time: Timestamp, keeping maximumHistory: Int = 100
    ) throws(IncidentError) -> Bool {
        let before = standing
        var after = before
        var note: Note?
        switch act {
        case .acknowledge:
            if state == .resolved { throw refusal("is resolved: reopen it first") }
            after.state = .acknowledged
            after.snooze = nil
        case .resolve(let resolution):
            after.state = .resolved
            after.resolution = resolution
            after.snooze = nil
        case .reopen:
            if state == .acknowledged || state == .resolved { after.state = .reopened }
            after.resolution = nil
            after.snooze = nil
        case .snooze(let term):
            if state == .resolved { throw refusal("is resolved: there is nothing to put off") }
            after.snooze = try end(of: term, at: time)
        case .wake: after.snooze = nil
        case .assign(let name):
            after.assignee = try name.map { (name) throws(IncidentError) in try person(name) }
        case .note(let text):
            guard let kept = TriageText.note(text) else {
                throw refusal("takes a note of 1 to \(TriageText.maximumNote) characters")
            }
            note = Note(time: time, who: who, text: kept)
        }
        guard after != before || note != nil else { return false }
        if let note { add(note) }
        record(
            TriageEntry(time: time, who: who, act: act.kind, before: before, after: after, note: note),
            keeping: maximumHistory)
        return true
    }

    /// The newest thing that was done and not taken back since, by one person or by anybody.
    public func lastAct(of author: String? = nil) -> TriageEntry? {
        var takenBack: [Timestamp: Int] = [:]
        for entry in history.reversed() {
            if entry.act == .undo {
                if let undoes = entry.undoes { takenBack[undoes, default: 0] += 1 }
            } else if let count = takenBack[entry.time], count > 0 {
                takenBack[entry.time] = count - 1
            } else if author == nil || entry.who == author {
                return entry
            }
        }
        return nil
    }

    /// Takes back the newest thing that was done and not taken back since, by one person or by anybody.
    public mutating func undo(
        by who: String, of author: String? = nil, at time: Timestamp, keeping maximumHistory: Int = 100
    ) throws(IncidentError) {
        guard let last = lastAct(of: author) else {
            throw refusal("has nothing to take back: nobody changed it last")
        }
        let before = standing
        let after = last.takenBack(from: before)
        let holdsNote = last.note.map { notes.contains($0) } ?? false
        guard after != before || holdsNote else {
            throw refusal("was changed since by somebody else: nothing of that is left to take back")
        }
        if let note = last.note { notes.removeAll { $0 == note } }
        record(
            TriageEntry(
                time: time, who: who, act: .undo, before: before, after: after, note: last.note,
                undoes: last.time),
            keeping: maximumHistory)
    }

    /// Ends a snooze that is due; says whether it did.
    mutating func wake(at now: Timestamp?) -> Bool {
        guard let snooze else { return false }
        if case .until = snooze, now == nil { return false }
        guard snooze.isDue(at: now ?? last, count: count) else { return false }
        self.snooze = nil
        revision += 1
        return true
    }

    /// Takes up what was done, and keeps that.
    mutating func record(
        _ entry: TriageEntry, keeping maximumHistory: Int
    ) {
        standing = entry.after
        history.append(entry)
        if history.count > maximumHistory { history.removeFirst(history.count - maximumHistory) }
        revision += 1
    }

    private mutating func add(_ note: Note) {
        notes.append(note)
        if notes.count > Self.maximumNotes { notes.removeFirst(notes.count - Self.maximumNotes) }
    }

    private func end(of term: Snooze.Term, at now: Timestamp) throws(IncidentError) -> Snooze {
        switch term {
        case .until(let time):
            guard time > now, time.seconds - now.seconds <= Snooze.Term.maximumSeconds else {
                throw refusal("is put off until a time to come, at most 90 days away")
            }
            return .until(time)
        case .events(let more):
            guard (1...Snooze.Term.maximumEvents).contains(more) else {
                throw refusal("is put off for 1 to \(Snooze.Term.maximumEvents) further decisions")
            }
            return .members(count + more)
        }
    }

    private func person(_ name: String) throws(IncidentError) -> String {
        guard let kept = TriageText.name(name) else {
            throw refusal("is given to a name of 1 to \(TriageText.maximumName) printable characters")
        }
        return kept
    }

    private func refusal(_ what: String) -> IncidentError {
        IncidentError(.invalidTransition, "incident \(id) \(what)")
    }
}
