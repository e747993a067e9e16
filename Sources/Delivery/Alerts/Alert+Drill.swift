import AnomalyDetection
import Decisions

extension Alert {
    /// What stands before all that people read of a drill.
    static let drillMark = "DRILL, nothing happened: "

    /// The same as the alert of a drill, marked as one wherever it is read, and never joined with what happened.
    func asDrill(_ status: AlertStatus, ends: Timestamp?, context: AlertContext) -> Alert {
        var drill = self
        drill.status = status
        drill.ends = ends
        drill.labels = labels.with("alertname", Self.drillName)
        drill.groupKey = "drill/\(groupKey)"
        // The same for each drill of a tenant: the next one ends what the end of this one does not reach.
        drill.joinKey = "drill-verdict-\(incident)-\(Fingerprint.of([groupKey]))"
        drill.summary = ShortText.cut(Self.drillMark + summary, toBytes: Self.maximumSummaryBytes)
        drill.details = ShortText.cut(Self.drillMark + details, toBytes: Self.maximumDetailsBytes)
        // Neither its incident nor its decision is there to be opened.
        drill.command = context.healthCommand
        drill.decision = ""
        return drill
    }
}
