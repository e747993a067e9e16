import Decisions

extension Incident {
    /// This incident as it is known here, joined with what another process wrote: its triage, then what was done
    /// here and it does not know; the members of whoever has more.
    ///
    /// What is not in a full history and no newer than its first entry had to go there: it is nothing new.
    func joined(with stored: Incident, keeping maximumHistory: Int) -> Incident {
        let done = entries(unknownTo: stored, keeping: maximumHistory)
        let news = stored.entries(unknownTo: self, keeping: maximumHistory)
        let isTheirs = stored.count > count
        var result = isTheirs ? stored : self
        result.takeUpSignal(of: isTheirs ? self : stored)
        // What a new member did, as reopening it, is in nobody's history: it is kept of whoever has the members.
        let isBasedOnTheirs = isTheirs || stored.count == count && !done.isEmpty
        let base = isBasedOnTheirs ? stored.standing : standing
        result.standing = (isBasedOnTheirs ? done : news + done).reduce(base) {
            $0.changed(from: $1.before, to: $1.after)
        }
        if result.state != .resolved { result.resolution = nil }
        result.notes = joinedNotes(with: stored, done)
        result.history = (stored.history + done).suffix(maximumHistory)
        result.revision = max(revision, stored.revision) + 1
        return result
    }

    /// This incident as it is stored, with what people did to another copy of it and nobody saved yet.
    func takingUp(actsOf other: Incident, keeping maximumHistory: Int) -> Incident {
        let done = other.entries(unknownTo: self, keeping: maximumHistory)
        if done.isEmpty { return self }
        var result = self
        result.standing = done.reduce(standing) { $0.changed(from: $1.before, to: $1.after) }
        if result.state != .resolved { result.resolution = nil }
        result.notes = other.joinedNotes(with: self, done)
        result.history = (history + done).suffix(maximumHistory)
        result.revision += 1
        return result
    }

    /// What was done to this incident and another copy of it does not tell.
    private func entries(unknownTo other: Incident, keeping maximumHistory: Int) -> [TriageEntry] {
        let oldest = other.history.count < maximumHistory ? nil : other.history.first?.time
        return history.filter { entry in
            !other.history.contains(entry) && oldest.map { entry.time > $0 } ?? true
        }
    }

    /// The notes of the other, and those written or taken away here since.
    private func joinedNotes(with stored: Incident, _ done: [TriageEntry]) -> [Note] {
        var notes = stored.notes
        for entry in done {
            guard let note = entry.note else { continue }
            if entry.act == .undo {
                notes.removeAll { $0 == note }
            } else if !notes.contains(note) {
                notes.append(note)
            }
        }
        return notes.suffix(Self.maximumNotes)
    }
}
