public import AnomalyDetection
public import Decisions
public import Operations
public import VectorStores

/// Something the console wants done; values, so that tests compare them.
public enum ConsoleRequest: Equatable, Sendable {
    /// Ask the client; the answer comes back with the ticket.
    case ask(ConsoleQuestion, RequestTicket)
    /// Stop what runs under a kind.
    case cancel(RequestKind)
    /// Put text on the person's clipboard.
    case copy(String)
    /// Leave the console.
    case quit
    /// Leave this store for another one: a name or an address.
    case connect(to: String)
    /// Hand the terminal back to the shell until continued.
    case suspend
    /// Paint every cell anew.
    case redraw
}

/// What is asked of the client.
public enum ConsoleQuestion: Equatable, Sendable {
    /// Decisions by query or likeness.
    case search(SearchQuestion)
    /// An incident's members.
    case members(ids: [String], tenant: String)
    /// Something done to incidents, by somebody named where an account is shared.
    case triage(TriageOrder, by: String?)
    /// Something done to rules and lessons, by somebody named where an account is shared.
    case teach(TaughtOrder, by: String?)
    /// What tuning is rehearsed on.
    case rehearsal
    /// What comes of other tuning.
    case rehearse(Rehearsal, Rehearsal.Tuning)
    /// What a rule with these fields would have hidden.
    case previewRule(Rehearsal, SuppressionFields)
    /// A rebuild of the index, for somebody named where an account is shared.
    case rebuild(RebuildRequest, by: String?)
    /// A stop for a job.
    case cancelJob(Int)
    /// Recall at each of these breadths.
    case recallCurve([Int])
    /// The recall that searches shall have; `nil` for none.
    case setRecall(Double?, by: String?)
    /// How many of a tenant's decisions are recorded, of all others' where none is named; without a mode as
    /// configured.
    case setRecording(RecordingMode?, tenant: String?, by: String?)
    /// The configuration read again.
    case reload(by: String?)
    /// Counts of the past.
    case activity(ActivityRequest)
    /// What whoever an incident is about got.
    case reach(Incident)
    /// Which changes of an incident's decision would have been ordinary.
    case flips(Incident)
    /// How strange an incident's decision is with some fields changed.
    case flipScore(Incident, [FlipChange])
    /// Who else did what a decision did.
    case hunt(HuntQuestion)
    /// Something done to hunts, by somebody named where an account is shared.
    case changeHunts(HuntOrder, by: String?)
    /// A file with this text.
    case export(String, suggestedName: String)
    /// The policies of a tenant or of all, and which of them decide alike.
    case policies(tenant: String?)
    /// A log to read into the store.
    case openLog(path: String, follow: Bool)
    /// Sample data and live traffic.
    case startDemo
}

/// A search as the screen asks it.
public struct SearchQuestion: Equatable, Sendable {
    /// The filter; `nil` for all.
    public var query: Query?
    /// The decision to be near to; `nil` lists the newest first.
    public var like: LikeTarget?
    /// How many results, at most.
    public var limit: Int
    /// Whether every match is compared.
    public var exact: Bool
    /// Whether the graph is walked whatever it costs, and no wider than usual.
    public var forcesGraph = false

    /// A stored decision to be near to.
    public struct LikeTarget: Hashable, Sendable {
        /// Its identifier.
        public var id: String
        /// Its tenant.
        public var tenant: String
    }
}

/// What kinds of questions there are; a newer one of a superseding kind replaces the older.
public enum RequestKind: String, Sendable, Hashable, CaseIterable {
    /// Searches.
    case search
    /// The two searches that are held against each other.
    case proof
    /// An incident's members.
    case members
    /// Triage.
    case triage
    /// Rules and lessons.
    case taught
    /// What tuning is rehearsed on.
    case rehearsal
    /// What comes of other tuning.
    case tuning
    /// What a rule would have hidden.
    case rulePreview
    /// Starting and stopping jobs.
    case job
    /// The recall curve, and what is chosen by it.
    case recallCurve
    /// Counts of the past.
    case activity
    /// Policies that decide alike.
    case policies
    /// What whoever an incident is about got.
    case reach
    /// Changes that make a decision ordinary.
    case flips
    /// The score of a changed decision.
    case flipScore
    /// Who else did the same.
    case hunt
    /// Something done to hunts.
    case hunts
    /// Files written.
    case export
    /// Reading logs and starting the demo.
    case ingest
    /// What is recorded, and the configuration.
    case settings

