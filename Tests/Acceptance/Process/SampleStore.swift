import Foundation

/// One store with some hours of office life, an intrusion and hostile names, which many tests read.
actor SampleStore {
    private static let instance = SampleStore()
    private var opening: Task<TemporaryFolder, any Error>?

    /// The store itself, to be read only.
    static func shared() async throws -> TemporaryFolder { try await instance.folder() }

    /// A copy that a test may change.
    static func copy() async throws -> TemporaryFolder {
        let original = try await shared()
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: original.path("store"), toPath: folder.path("store"))
        return folder
    }

    private func folder() async throws -> TemporaryFolder {
        if let opening { return try await opening.value }
        let task = Task {
            let folder = try TemporaryFolder()
            try await folder.ingest(
                NativeLog.routine(1050) + NativeLog.routine(40, tenant: "globex", prefix: "g")
                    + NativeLog.intrusion(5, from: 10_600))
            try await folder.ingest(files: [Fixture.path("hostile.jsonl")])
            return folder
        }
        opening = task
        return try await task.value
    }
}
