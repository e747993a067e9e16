import Decisions

extension Incident {
    /// This incident as it is known here, joined with what another process wrote: its triage, then what was done
    /// here and it does not know; the members of whoever has more.
    ///
    /// What is not in a full history and no newer than its first entry had to go there: it is nothing new.
    func joined(with stored: Incident, keeping maximumHistory: Int) -> Incident {
        let oldest = stored.history.count < maximumHistory ? nil : stored.history.first?.time
        let done = history.filter { entry in
            !stored.history.contains(entry) && oldest.map { entry.time > $0 } ?? true
        }
        let isTheirs = stored.count > count
        var result = isTheirs ? stored : self
        result.takeUpSignal(of: isTheirs ? self : stored)
        let hasNews = stored.history.contains { !history.contains($0) }
        if done.isEmpty {
            result.standing = stored.history == history ? standing : stored.standing
        } else if hasNews {
            result.standing = done.reduce(stored.standing) { $0.changed(from: $1.before, to: $1.after) }
        } else {
            result.standing = standing
        }
        result.notes = joinedNotes(with: stored, done)
        result.history = (stored.history + done).suffix(maximumHistory)
        result.revision = max(revision, stored.revision) + 1
        return result
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
