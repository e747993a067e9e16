import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import VectorStores

/// What is hunted: the question, its answer, and where one stands in the lists.
struct HuntingState: Equatable, Sendable {
    /// What was asked.
    var question: HuntQuestion?
    /// The incident it was asked for.
    var incident: String?
    /// Who did it, once that is known.
    var report: HuntReport?
    /// The find at hand.
    var findCursor = ListCursor<String>()
    /// The live hunt at hand.
    var huntCursor = ListCursor<String>()
    /// What was done to hunts in this session, to be taken back.
    var undo: [HuntOrder] = []
    /// What was asked, by the question it was asked in, and whether that takes something back.
    var orders: [RequestTicket: HuntDeed] = [:]
    /// When hits of a live hunt were last told, on the console's own clock.
    var toldMilliseconds: [String: Int64] = [:]
    /// Whether the question was one of the list of live hunts.
    var cameFromList = false

    /// The most orders that can be taken back.
    static let maximumUndo = 50
    /// Hits of one hunt are told once in this time: what happens all the time leaves room for other news.
    static let toldEveryMilliseconds: Int64 = 60_000

    /// Where one stands, as a number to be compared.
    var place: Int { findCursor.index * 1_000 + huntCursor.index }
}

/// Something that was asked about a hunt.
struct HuntDeed: Equatable, Sendable {
    /// What.
    var order: HuntOrder
    /// Whether it takes back what was done before.
    var isUndo = false
}

extension HuntReport.Find {
    /// What tells it apart among finds of several tenants.
    var rowID: String { tenant + "\u{0}" + principal }
}

extension ConsoleState {
    /// Whether who else did something is shown.
    var isOnHunt: Bool { view == .search && search.page == .hunt }

    /// Whether the live hunts are shown.
    var isOnHunts: Bool { view == .search && search.page == .hunts }

    /// The find at hand.
    var selectedFind: HuntReport.Find? {
        guard let finds = hunting.report?.finds else { return nil }
        return finds.first { $0.rowID == hunting.findCursor.selected } ?? finds.first
    }

    /// The live hunt at hand.
    var selectedHunt: HuntStatus? {
        snapshot.hunts.first { $0.id == hunting.huntCursor.selected } ?? snapshot.hunts.first
    }

    /// Why what was asked cannot be hunted from now on.
    var whyNotHunt: String? {
        if scope != nil { return "it looks at every tenant: @ shows all" }
        if hunting.question == nil { return "nothing was asked" }
        if snapshot.hunts.count >= Hunt.maximumLive {
            return "\(Hunt.maximumLive) hunts are live already: :hunts, d removes one"
        }
        return whyNotTriage
    }

    mutating func reconcileHunting() {
        hunting.findCursor.reconcile((hunting.report?.finds ?? []).map(\.rowID), height: pageRows)
        hunting.huntCursor.reconcile(snapshot.hunts.map(\.id), height: pageRows)
    }

    mutating func moveHunting(by rows: Int) {
        if isOnHunt {
            hunting.findCursor.move(
                by: rows, in: (hunting.report?.finds ?? []).map(\.rowID), height: pageRows)
        } else {
            hunting.huntCursor.move(by: rows, in: snapshot.hunts.map(\.id), height: pageRows)
        }
    }

    /// Asks who else did what is at hand; Esc leads back to where it was asked.
    mutating func openHunt() -> [ConsoleRequest] {
        guard let decision = decisionAtHand else { return [] }
        hunting.incident = view == .anomalies ? selectedIncident?.id : nil
        search.returnPage = nil
        if view != .search { returnView = view }
        return hunt(decision)
    }

    private mutating func hunt(_ decision: Decision) -> [ConsoleRequest] {
        view = .search
        search.isEditing = false
        search.page = .hunt
        let question = HuntQuestion(decision: decision, tenant: scope)
        hunting.question = question
        hunting.report = nil
        hunting.findCursor = ListCursor()
        return [ask(.hunt(question), .hunt)]
    }

    mutating func takeHunt(_ report: HuntReport) {
        hunting.report = report
        reconcileHunting()
    }

    /// Shows what one of those who did it did; Esc leads back.
    mutating func openFind() -> [ConsoleRequest] {
        guard let find = selectedFind else { return [] }
        hunting.findCursor.choose()
        func equals(_ field: String, _ value: String) -> Query {
            .comparison(Query.Comparison(field: field, operation: .equals, operands: [value]))
        }
        let query = Query.tenant(find.tenant).and(equals("principal", find.principal))
            .and(equals("kind", find.nearest.resource.kind))
            .and(equals("effect", find.nearest.effect.rawValue))
        let isNested = search.returnPage
        let requests = pivot(to: query.description)
        search.returnPage = .hunt
        hunting.cameFromList = isNested == .hunts
        return requests
    }

