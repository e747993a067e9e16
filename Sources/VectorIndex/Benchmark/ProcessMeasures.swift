import Glibc

/// Monotonic seconds.
func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The process's own resident memory in bytes: RssAnon of /proc/self/status.
func anonymousMemory() -> Int {
    guard let file = unsafe fopen("/proc/self/status", "r") else { return 0 }
    defer { unsafe fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while unsafe fgets(&line, Int32(line.count), file) != nil {
        let text = unsafe line.withUnsafeBufferPointer { buffer in
            unsafe String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        guard text.hasPrefix("RssAnon:") else { continue }
        return (Int(text.split(whereSeparator: { !$0.isNumber }).first ?? "") ?? 0) * 1_024
    }
    return 0
}
