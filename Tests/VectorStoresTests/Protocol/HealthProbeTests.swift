import Decisions
import Testing
import VectorStores

/// What is told of health to whoever shows no token.
@Suite struct HealthProbeTests {
    private func check(_ name: String, _ status: HealthCheck.Status, _ seconds: Int64) -> HealthCheck {
        HealthCheck(
            name: name, status: status, since: Timestamp(seconds: seconds, fractionDigits: 0),
            detail: "\(name) tried in acme; passed over: globex, where rule R-7KQ2 hides it")
    }

    @Test func `it tells how the store is, and names neither a tenant nor anything else`() {
        let checks = [
            check("journal", .ok, 1), check("recall acme", .degraded, 300), check("drill", .degraded, 200),
            check("source /var/log/globex.log", .ok, 2),
        ]
        let probe = HealthProbe(checks)
        #expect(probe.status == .degraded && probe.since == Timestamp(seconds: 200, fractionDigits: 0))
        #expect(probe.count(.ok) == 2 && probe.count(.degraded) == 2 && probe.count(.failed) == 0)
        #expect(
            probe.json.json
                == #"{"status":"degraded","since":"1970-01-01T00:03:20Z","ok":2,"degraded":2,"failed":0}"#)
        var everything = probe.json.json + "\(probe)"
        dump(probe, to: &everything)
        for name in ["acme", "globex", "R-7KQ2", "recall", "journal", "drill", "/var"] {
            #expect(!everything.contains(name), "\(name)")
        }
    }

    @Test func `where all is well there is no since, and one failure is the status`() {
        let well = HealthProbe([check("journal", .ok, 5)])
        #expect(well.status == .ok && well.since == nil)
        #expect(well.json.json == #"{"status":"ok","ok":1,"degraded":0,"failed":0}"#)
        #expect(HealthProbe([]).status == .ok)
        let failed = HealthProbe([check("a", .degraded, 1), check("b", .failed, 9), check("c", .failed, 7)])
        #expect(failed.status == .failed && failed.since?.seconds == 7)
    }
}
