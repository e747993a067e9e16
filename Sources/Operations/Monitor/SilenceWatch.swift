import AnomalyDetection
import Decisions

/// Which sources fell silent and which are heard again, from one look at the board to the next.
///
/// What is due stays so until it was told.
struct SilenceWatch {
    private struct Silence {
        var signal: Signal
        /// What had come from the source by then: it is heard when that grows, not when it merely can be read again.
        var heard: Int
    }

    /// The machine, since the same path on another one is another source.
    private let host: String
    private var silent: [String: Silence] = [:]
    /// Sources that gave something in this process.
    private var heard: Set<String> = []
    private var pending: [String: Signal] = [:]

    init(host: String) {
        self.host = host
    }

    /// What is to be told, by source.
    var due: [(source: String, signal: Signal)] {
        pending.sorted { $0.key < $1.key }.map { (source: $0.key, signal: $0.value) }
    }

    /// Says that a signal was told.
    mutating func told(_ signal: Signal, of source: String) {
        if pending[source] == signal { pending[source] = nil }
    }

    /// Looks at the sources.
    mutating func look(at sources: [SourceSummary], now: Timestamp) {
        for source in sources { look(at: source, now: now) }
    }

    private mutating func look(at source: SourceSummary, now: Timestamp) {
        if let silence = silent[source.id] {
            guard source.heard > silence.heard else { return }
            silent[source.id] = nil
            var signal = silence.signal
            signal.ended = now
            pending[source.id] = signal
        } else if source.state == .silent {
            let signal = Signal(
                kind: .silentSource, subject: name(of: source), raised: now,
                why: Self.words(of: source, now: now))
            silent[source.id] = Silence(signal: signal, heard: source.heard)
            pending[source.id] = signal
        } else if source.state == .following, source.heard > 0, !heard.contains(source.id) {
            // It may have fallen silent while another process followed it.
            pending[source.id] = Signal(
                kind: .silentSource, subject: name(of: source), raised: nil, ended: now)
        }
        if source.heard > 0 { heard.insert(source.id) }
    }

    private func name(of source: SourceSummary) -> String { "\(host):\(source.id)" }

    private static func words(of source: SourceSummary, now: Timestamp) -> [String] {
        var words: [String] = []
        if let last = source.lastHeard {
            let usual =
                source.longestGapSeconds > 0
                ? "usually at most \(duration(source.longestGapSeconds)) apart" : "longer than usual"
            words.append("nothing came for \(duration(now.seconds - last.seconds)), \(usual)")
        } else {
            words.append("nothing came since it is followed")
        }
        if let event = source.lastEvent { words.append("its newest decision is of \(event)") }
        words.append("nobody watches what it would tell: look whether it is still written, and where")
        return words
    }

    private static func duration(_ seconds: Int64) -> String {
        switch max(0, seconds) {
        case ..<120: "\(max(0, seconds)) s"
        case ..<7_200: "\(seconds / 60) min"
        default: "\(seconds / 3_600) h"
        }
    }
}

extension SourceSummary {
    /// How many decisions came, also those that rules left out.
    var heard: Int { accepted + leftOut }
}
