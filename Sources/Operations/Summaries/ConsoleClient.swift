public import AnomalyDetection
public import Decisions
public import VectorStores

/// What the console asks of the program behind it; every call is asynchronous and cancellable.
///
/// The console never touches a store itself: the runtime calls this, off the console's thread.
public protocol ConsoleClient: Sendable {
    /// The newest snapshot, and each later one.
    func snapshots() -> AsyncStream<ConsoleSnapshot>

    /// Answers a search.
    func search(_ request: SearchRequest) async throws -> SearchAnswer

    /// Decisions by identifier, for an incident's members; those that are gone are left out.
    func decisions(ids: [String], tenant: String) async throws -> [StoredDecision]

    /// Does something to incidents on behalf of a person, who is named where an account is shared.
    func triage(_ order: TriageOrder, by person: String?) async throws -> TriageOutcome

    /// What whoever an incident is about got since its first decision.
    func reach(of incident: Incident) async throws -> IncidentReach

    /// Which changes of an incident's flagged decision would have been ordinary.
    func flips(of incident: Incident) async throws -> FlipReport

    /// How strange an incident's flagged decision would be with some fields changed.
    func score(of incident: Incident, after changes: [FlipChange]) async throws -> FlipScore

    /// Who else did what a decision did.
    func hunt(_ question: HuntQuestion) async throws -> HuntReport

    /// Saves a hunt, takes one away or brings one back, on behalf of a person.
    func change(hunts order: HuntOrder, by person: String?) async throws -> HuntStatus

    /// Does something to rules and lessons on behalf of a person, who is named where an account is shared.
    func teach(_ order: TaughtOrder, by person: String?) async throws -> TaughtItem

    /// What was flagged or nearly was, and what became of it: what tuning is rehearsed on.
    func tuningHistory() async throws -> TuningHistory

    /// Starts a rebuild as a job, on behalf of a person who is named where an account is shared, and returns its
    /// number.
    func startRebuild(_ request: RebuildRequest, by person: String?) async throws -> Int

    /// Asks a job to stop.
    func cancelJob(_ id: Int) async

    /// Measures recall against breadth on the live index: one point per breadth.
    func recallCurve(breadths: [Int]) async throws -> [RecallPoint]

    /// Asks for a recall, or for none, and measures which breadth has it; by somebody named where an account is shared.
    func setRecall(_ target: Double?, by person: String?) async throws -> RecallTuning

    /// Sets how many of a tenant's decisions are recorded, of all others' where none is named; without a mode
    /// what is configured holds again.
    ///
    /// - Returns: the modes that hold now.
    func setRecording(
        _ mode: RecordingMode?, tenant: String?, by person: String?
    ) async throws -> RecordingPolicy

    /// Reads the configuration again; returns in a sentence what came of it.
    func reload(by person: String?) async throws -> String

    /// Counts of the past for a chart of event time.
    func activity(_ request: ActivityRequest) async throws -> ActivityHistory

    /// The policies of a tenant or of all, and which of them decide alike, from the newest decisions.
    func policies(tenant: String?) async throws -> PolicyReport

    /// Writes text to a private file and returns its path.
    func export(_ text: String, suggestedName: String) async throws -> String

    /// Starts reading a log into the open store; for an empty store's offer.
    func openLog(path: String, follow: Bool) async throws

    /// Starts sample data and live traffic; for an empty store's offer.
    func startDemo() async throws
}
