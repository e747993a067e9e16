import AnomalyDetection
import Configuration
import Decisions
import Delivery
import VectorStores

/// Who is told of a store's incidents by this process.
struct AlertPlan: Sendable {
    /// Who can be told.
    var receivers: [Receiver] = []
    /// What alerts say of the store.
    var context: AlertContext
    /// Who cannot be told from here, and why.
    var problems: [Problem] = []

    /// A receiver that cannot be told.
    struct Problem: Sendable {
        var receiver: String
        var sentence: String
    }

    /// Degraded checks for who cannot be told.
    func checks(at now: Timestamp) -> [HealthCheck] {
        problems.map {
            HealthCheck(
                name: "alerts \($0.receiver)", status: .degraded, since: now, detail: printable($0.sentence))
        }
    }
}

/// Puts what the configuration says of alerts to work.
enum Alerting {
    /// How long a command that ends waits for receivers, and when Ctrl-C was pressed.
    private static let patience = Duration.seconds(10)
    private static let shortPatience = Duration.seconds(2)

    /// Who is to be told of a store's incidents; `nil` when the configuration names nobody.
    ///
    /// Not inlined: the optimizer of Swift 6.3.1 breaks on some typed errors inside async functions.
    @inline(never)
    static func plan(_ resolved: StoreOptionGroup.Resolved) -> AlertPlan? {
        guard let alerts = resolved.settings.alerts, !alerts.receivers.isEmpty else { return nil }
        var plan = AlertPlan(context: AlertContext(store: resolved.name, runbook: alerts.runbook ?? ""))
        for named in alerts.receivers {
            do throws(ReceiverProblem) {
                plan.receivers.append(try receiver(named))
            } catch {
                plan.problems.append(AlertPlan.Problem(receiver: named.name, sentence: error.sentence))
            }
        }
        return plan
    }

    private static let pagerDuty = "https://events.pagerduty.com/v2/enqueue"

    /// The receiver that the configuration describes, with its secret from where that is kept.
    private static func receiver(_ named: Settings.AlertReceiver) throws(ReceiverProblem) -> Receiver {
        func problem(_ sentence: String) -> ReceiverProblem {
            ReceiverProblem(sentence: "receiver \(named.name) cannot be told: \(sentence)")
        }
        guard let kind = Receiver.Kind(rawValue: named.kind.rawValue) else {
            throw problem("its kind is not known here")
        }
        var (text, secret) = (pagerDuty, String?.none)
        do throws(ReceiverProblem) {
            if let source = named.address { text = try SecretSource.value(of: source) }
            if let source = named.secret { secret = try SecretSource.value(of: source) }
        } catch {
            throw problem(error.sentence)
        }
        guard let address = ReceiverAddress(text) else {
            throw problem(
                "its address must be https://HOST/PATH or http://HOST:PORT/PATH, without a user in it")
        }
        let carriesSecret = kind == .pagerduty || kind == .slack || kind == .alertmanager && secret != nil
        guard address.scheme == "https" || address.isLoopback || !carriesSecret else {
            throw problem("its secret would cross the network readable: use https")
        }
        var receiver = Receiver(name: named.name, kind: kind, address: address)
        receiver.secret = secret.map { Secret($0) }
        receiver.user = named.user
        receiver.minimumSeverity = Incident.Severity(rawValue: named.severity.rawValue) ?? .low
        receiver.tenants = named.tenants
        if let rate = named.rate.flatMap({ RateLimit(parsing: $0) }) { receiver.rate = rate }
        receiver.attributes = Set(named.attributes.compactMap { AlertAttribute(rawValue: $0.rawValue) })
        receiver.wantsDrills = named.drills
        return receiver
    }

    /// What tells the receivers of a plan; what goes wrong is noted.
    static func dispatcher(
        _ plan: AlertPlan, of store: any DecisionStore, note: @escaping @Sendable (String) -> Void
    ) -> AlertDispatcher {
        for problem in plan.problems { note(problem.sentence) }
        return AlertDispatcher(
            store: store, receivers: plan.receivers, context: plan.context, transport: transport(),
            clock: WallClock.now, note: note)
    }

    /// What reaches receivers, by the proxy and with the certificates that the environment names.
    static func transport() -> CurlTransport {
        CurlTransport(
            proxy: ProxySettings(environment: EnvironmentVariables.value),
            certificates: EnvironmentVariables.value("SSL_CERT_FILE"))
    }

    /// What a detector says now.
    static func look(at detection: DetectionService) -> @Sendable () async -> AlertDispatcher.Look {
        { AlertDispatcher.Look(await detection.snapshot()) }
    }

    /// Tells what is due before a command ends; the rest is left to whoever scores next.
    static func finish(_ dispatcher: AlertDispatcher, _ detection: DetectionService) async {
        await dispatcher.flush(
            look(at: detection), within: Interruption.isRequested ? shortPatience : patience)
    }
}

/// Why a receiver cannot be told from here.
struct ReceiverProblem: Error {
    var sentence: String
}
