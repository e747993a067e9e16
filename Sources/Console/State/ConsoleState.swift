import AnomalyDetection
public import Decisions
public import Operations
public import TerminalUI

/// Everything the console knows; changed only by ``update(_:)``, drawn by ``draw(on:)``.
public struct ConsoleState: Equatable, Sendable {
    /// The terminal's size.
    public internal(set) var size: Size
    /// Which glyphs are drawn.
    public internal(set) var glyphs: GlyphSet
    /// The newest picture of the program that is shown.
    public internal(set) var snapshot = ConsoleSnapshot()
    /// Whether a picture has arrived.
    public internal(set) var hasSnapshot = false
    /// The wall clock.
    public internal(set) var now: Timestamp
    /// The screen that is shown.
    public internal(set) var view: ConsoleView
    /// The tenant everything is narrowed to; `nil` for all.
    public internal(set) var scope: String?
    /// How many times the theme was changed by key.
    public internal(set) var themeIndex = 0
    /// The person's own folder, `~` in paths; `nil` where it is not known.
    var home: String?
    /// The names of stores from the configuration, for `:connect`.
    var storeNames: [String] = []
    /// The names of the themes there are, in the order of the key.
    var themeNames: [String] = []

    /// The console's own clock, which never goes back.
    var milliseconds: Int64 = 0
    /// A newer picture that waits while the screen is frozen; `nil` when not frozen.
    var frozen: FrozenPicture?
    var overlay: Overlay?
    var notice: Notice?
    var ledger = RequestLedger()
    var undo: [TriageUndo] = []
    /// Incidents as triage answered them, until a snapshot has caught up.
    var triaged: [String: Incident] = [:]
    /// The incidents put together from both, for the scope.
    var incidentLists = IncidentLists()
    /// The incident named at the start, until the store's incidents are known.
    var namedIncident: String?
    /// Which incidents each open triage is about.
    var triageTickets: [RequestTicket: [String]] = [:]
    /// Who acts, where they said so in this session.
    var person: String?
    /// Counts of the past of the scope's tenant.
    var scopeActivity: ScopeActivity?
    /// What became of the last copy: clipboard and file answer one after the other.
    var copied = CopyReport()
    /// A first `g`, waiting for the second.
    var isPrefixPending = false
    /// When Ctrl-c was last pressed.
    var interruptMilliseconds: Int64?
    /// Where `m` was pressed, to go back to.
    var returnView: ConsoleView?

    var overview = OverviewState()
    var metrics = MetricsState()
    var anomalies = AnomaliesState()
    var inquiry = InquiryState()
    var flip: FlipState?
    var hunting = HuntingState()
    var taught = TaughtState()
    var tenants = TenantsState()
    var search = SearchState()
    var policies = PoliciesState()
    var index = IndexState()
    var health = HealthState()
    var log = LogState()

    /// A console of a size, before anything was heard.
    public init(
        size: Size, now: Timestamp, glyphs: GlyphSet = .braille, view: ConsoleView = .overview,
        incident: String? = nil
    ) {
        self.size = size
        self.now = now
        self.glyphs = glyphs
        self.view = view
        if let incident {
            self.view = .anomalies
            namedIncident = incident
        }
    }
}

/// A picture held still, and what came meanwhile.
struct FrozenPicture: Equatable, Sendable {
    /// When it was frozen.
    var sinceMilliseconds: Int64
    /// Decisions in the store when it was frozen.
    var vectors: Int
    /// The newest picture since.
    var newest: ConsoleSnapshot?
}

/// What became of a copy, so far.
struct CopyReport: Equatable, Sendable {
    /// What the clipboard answered.
    var clipboard: ClipboardAnswer?
    /// The file that was written.
    var path: String?
}

/// A triage that can be taken back.
struct TriageUndo: Equatable, Sendable {
    /// The incidents.
    var incidents: [String]
    /// What was done, in words.
    var words: String
    /// What takes it back, where it was done to a rule or a lesson.
    var order: TaughtOrder?

    /// The most that are remembered.
    static let maximum = 50
}

/// Counts of one tenant's past, for the charts of a narrowed console.
struct ScopeActivity: Equatable, Sendable {
    var tenant: String
    var end: Timestamp
    var step: Int64
    var decisions: [Int]
    var denies: [Int]
}
