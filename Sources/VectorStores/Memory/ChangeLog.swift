package import Decisions

/// Where a mirror's changes are kept before it makes them, and where others' come from: a server.
///
/// What a journal is to a store with files. Every call but those to be answered at once (``readOnlyReason``,
/// ``checks(since:)``, ``serverReport``, ``diskBytes``, ``openingNotice``, ``isBehind``) may wait for the network, and
/// comes on a thread that may.
package protocol ChangeLog: Sendable {
    /// Why nothing may be written; `nil` when it may.
    var readOnlyReason: String? { get }

    /// Bytes that the server has on its disk for the store, as it was last asked.
    var diskBytes: Int { get }

    /// What whoever opens the store should be told; `nil` when there is nothing.
    var openingNotice: String? { get }

    /// How it is with the server and with what is known of it.
    func checks(since now: Timestamp) -> [HealthCheck]

    /// What the server knows of itself, as it was last asked; answered at once.
    var serverReport: ServerReport { get }

    /// Fills an empty mirror.
    func load(into mirror: StoreMirror) throws(StoreError)

    /// Reads into the mirror in the store's turn, while nobody else changes it; not at all once the store is closed.
    typealias Turn = @Sendable (_ read: (StoreMirror) throws(StoreError) -> Void) throws(StoreError) -> Void

    /// Begins to follow: takes the turn, on threads of its own, whenever others may have changed something.
    func start(turn: @escaping Turn)

    /// Entries as they will be read back; throws when one could not be kept.
    ///
    /// May wait where the server is behind with what it was given.
    func prepared(_ entries: [Entry]) throws(StoreError) -> [Entry]

    /// Keeps what a closure decides, while nobody else can change the store, whichever process they are of.
    ///
    /// What others kept before is in the mirror when the closure is called. It is called again where the server
    /// refused for a reason that goes by, and its last answer counts.
    func keep(
        in mirror: StoreMirror, _ decide: () throws(StoreError) -> StoreChange?
    ) throws(StoreError)

    /// The records of a collection as the server has them, by key, from one on, at most so many.
    func records(in collection: String, from key: String, limit: Int) throws(StoreError) -> [Record]

    /// Takes over into the mirror what others have kept.
    func follow(into mirror: StoreMirror) throws(StoreError)

    /// Builds the server's own index of neighbours anew, beside all who read and write.
    ///
    /// `nil` where there is none to build. Throws when it was begun and did not come to its end: the old one serves
    /// on then, and what was begun is taken away.
    func rebuild(
        _ request: RebuildRequest, isCancelled: () -> Bool, progress: (RebuildProgress) -> Void
    ) throws(StoreError) -> ServerRebuild?

    /// Begins to collect what others store, and tells what they stored since some positions, in order; `nil` for a
    /// position of which nobody knows that any more.
    func watchArrivals(
        since positions: [JSONValue], into mirror: StoreMirror
    ) throws(StoreError) -> [[EntryIdentity]?]

    /// What others stored since then or since this was last asked.
    func takeArrivals() -> [EntryIdentity]

    /// Up to where all is given or confirmed; `nil` while nothing is collected.
    var arrivalPosition: JSONValue? { get }

    /// The number of the last insert that was kept, which is then to be confirmed; `nil` while nothing is collected.
    func takeReceipt() -> UInt64?

    /// Notes that an insert is scored; false where watching has told of it.
    func confirm(_ receipt: UInt64) -> Bool

    /// Ends collecting.
    func ignoreArrivals()

    /// Where entries wait for a server that is away; `nil` where none may.
    var queue: WriteQueue? { get }

    /// Whether the server could not be asked when it last was.
    var isAway: Bool { get }

    /// Asks a server that was away whether it is back, without the store's turn; throws when it is not.
    func reach() throws(StoreError)

    /// Makes the mirror hold of some queued entries what the server does, which is read when something is kept next.
    ///
    /// What is read anew of them has not arrived, but for those that are unscored.
    func unhold(
        _ entries: [Entry], as identities: [EntryIdentity], unscored: Set<EntryIdentity>,
        in mirror: StoreMirror)

    /// Notes that what was unheld is kept; those that nobody has scored, under what they were stored as, are given as
    /// arrivals.
    func keptQueued(_ identities: [EntryIdentity], unscored: [EntryIdentity])

    /// Notes that what was unheld could not be kept: the mirror holds it as before. Answers what of it was told as
    /// arrived all the same, since the server has it.
    func keptNothing(of identities: [EntryIdentity]) -> [EntryIdentity]

    /// Whether the mirror is to be kept on this machine now.
    func isSaveDue(_ mirror: StoreMirror, isClosing: Bool) -> Bool

    /// Keeps the mirror on this machine for the next opening where that is worth it; the server is not asked.
    func save(_ mirror: StoreMirror, isClosing: Bool)

    /// Whether the mirror is known to lack what the server has, while the server answers.
    var isBehind: Bool { get }

    /// The server's own answer to a search; `nil` where it does not answer soon.
    func search(_ request: SearchRequest) throws(StoreError) -> SearchAnswer?

    /// Seconds since the mirror last held what the server does, where that is too long ago; answered at once.
    var lateSeconds: Double? { get }

    /// Brings what is kept to where it stays, for some time; answers how many entries are on their way still.
    func settle(_ goesOn: (_ waiting: Int) -> Bool) -> Int

    /// Ends whatever waits for the server, now and from now on; answers at once, more than once does no harm.
    func interrupt()

    /// Ends following and lets go of the server; waits a moment for what is under way.
    func stop()
}

extension ChangeLog {
    /// A log that tells everything at once is never late.
    package var lateSeconds: Double? { nil }

    /// A log that keeps entries where they are written has none on their way.
    package func settle(_ goesOn: (_ waiting: Int) -> Bool) -> Int { 0 }

    /// A log that cannot be searched has nothing that the mirror lacks.
    package var isBehind: Bool { false }

    /// A log that cannot be searched leaves it to the mirror.
    package func search(_ request: SearchRequest) throws(StoreError) -> SearchAnswer? { nil }
}

/// What a store is about to do: decided, to be kept, and made only then.
package enum StoreChange: Sendable {
    /// Entries are stored or follow a later stage, as a plan says, at a time of the wall clock.
    case entries([Entry], InsertPlan, at: Timestamp)
    /// Entries are deleted.
    case deletions([EntryIdentity])
    /// Entries are no longer kept and remembered as such; with the newest time among them.
    case retirements([EntryIdentity], newest: Timestamp?)
    /// Records are written, as planned.
    case records([Record])
}

extension StoreChange {
    /// Adds the journal records that say so.
    func add(to frames: inout JournalFrames) {
        switch self {
        case .entries(let entries, let plan, let now): EntryRecord.add(entries, plan, at: now, to: &frames)
        case .deletions(let identities): EntryRecord.add(.deletions, of: identities, to: &frames)
        case .retirements(let identities, _): EntryRecord.add(.retirements, of: identities, to: &frames)
        case .records(let records): EntryRecord.add(records, to: &frames)
        }
    }
}