    /// Shows the live hunts; Esc leads to the results.
    mutating func showHunts() -> [ConsoleRequest] {
        guard holdsDecisions else { return refuse("hunts: these rows are no decisions") }
        view = .search
        returnView = nil
        search.isEditing = false
        search.returnPage = nil
        // Behind the page stand results, not nothing.
        let requests = firstSearch()
        search.page = .hunts
        reconcileHunting()
        return requests
    }

    /// Asks who did what a live hunt looks for.
    mutating func openSavedHunt() -> [ConsoleRequest] {
        guard let status = selectedHunt else { return [] }
        hunting.huntCursor.choose()
        hunting.incident = status.hunt.incident
        let requests = hunt(status.hunt.decision)
        search.returnPage = .hunts
        return requests
    }

    /// One level out of a page of Search.
    mutating func leaveSearchPage() {
        switch search.page {
        case .hunt where search.returnPage == .hunts:
            search.page = .hunts
            search.returnPage = nil
        case .results where search.returnPage == .hunt:
            search.page = .hunt
            search.returnPage = hunting.cameFromList ? .hunts : nil
        default: search.page = .results
        }
    }

    // MARK: What is hunted from now on

    mutating func saveHunt() -> [ConsoleRequest] {
        guard let question = hunting.question else { return [] }
        return change(hunts: .save(question.decision, incident: hunting.incident))
    }

    mutating func removeHunt() -> [ConsoleRequest] {
        guard let status = selectedHunt else { return [] }
        return change(hunts: .remove(status.id))
    }

    mutating func undoHunt() -> [ConsoleRequest] {
        guard let order = hunting.undo.popLast() else { return [] }
        return change(hunts: order, isUndo: true)
    }

    /// Tells the store; who it is is asked first where several people use the account.
    mutating func change(hunts order: HuntOrder, isUndo: Bool = false) -> [ConsoleRequest] {
        guard actor != nil else {
            askName(before: .hunts(order))
            return []
        }
        let ticket = ledger.issue(.hunts, milliseconds: milliseconds)
        hunting.orders[ticket] = HuntDeed(order: order, isUndo: isUndo)
        return [.ask(.changeHunts(order, by: person), ticket)]
    }

    /// What was refused changes nothing; what was to be taken back can be taken back still.
    mutating func revertHunts(_ ticket: RequestTicket) {
        guard let deed = hunting.orders.removeValue(forKey: ticket), deed.isUndo else { return }
        hunting.undo.append(deed.order)
    }

    /// Shows a hunt as it now is, and notes what takes that back.
    mutating func takeChanged(_ status: HuntStatus, _ ticket: RequestTicket) {
        let isRemoved = status.hunt.removed != nil
        let isUndo = hunting.orders.removeValue(forKey: ticket)?.isUndo ?? false
        if !isUndo {
            hunting.undo.append(isRemoved ? .restore(status.id) : .remove(status.id))
            if hunting.undo.count > HuntingState.maximumUndo { hunting.undo.removeFirst() }
        }
        // The list tells it at once, before the next picture of the program.
        snapshot.hunts.removeAll { $0.id == status.id }
        if !isRemoved { snapshot.hunts.append(status) }
        snapshot.hunts.sort { ($0.hunt.created, $0.id) < ($1.hunt.created, $1.id) }
        reconcileHunting()
        let undo = isUndo ? "" : " · u undoes"
        show("hunt \(status.id) \(isRemoved ? "is removed" : "is live: :hunts")\(undo)", .done)
    }

    /// Says which hunts have found something since the picture before.
    mutating func announceHunts(in newer: ConsoleSnapshot) {
        guard hasSnapshot, snapshot.isRead else { return }
        for status in newer.hunts {
            guard let before = snapshot.hunts.first(where: { $0.id == status.id }),
                status.tally.hits > before.tally.hits, let hit = status.tally.last,
                milliseconds - (hunting.toldMilliseconds[status.id] ?? -HuntingState.toldEveryMilliseconds)
                    >= HuntingState.toldEveryMilliseconds
            else { continue }
            // A failure that is being read stays: the inbox tells of the hit all the same.
            if notice?.kind == .problem { return }
            hunting.toldMilliseconds[status.id] = milliseconds
            show(
                "hunt \(status.id): \(hit.principal) did it in \(Self.tenantName(hit.tenant)) · :hunts", .note
            )
        }
    }
}
