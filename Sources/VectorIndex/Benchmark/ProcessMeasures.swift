import Glibc

/// Monotonic seconds.
func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The process's resident memory in bytes: its own, and that of files (RssAnon and RssFile of /proc/self/status).
func residentMemory() -> (anonymous: Int, files: Int) {
    guard let file = unsafe fopen("/proc/self/status", "r") else { return (0, 0) }
    defer { unsafe fclose(file) }
    var memory = (anonymous: 0, files: 0)
    var line = [CChar](repeating: 0, count: 256)
    while unsafe fgets(&line, Int32(line.count), file) != nil {
        let text = unsafe line.withUnsafeBufferPointer { buffer in
            unsafe String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        let bytes = (Int(text.split(whereSeparator: { !$0.isNumber }).first ?? "") ?? 0) * 1_024
        if text.hasPrefix("RssAnon:") { memory.anonymous = bytes }
        if text.hasPrefix("RssFile:") { memory.files = bytes }
    }
    return memory
}
