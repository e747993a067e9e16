import DecisionLogs
import Decisions

#if canImport(Glibc)
    import Glibc
#endif

/// The real audit events that come with the program's sources.
enum SampleData {
    private static let auditLog = "sample-data/kubernetes-audit/benign.audit.jsonl.gz"
    private static let parentsSearched = 6

    /// Real Kubernetes audit events, moved so that the newest ends at a time.
    ///
    /// Empty when the program was taken out of its source tree and `$VERDICT_SAMPLE_DATA` does not
    /// say where the data is: the generated traffic then stands alone.
    static func kubernetesEvents(endingAt end: Timestamp, tenant: String) throws -> [Decision] {
        guard let path = locate() else { return [] }
        let parser = LineParser(format: .kubernetes, tenantRule: TenantRule(fallback: tenant))
        var reader = try LogReader(LogSource(path: path), parser: parser)
        var events: [Decision] = []
        while let items = reader.nextBatch() {
            for case .decision(let decision) in items.map(\.item) { events.append(decision) }
        }
        events.sort { $0.time == $1.time ? $0.id < $1.id : $0.time < $1.time }
        guard let newest = events.last?.time else { return [] }
        let shift = end.seconds - newest.seconds
        for place in events.indices {
            events[place].time = events[place].time.advanced(bySeconds: shift)
        }
        return events
    }

    private static func locate() -> String? {
        if let folder = EnvironmentVariables.value("VERDICT_SAMPLE_DATA") {
            return existing(folder + "/kubernetes-audit/benign.audit.jsonl.gz")
        }
        guard var folder = executableFolder() else { return nil }
        for _ in 0..<parentsSearched {
            if let path = existing(folder + "/" + auditLog) { return path }
            guard let slash = folder.lastIndex(of: "/"), slash != folder.startIndex else { return nil }
            folder = String(folder[..<slash])
        }
        return nil
    }

    private static func existing(_ path: String) -> String? {
        unsafe access(path, R_OK) == 0 ? path : nil
    }

    private static func executableFolder() -> String? {
        var bytes = [CChar](repeating: 0, count: 4096)
        // Safe: the array's own storage and size; readlink writes no more.
        let size = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe readlink("/proc/self/exe", $0, buffer.count) } ?? -1
        }
        guard size > 0 else { return nil }
        let path = String(decoding: bytes.prefix(size).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) }
    }
}
