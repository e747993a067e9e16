import Operations
import TerminalUI
import VectorStores

extension ConsoleState {
    /// Says what has ended since the picture before: what a person started never ends in silence.
    mutating func announceEnds(in newer: ConsoleSnapshot) {
        guard hasSnapshot else { return }
        for source in newer.sources {
            guard snapshot.sources.first(where: { $0.id == source.id })?.state != source.state else {
                continue
            }
            announce(source)
        }
        // What ended before the store was read is no news.
        guard snapshot.isRead else { return }
        for job in newer.jobs.reversed() {
            guard snapshot.jobs.first(where: { $0.id == job.id })?.state != job.state else { continue }
            announce(job)
        }
    }

    private mutating func announce(_ source: SourceSummary) {
        switch source.state {
        case .done:
            let known = source.duplicates == 0 ? "" : ", \(Quantity.grouped(source.duplicates)) known already"
            let leftOut = source.leftOut == 0 ? "" : ", \(Quantity.grouped(source.leftOut)) left out by rules"
            let rejects = source.rejected == 0 ? "" : ", \(Quantity.grouped(source.rejected)) rejected"
            let accepted = Quantity.grouped(source.accepted)
            show(
                "\(source.id) is read: \(accepted) accepted\(known)\(leftOut)\(rejects)",
                source.rejected == 0 ? .done : .problem)
        case .waiting: show("\(source.id) does not exist; it is read as soon as it does", .problem)
        case .failed:
            let why = source.lastReject.map { ": \($0)" } ?? "; 9 shows why"
            show("\(source.id) could not be read\(why)", .problem)
        case .silent: show("\(source.id) is silent; 8 shows since when", .problem)
        case .following, .reading: break
        }
    }

    private mutating func announce(_ job: JobSummary) {
        let what = "\(job.title)\(JobText.by(job))"
        switch job.state {
        case .done:
            let recall = job.report.map { report in
                ", recall \(Quantity.percent(report.before.recall)) → \(Quantity.percent(report.after.recall))"
            }
            show("\(what): done in \(Age.long(seconds: job.elapsedSeconds))\(recall ?? "")", .done)
        case .cancelled: show("\(what): cancelled, the old index serves", .note)
        case .failed(let sentence): show("\(what): \(sentence)", .problem)
        case .orphaned: show("\(what): nothing is heard of it any more", .problem)
        case .running, .cancelling: break
        }
    }
}
