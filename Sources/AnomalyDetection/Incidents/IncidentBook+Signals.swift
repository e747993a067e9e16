import Decisions

extension IncidentBook {
    /// Files what a signal says; `nil` when all of that is known.
    ///
    /// The first of its story opens an incident, one that comes again joins it until that is resolved, and its end is
    /// noted in it. One that comes again after its end reopens an incident that somebody took. A signal may be told
    /// twice, as after a crash: it counts once.
    public mutating func file(_ signal: Signal) -> Change? {
        let known = newest(of: signal)
        var change: Change?
        if let raised = signal.raised, known?.signal.map({ raised > $0.raised }) ?? true {
            if let known, known.state != .resolved {
                change = raiseAgain(signal, at: raised, in: known)
            } else {
                change = open(signal, at: raised)
            }
        }
        guard let ended = signal.ended, let incident = change?.incident ?? known,
            let noted = note(end: ended, in: incident)
        else { return change }
        return Change(incident: noted, isNew: change?.isNew ?? false, removed: change?.removed ?? [])
    }

    /// Whether a signal of the same story goes on.
    func isRunning(_ signal: Signal) -> Bool {
        newest(of: signal)?.signal.map { $0.ended == nil } ?? false
    }

    /// The newest incident of a signal's story.
    private func newest(of signal: Signal) -> Incident? {
        incidents.values
            .filter { $0.signal?.kind == signal.kind && $0.isOfNoDecision && $0.key == signal.key }
            .max { ($0.first, $0.id) < ($1.first, $1.id) }
    }

    private mutating func open(_ signal: Signal, at raised: Timestamp) -> Change? {
        let decision = signal.decision
        guard
            let id = IncidentIdentifier.identifier(
                for: signal.key, member: raised.description, isTaken: { incidents[$0] != nil })
        else { return nil }
        var incident = Incident(
            id: id, key: signal.key, severity: signal.kind.severity, time: raised, score: Signal.score,
            why: signal.why, member: "",
            evidence: Evidence(
                decision: decision,
                channels: ScoredDecision.Channels(distance: 0, rarity: 0, firstSeen: 0)))
        incident.members = []
        incident.actions = decision.actions
        incident.signal = Signal.Standing(kind: signal.kind, raised: raised)
        incident.revision = 1
        let removed = makeRoom()
        incidents[id] = incident
        return Change(incident: incident, isNew: true, removed: removed)
    }

    private mutating func raiseAgain(
        _ signal: Signal, at raised: Timestamp, in known: Incident
    ) -> Change {
        var incident = known
        // Whoever took it took what has ended since: of this nobody knows yet.
        let reopens = known.signal?.ended != nil && known.state == .acknowledged
        if reopens { incident.state = .reopened }
        incident.count += 1
        incident.last = max(incident.last, raised)
        incident.signal = Signal.Standing(kind: signal.kind, raised: raised)
        incident.say(signal.why)
        let wakes = incident.rouse(from: incident.severity)
        incident.revision += 1
        incidents[incident.id] = incident
        return Change(incident: incident, isNew: wakes || reopens, removed: [])
    }

    private mutating func note(end: Timestamp, in known: Incident) -> Incident? {
        guard var standing = known.signal, standing.ended == nil, end >= standing.raised else { return nil }
        var incident = known
        standing.ended = end
        incident.signal = standing
        incident.last = max(incident.last, end)
        incident.say([standing.kind.endWords(raised: standing.raised, ended: end)])
        incident.revision += 1
        incidents[incident.id] = incident
        return incident
    }

    /// Says of an incident of decisions that one of them is what a signal tells of.
    mutating func mark(_ id: String, as kind: Signal.Kind, at time: Timestamp) -> Incident? {
        guard let incident = incidents[id], incident.signal == nil else { return incidents[id] }
        incidents[id]?.signal = Signal.Standing(kind: kind, raised: time)
        return incidents[id]
    }
}

extension Incident {
    /// Takes over what another copy of the incident knows of its signal, where that is newer.
    mutating func takeUpSignal(of other: Incident) {
        guard let theirs = other.signal, signal.map({ theirs.isNewer(than: $0) }) ?? true else { return }
        signal = theirs
        last = max(last, other.last)
        if isOfNoDecision { why = other.why }
    }

    /// Puts sentences before those that are there; the oldest go when there are too many.
    fileprivate mutating func say(_ sentences: [String]) {
        why = Array((sentences + why.filter { !sentences.contains($0) }).prefix(Signal.maximumWords))
    }
}

extension Signal.Standing {
    /// Whether it was noticed later, or is the same and has ended.
    fileprivate func isNewer(than other: Signal.Standing) -> Bool {
        raised > other.raised || raised == other.raised && ended != nil && other.ended == nil
    }
}
