import AnomalyDetection
import Decisions
import Operations
import VectorStores

#if canImport(Glibc)
    import Glibc
#endif

/// Makes the detector of a store for this process.
enum Detection {
    private static let heartbeatPause = Duration.seconds(2)

    /// A service that is idle until started.
    static func service(
        for store: any DecisionStore, clock: @escaping @Sendable () -> Timestamp = WallClock.now
    ) -> DetectionService {
        let host = hostName()
        let holder = LeaseHolder(
            host: host, processID: Int(getpid()), session: "\(clock().seconds)-\(getpid())")
        return DetectionService(store: store, holder: holder, clock: clock) { other in
            // A process of this machine that the kernel does not know has ended.
            other.host == host && kill(pid_t(other.processID), 0) != 0 && errno == ESRCH
        }
    }

    /// Says every two seconds that this process is there, until the task is cancelled.
    static func keepAlive(_ service: DetectionService, log: EventLog? = nil) async {
        while !Task.isCancelled {
            do {
                try await service.heartbeat()
            } catch {
                log?.write(.warning, "detector", "heartbeat: \(error)")
            }
            try? await Task.sleep(for: heartbeatPause)
        }
    }

    private static func hostName() -> String {
        var bytes = [CChar](repeating: 0, count: 256)
        // Safe: the array's own storage and a size that leaves room for the terminating zero.
        let status = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe gethostname($0, buffer.count - 1) } ?? -1
        }
        guard status == 0 else { return "localhost" }
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension DetectionService {
    /// Closes and says what could not be saved, so that what is stored can be told first.
    func closed() async -> (any Error)? {
        do {
            try await close()
            return nil
        } catch {
            return error
        }
    }
}