    /// Whether a newer question makes the older one's answer stale.
    public var isSuperseding: Bool {
        switch self {
        case .search, .proof, .members, .recallCurve, .activity, .policies, .reach, .flips, .flipScore, .hunt,
            .rehearsal, .tuning, .rulePreview:
            true
        case .hunts, .triage, .taught, .job, .export, .ingest, .settings: false
        }
    }

    /// How long an answer may take, in seconds, before the question is given up.
    public var deadlineSeconds: Int {
        switch self {
        case .recallCurve: 120
        case .ingest, .policies, .flips, .hunt: 60
        case .search, .proof, .members, .triage, .taught, .rehearsal, .tuning, .rulePreview, .job, .activity,
            .export, .settings, .reach, .flipScore, .hunts:
            10
        }
    }
}

/// Which question an answer belongs to.
public struct RequestTicket: Hashable, Sendable {
    /// What was asked.
    public let kind: RequestKind
    /// Which one of its kind, counted from 1.
    public let generation: UInt64
}

/// What came back.
public enum ConsoleAnswer: Equatable, Sendable {
    /// A search's results.
    case search(SearchOutcome)
    /// An incident's members.
    case members([StoredDecision])
    /// Incidents as they now are.
    case triaged(TriageOutcome)
    /// A rule or a lesson as it now is.
    case taught(TaughtItem)
    /// What tuning is rehearsed on.
    case rehearsal(Rehearsal)
    /// What comes of other tuning.
    case rehearsed(Rehearsal.Outcome)
    /// What a rule would have hidden.
    case rulePreviewed(RulePreview)
    /// A job began.
    case jobStarted(Int)
    /// The recall curve.
    case recallCurve([RecallPoint])
    /// What asking for a recall led to.
    case recallTuned(RecallTuning)
    /// The recording modes that hold now.
    case recording(RecordingPolicy, of: String?)
    /// The configuration was read: what came of it.
    case reloaded(String)
    /// Counts of the past.
    case activity(ActivityHistory)
    /// The policies, and which of them decide alike.
    case policies(PolicyReport)
    /// What whoever an incident is about got.
    case reach(IncidentReach)
    /// Which changes would have been ordinary.
    case flips(FlipReport)
    /// The score of a changed decision.
    case flipScore(FlipScore)
    /// Who else did the same.
    case hunted(HuntReport)
    /// A hunt as it now is.
    case huntChanged(HuntStatus)
    /// A file was written.
    case exported(path: String)
    /// It was done, there is nothing to show.
    case done
    /// It was not done: one sentence.
    case failed(String)
}

/// A search's answer as the screen keeps it.
public struct SearchOutcome: Equatable, Sendable {
    /// How it was answered.
    public var strategy: SearchStrategy
    /// Whether no better answer exists.
    public var exact: Bool
    /// Vectors compared, or rows looked at.
    public var scanned: Int
    /// Time spent in the store, in microseconds.
    public var elapsedMicroseconds: Double
    /// Why there are fewer results than asked for.
    public var reason: String?
    /// The results, best first.
    public var results: [SearchResult]
    /// Seconds that a mirror was behind its server when it answered; `nil` where it was not.
    public var mirrorAgeSeconds: Double?

    /// Keeps an answer.
    public init(_ answer: SearchAnswer) {
        strategy = answer.strategy
        exact = answer.exact
        scanned = answer.scanned
        elapsedMicroseconds = answer.elapsedMicroseconds
        reason = answer.reason
        results = answer.results
        mirrorAgeSeconds = answer.mirrorAgeSeconds
    }
}
