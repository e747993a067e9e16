/// A time by which something has to be done.
package typealias Deadline = ContinuousClock.Instant

extension Deadline {
    /// Milliseconds until then, rounded up; 0 when it is past.
    var remainingMilliseconds: Int {
        let (seconds, attoseconds) = (self - .now).components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        // A day is for ever here, and fits where libc counts milliseconds in 32 bits.
        guard seconds < 86_400 else { return 86_400_000 }
        return Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
