public import AnomalyDetection
import Decisions
import VectorStores

extension AlertDispatcher {
    /// Takes the alert of a drill the way of every alert: read what is kept, choose who is told, build what is sent.
    ///
    /// Sent it is only to receivers that want drills, and its end follows at once, so that nothing stays open. Nothing
    /// is kept of it: neither what receivers were told nor what they may still get. A request has ten seconds, and
    /// receivers are told side by side. Where the task is cancelled meanwhile nobody else is told, and the end still
    /// goes to whoever was: it returns after that.
    public func drill(_ incident: Incident) async -> DrillAlerts {
        var alerts = DrillAlerts()
        var known = queue
        do {
            known.restore(try await store.records(in: DeliveryQueue.collection))
        } catch {
            alerts.problem = "its alert came nowhere: what receivers were told cannot be read: \(error)"
            return alerts
        }
        let now = clock()
        let shipments = known.drill(incident, at: now)
        var wanted: [Shipment] = []
        for receiver in known.receivers {
            guard let shipment = shipments.first(where: { $0.receiver.name == receiver.name }) else {
                let (sentence, isFailure) = known.obstacle(to: receiver, of: incident, at: now)
                alerts.passedOver.append(sentence)
                if isFailure, receiver.wantsDrills {
                    alerts.problem = "its alert was not sent to \(sentence)"
                }
                continue
            }
            let drill = shipment.asDrill(.firing, at: now, context: courier.context)
            let requests = drill.requests(context: courier.context, at: now)
            guard !requests.isEmpty, requests.allSatisfy({ !$0.body.isEmpty }) else {
                alerts.problem = "its alert for \(receiver.name) could not be built"
                continue
            }
            alerts.built += 1
            if receiver.wantsDrills { wanted.append(shipment) }
        }
        for failure in await send(wanted, at: now) {
            if let failure { alerts.problem = failure } else { alerts.sent += 1 }
        }
        return alerts
    }

    /// Tells receivers of a drill and of its end; gives for each why it was not told, in the order of the shipments.
    private nonisolated func send(_ shipments: [Shipment], at now: Timestamp) async -> [String?] {
        let (courier, clock) = (courier, clock)
        return await withTaskGroup(of: (place: Int, failure: String?).self) { group in
            for (place, shipment) in shipments.enumerated() {
                group.addTask {
                    var failure: DeliveryFailure?
                    if Task.isCancelled {
                        failure = DeliveryFailure(.unreachable, "the drill was given up before")
                    } else {
                        failure = await Self.carry(shipment, .firing, at: now, by: courier)
                    }
                    // Its end is told too where nobody knows whether it arrived: it must not stay open.
                    if failure?.mayHaveArrived ?? true {
                        // In a task of its own, which goes on where the drill is given up.
                        let end = await Task {
                            await Self.carry(shipment, .resolved, at: clock(), by: courier)
                        }.value
                        failure = failure ?? end
                    }
                    let name = shipment.receiver.name
                    return (
                        place: place, failure: failure.map { "its alert was not sent to \(name): \($0)" }
                    )
                }
            }
            var failures = [String?](repeating: nil, count: shipments.count)
            for await (place, failure) in group { failures[place] = failure }
            return failures
        }
    }

    /// Tells a receiver that a drill began or ended; gives why it was not told.
    private static func carry(
        _ shipment: Shipment, _ status: AlertStatus, at time: Timestamp, by courier: Courier
    ) async -> DeliveryFailure? {
        do throws(DeliveryFailure) {
            let drill = shipment.asDrill(status, at: time, context: courier.context)
            _ = try await courier.carry(drill, at: time)
            return nil
        } catch {
            return error
        }
    }
}
