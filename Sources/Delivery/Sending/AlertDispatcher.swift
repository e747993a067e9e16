public import AnomalyDetection
public import Decisions
public import VectorStores

/// Tells receivers of a store's incidents, in the process that holds the detector's lease.
///
/// It works beside everything else: what scores decisions waits for no receiver, a receiver for no other one, and
/// what is left open when the process ends is found in the store by the next.
public actor AlertDispatcher {
    /// What the detector says now.
    public struct Look: Sendable {
        /// Whether this process scores, and so tells.
        public var isHolder: Bool
        /// Grows with each change of an incident.
        public var generation: UInt64
        /// Every incident.
        public var incidents: [Incident]

        /// Creates a look.
        public init(isHolder: Bool, generation: UInt64, incidents: [Incident]) {
            self.isHolder = isHolder
            self.generation = generation
            self.incidents = incidents
        }

        /// What a snapshot of the detector says.
        public init(_ snapshot: DetectionSnapshot) {
            self.init(
                isHolder: snapshot.role == .detecting, generation: snapshot.generation,
                incidents: snapshot.incidents)
        }
    }

    /// Rounds between two looks at what another process keeps of the receivers.
    private static let roundsBetweenReadings = 10

    let store: any RecordStore
    let courier: Courier
    let clock: @Sendable () -> Timestamp
    private let note: @Sendable (String) -> Void
    var queue: DeliveryQueue
    private var generator: any RandomNumberGenerator & Sendable
    /// What is being sent, by receiver.
    private var sending: [String: Task<Void, Never>] = [:]
    /// Receivers that something is being claimed for or sent to.
    private var busy: Set<String> = []
    /// Whether the store's records are what the queue works with.
    private var isLoaded = false
    private var reconciled: UInt64?
    /// What was told and could not be kept yet, which the store must know before anybody else sends.
    private var unkept: [Shipment] = []
    /// Why the store's records could not be read or written; `nil` while they can.
    private var storeProblem: String?
    private var rounds = 0
    private let started: Timestamp
    private var isClosing = false

    /// Creates a dispatcher that has told nobody anything.
    ///
    /// `note` is told what went wrong, and when it is over; `generator` spreads what is tried again.
    public init(
        store: any RecordStore, receivers: [Receiver], context: AlertContext, transport: any AlertTransport,
        clock: @escaping @Sendable () -> Timestamp,
        generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        note: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.store = store
        courier = Courier(transport: transport, context: context)
        self.clock = clock
        started = clock()
        self.generator = generator
        self.note = note
        queue = DeliveryQueue(receivers: receivers, context: context)
    }

    /// Looks every second until the task is cancelled; what is being sent then has a moment to arrive.
    public func run(_ look: @escaping @Sendable () async -> Look) async {
        while !Task.isCancelled {
            await round(await look())
            try? await Task.sleep(for: .seconds(1))
        }
        await settle(within: .seconds(2))
    }

    /// Sends what is due until nothing is, or the time is over; for a process that is about to end.
    public func flush(_ look: @escaping @Sendable () async -> Look, within limit: Duration) async {
        let timer = Task {
            try? await Task.sleep(for: limit)
            if !Task.isCancelled { self.cutOff() }
        }
        isClosing = false
        repeat {
            await round(await look())
            await waitForSending()
        } while hasMoreToSend && !isClosing
        timer.cancel()
    }

    private var hasMoreToSend: Bool {
        guard isLoaded else { return false }
        var queue = queue
        return !queue.next(at: clock(), busy: busy).isEmpty
    }

    /// Begins nothing more, waits for what is being sent, and cuts off what takes longer.
    public func settle(within limit: Duration) async {
        isClosing = true
        let timer = Task {
            try? await Task.sleep(for: limit)
            if !Task.isCancelled { self.cutOff() }
        }
        await waitForSending()
        timer.cancel()
    }

    private func cutOff() {
        isClosing = true
        for task in sending.values { task.cancel() }
    }

    /// Waits until nothing is being sent.
    func waitForSending() async {
        while let task = sending.values.first { await task.value }
    }

    /// Looks once: starts what can be sent now and waits for no receiver.
    public func round(_ look: Look) async {
        rounds += 1
        guard look.isHolder else {
            isLoaded = false
            if rounds % Self.roundsBetweenReadings == 1 { await attempt { try await self.load() } }
            return
        }
        await attempt {
            try await self.keepUnkept()
            if !self.isLoaded {
                try await self.load()
                try await self.introduce(look.incidents)
                self.isLoaded = true
                self.reconciled = nil
            }
            if self.reconciled != look.generation {
                self.queue.reconcile(look.incidents)
                self.reconciled = look.generation
            }
            let gone = self.queue.forgetting(at: self.clock())
            if !gone.isEmpty { try await self.store.write(gone) }
            try await self.sendDue()
        }
    }

    /// Does something with the store; what fails is told once and begun anew in the next round.
    private func attempt(_ work: () async throws -> Void) async {
        do {
            try await work()
            storeProblem = nil
        } catch is CancellationError {
            return
        } catch {
            isLoaded = false
            let sentence = "what receivers were told cannot be kept: \(error)"
            if storeProblem != sentence { note(sentence) }
            storeProblem = sentence
        }
    }

    private func load() async throws {
        queue.restore(try await store.records(in: DeliveryQueue.collection))
    }

    private func introduce(_ incidents: [Incident]) async throws {
        let changes = queue.introduction(incidents)
        guard !changes.isEmpty else { return }
        do {
            try await store.write(changes)
        } catch let error as StoreError where error.code == .revisionConflict {
            // Somebody else did so at the same moment.
        }
        try await load()
    }

    /// Starts what can be sent now, each thing once it is claimed in the store.
    private func sendDue() async throws {
        guard isLoaded, !isClosing else { return }
        let shipments = queue.next(at: clock(), busy: busy)
        busy.formUnion(shipments.map(\.receiver.name))
        for (place, shipment) in shipments.enumerated() {
            let name = shipment.receiver.name
            do {
                if try await claim(shipment) {
                    sending[name] = Task { await self.carry(shipment) }
                } else {
                    busy.remove(name)
                }
            } catch {
                for left in shipments[place...] { busy.remove(left.receiver.name) }
                throw error
            }
        }
    }

    /// Claims a shipment; `false` when another process was quicker, whose word is then read.
    private func claim(_ shipment: Shipment) async throws -> Bool {
        guard let change = queue.claim(shipment, at: clock()) else { return false }
        do {
            try await store.write([change])
            let record = try await store.record(in: change.collection, key: change.key)
            queue.kept(shipment, revision: record?.revision ?? (change.expected ?? 0) + 1)
            return true
        } catch let error as StoreError where error.code == .revisionConflict {
            queue.unclaim(shipment)
            isLoaded = false
            return false
        } catch {
            queue.unclaim(shipment)
            throw error
        }
    }

    private func carry(_ shipment: Shipment) async {
        let name = shipment.receiver.name
        let wasFailing = queue.states[name]?.failingSince != nil
        do {
            let receipt = try await courier.carry(shipment, at: clock())
            queue.succeeded(shipment, receipt, at: clock())
            if wasFailing { note("\(name) is told of incidents again") }
        } catch {
            queue.failed(shipment, error, at: clock(), using: &generator)
            if !wasFailing { note("\(name) was not told of \(shipment.alert.incident): \(error)") }
        }
        unkept.append(shipment)
        await attempt { try await self.keepUnkept() }
        sending[name] = nil
        busy.remove(name)
        await attempt { try await self.sendDue() }
    }

    /// Keeps how shipments went.
    private func keepUnkept() async throws {
        while !unkept.isEmpty {
            let shipment = unkept.removeFirst()
            let changes = queue.outcome(of: shipment, at: clock())
            do {
                try await store.write(changes)
                let kept = changes.first { $0.key == shipment.key.recordKey }
                if let kept { queue.kept(shipment, revision: (kept.expected ?? 0) + 1) }
            } catch let error as StoreError where error.code == .revisionConflict {
                // Another process took over meanwhile: what it knows is read before anything is sent.
                isLoaded = false
            } catch {
                unkept.insert(shipment, at: 0)
                throw error
            }
        }
    }

    /// How it goes with each receiver, for Health.
    public func checks() -> [HealthCheck] {
        var checks = queue.checks(at: clock(), since: started)
        if let storeProblem {
            checks.append(
                HealthCheck(
                    name: AlertHealth.storeCheckName, status: .degraded, since: clock(), detail: storeProblem)
            )
        }
        return checks
    }
}
