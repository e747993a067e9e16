import Operations
import VectorStores

/// What to do about a check or a source that is not as it should be.
enum Runbook {
    /// The first thing to try for a check, by its name.
    static func line(for check: HealthCheck) -> String {
        switch check.name {
        case "journal": "is the disk full or gone? what was acknowledged is safe; open the store again"
        case "snapshot":
            "free space or rights in the store's directory; the journal keeps everything meanwhile"
        case "disk": "free some space, or keep less: --keep 30d"
        case "lock": "one process writes, any number read: end the holder to write here"
        case "retention": "keep less: --keep 30d or --keep 2M"
        case "index": "rebuild it: 7, then R; the old one serves meanwhile"
        case "quantization": "7, then Q: try again, or choose other codes; searches are right meanwhile"
        case "upkeep": "it is tried again every few seconds; 9 shows what it was"
        case "server":
            "does the server run, and is there a way to it? nothing is lost; it is asked again by itself"
        case "mirror": "wait for the server, or name the primary; triggers come back with verdict migrate"
        case "inbox": "the table is slow or locked: see locks and table; nothing is lost meanwhile"
        case "rows": "correct or delete the rows that are named; others are not hindered"
        case "table": "vacuum (analyze) decision_vectors; leave autovacuum on"
        case "server index": "rebuild it: 7, then R; the old one serves meanwhile"
        case "settings": "alter system set NAME = …, then select pg_reload_conf(); some want a restart"
        case "locks": "end the transaction that is named; long ones belong on a standby"
        case let name where name.hasPrefix("source ") && check.status == .degraded:
            "the sources below say how each is doing, and what to do"
        case "drill": "does the detector's process run, and does the store answer? 9 shows what it was"
        case "pass": "it is tried again at the next run; streaming goes on meanwhile"
        case "detector": "9 shows its last problem; decisions are stored all the same"
        case let name where name.hasPrefix(RecallGuard.checkName):
            "rebuild the index: 7, then R; until then searches stay right and take longer"
        default: "9 shows what led to it"
        }
    }

    /// The first thing to try for a check of another program's table, which nobody mends from here.
    static let lineOfOtherRows = "whoever owns the table mends it on the server, as the check says"

    /// The first thing to try for a source.
    static func line(for source: SourceSummary) -> String {
        switch source.state {
        case .following where source.ahead > 0 && source.rejected == 0:
            "timedatectl here and where it is written: one of the clocks is wrong"
        case .following, .reading, .done:
            source.rejected == 0
                ? "nothing to do" : "verdict ingest --dry-run FILE shows how its lines are read"
        case .waiting: "is the path as it is meant? else nothing is to do"
        case .silent: "does the program still write there? was the file replaced or turned?"
        case .failed: "does the file exist, and may you read it? then :follow FILE"
        }
    }
}
