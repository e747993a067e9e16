#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What this process costs: resident memory and processor time, from the kernel.
public struct ProcessMeter: Sendable {
    private var lastProcessorSeconds = 0.0
    private var lastTime: ContinuousClock.Instant?

    /// Creates a meter.
    public init() {}

    /// Bytes of memory resident now; `nil` where the kernel does not tell.
    public static func residentBytes() -> Int? {
        field("VmRSS:").map { $0 * 1024 }
    }

    /// Bytes of anonymous memory resident now; `nil` where the kernel does not tell.
    public static func residentAnonymousBytes() -> Int? {
        field("RssAnon:").map { $0 * 1024 }
    }

    /// How many threads this process has now; `nil` where the kernel does not tell.
    public static func threads() -> Int? {
        field("Threads:")
    }

    /// Share of one core used since the last call; `nil` on the first.
    public mutating func processorShare(now: ContinuousClock.Instant = ContinuousClock().now) -> Double? {
        let used = Self.processorSeconds()
        defer {
            lastProcessorSeconds = used
            lastTime = now
        }
        guard let lastTime else { return nil }
        let elapsed = now - lastTime
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        return seconds > 0 ? (used - lastProcessorSeconds) / seconds : nil
    }

    /// Seconds of processor time that all threads of this process used so far.
    public static func processorSeconds() -> Double {
        var time = timespec()
        // Safe: the kernel fills the struct that is passed by reference.
        guard unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func field(_ name: String) -> Int? {
        guard let text = readStatus() else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            return words.count > 1 ? Int(words[1]) : nil
        }
        return nil
    }

    private static func readStatus() -> String? {
        let descriptor = unsafe open("/proc/self/status", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        // Safe: read is given the array's own storage and size.
        let size = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        guard size > 0 else { return nil }
        return String(decoding: bytes[..<size], as: UTF8.self)
    }
}
