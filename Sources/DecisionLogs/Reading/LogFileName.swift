/// Tells logs in a directory from what lies beside them, by their names.
enum LogFileName {
    /// Whether a file is a log by its name: `audit.jsonl`, `audit.log.1`, `audit.log-20230127.gz`.
    static func isLog(_ name: String) -> Bool {
        // The number or the time of a rotated log stands before or behind its kind.
        let log = /\.(json|jsonl|ndjson|log|audit)([._-][0-9tz:._-]*)?(\.gz)?$/
        return name.lowercased().contains(log)
    }
}
