import Decisions
import Operations
import VectorStores

extension ServerReport {
    /// What the server knows of itself, as the command prints it.
    var json: JSONObject {
        var object: JSONObject = [
            "version": .string(version), "answers": .bool(outage == nil),
            "mirror_age_seconds": .decimal(mirrorAgeSeconds, digits: 1),
            "inbox_rows": .integer(inboxRows), "inbox_seconds": inboxSeconds.map { .integer($0) } ?? .null,
            "queued": .integer(queuedEntries),
        ]
        guard let relations else { return object }
        object["tables"] = .array(relations.tables.map { .object($0.json) })
        object["indexes"] = .array(relations.indexes.map { .object($0.json) })
        object["advice"] = .strings(relations.advice)
        return object
    }

    /// The same for people: what, and its value.
    var rows: [(String, String)] {
        var rows = [("server", "PostgreSQL \(version)" + (outage == nil ? "" : ", does not answer"))]
        if inboxRows > 0 { rows.append(("  inbox", counted(inboxRows, "row") + drainText)) }
        if queuedEntries > 0 {
            rows.append(("  queue", "\(counted(queuedEntries, "decision")) for the server"))
        }
        guard let relations else { return rows }
        for table in relations.tables { rows.append(("  \(table.name)", table.text)) }
        for index in relations.indexes { rows.append(("  \(printable(index.name))", index.text)) }
        for sentence in relations.advice { rows.append(("  advice", printable(sentence))) }
        return rows
    }
}

extension ServerReport {
    private var drainText: String { inboxSeconds.map { ", in the table in about \(grouped($0)) s" } ?? "" }
}

/// A share for people; nothing where it is not known.
private func percent(_ share: Double?, _ what: String) -> String {
    share.map { ", \(fixed($0 * 100, digits: 1)) % \(what)" } ?? ""
}

/// How much larger something is than it need be, for people; nothing where it is not known.
private func looseness(_ factor: Double?) -> String {
    factor.map { ", about \(fixed($0, digits: 1)) times what it need be" } ?? ""
}

extension ServerReport.Table {
    fileprivate var json: JSONObject {
        [
            "name": .string(name), "live_rows": .integer(liveRows), "dead_rows": .integer(deadRows),
            "bytes": .integer(bytes), "index_bytes": .integer(indexBytes),
            "cache_hits": cacheHits.map { .decimal($0, digits: 4) } ?? .null,
            "last_vacuum": .time(lastVacuum), "last_analyze": .time(lastAnalyze),
            "autovacuum": .bool(isVacuumed), "bloat": bloat.map { .decimal($0, digits: 2) } ?? .null,
        ]
    }

    fileprivate var text: String {
        "\(counted(liveRows, "row")), \(grouped(deadRows)) dead, \(bytesText(bytes)) and "
            + "\(bytesText(indexBytes)) of indexes" + percent(cacheHits, "found in memory")
            + looseness(bloat) + (lastVacuum.map { ", vacuumed \($0)" } ?? ", never vacuumed")
    }
}

extension ServerReport.Index {
    fileprivate var json: JSONObject {
        [
            "name": .string(name), "table": .string(table), "method": .string(method),
            "bytes": .integer(bytes), "scans": .integer(scans),
            "cache_hits": cacheHits.map { .decimal($0, digits: 4) } ?? .null, "valid": .bool(isValid),
            "m": m.map { .integer($0) } ?? .null,
            "ef_construction": efConstruction.map { .integer($0) } ?? .null,
            "bloat": bloat.map { .decimal($0, digits: 2) } ?? .null,
        ]
    }

    fileprivate var text: String {
        let parameters = m.map { " m=\($0) ef_construction=\(efConstruction ?? 0)" } ?? ""
        return "\(method)\(parameters), \(bytesText(bytes)), \(counted(scans, "scan"))"
            + percent(cacheHits, "found in memory")
            + looseness(bloat) + (isValid ? "" : ", INVALID")
    }
}
