import Decisions
import VectorStores

/// Acts of people that the store did not take: they count in this process, wait, and are tried again.
struct WaitingActs: Sendable {
    /// The first pause before they are tried again, and the longest, in seconds.
    static let firstPauseSeconds: Int64 = 2
    static let longestPauseSeconds: Int64 = 30

    /// Why they wait.
    private(set) var reason: String
    private var pauseSeconds = Self.firstPauseSeconds
    private var since: Timestamp

    init(because reason: String, at now: Timestamp) {
        self.reason = reason
        since = now
    }

    /// Notes that they were tried once more: each pause is twice as long as the one before.
    mutating func failed(because reason: String, at now: Timestamp) {
        self.reason = reason
        since = now
        pauseSeconds = min(Self.longestPauseSeconds, pauseSeconds * 2)
    }

    /// Whether they are to be tried at an instant; a clock that was set back makes nobody wait longer.
    func isDue(at now: Timestamp) -> Bool { abs(now.seconds - since.seconds) >= pauseSeconds }

    /// What a person is told.
    var sentence: String {
        "what was done is not saved yet: \(reason); it is tried again by itself"
    }
}

extension DetectionService {
    /// What of the acts that wait is kept when incidents are read anew: the acts, and the incidents they changed.
    struct KeptActs: Sendable {
        fileprivate var acts: [UnsavedAct]
        fileprivate var incidents: [String: Incident]
    }

    /// Notes that what people did could not be saved; answers what they are told.
    func waiting(because error: any Error) -> String {
        let waiting = WaitingActs(because: "\(error)", at: clock())
        waitingActs = waiting
        outdated()
        return waiting.sentence
    }

    /// Saves what people did and the store did not take, when that is due.
    func saveWaitingActs() async {
        guard let waiting = waitingActs, waiting.isDue(at: clock()) else { return }
        do {
            try await saveIncidents()
            published()
        } catch {
            waitingActs?.failed(because: "\(error)", at: clock())
            outdated()
        }
    }

    /// Saves what still waits when this process ends; throws where the store does not take it.
    func saveLastActs() async throws {
        if unsavedActs.isEmpty { return }
        do {
            try await saveIncidents()
        } catch {
            throw StoreError(.failed, "what was done last is not saved: \(error)")
        }
    }

    /// The acts of people that must outlive a reading of the store; what this process did by itself need not.
    func actsToKeep() -> KeptActs {
        let acts = unsavedActs.filter { act in
            let isLesson = act.isOfLesson && taught.unsavedLessons.contains(act.incident)
            return isLesson || book[act.incident]?.tells(of: act.event) ?? false
        }
        let incidents = Set(acts.map(\.incident)).compactMap { id in book[id].map { (id, $0) } }
        return KeptActs(acts: acts, incidents: Dictionary(uniqueKeysWithValues: incidents))
    }

    /// Does again to the incidents as they were read what was done and not saved.
    func takeUp(_ kept: KeptActs) {
        unsavedActs = kept.acts + unsavedActs
        for (id, own) in kept.incidents {
            changedIncidents.insert(id)
            guard let stored = book[id] else {
                book.adopt(own)
                continue
            }
            forgetActs(keptIn: stored)
            book.adopt(stored.takingUp(actsOf: own, keeping: configuration.incidents.maximumHistory))
        }
        if unsavedActs.isEmpty {
            waitingActs = nil
        } else if waitingActs == nil {
            waitingActs = WaitingActs(because: "another process took over detection", at: clock())
        }
    }

    /// Forgets acts that an incident tells of as it is stored: they came there although no answer came back.
    func forgetActs(keptIn stored: Incident) {
        let told = unsavedActs.filter { $0.incident == stored.id && stored.tells(of: $0.event) }
        if told.isEmpty { return }
        let times = Set(told.map(\.event.time))
        unsavedActs.removeAll { act in
            guard act.incident == stored.id else { return false }
            // What a resolution teaches came there together with it.
            return stored.tells(of: act.event) || act.isOfLesson && times.contains(act.event.time)
        }
        if !unsavedActs.contains(where: { $0.incident == stored.id && $0.isOfLesson }) {
            taught.unsavedLessons.remove(stored.id)
        }
    }
}

extension DetectionService.UnsavedAct {
    /// Whether it tells of the lesson of an incident.
    fileprivate var isOfLesson: Bool { event.subject == "lesson \(incident)" }
}

extension Incident {
    /// Whether its history has what an event tells.
    fileprivate func tells(of event: ActivityEvent) -> Bool {
        history.contains {
            $0.time == event.time && $0.who == event.who && $0.act.rawValue == event.act
        }
    }
}
