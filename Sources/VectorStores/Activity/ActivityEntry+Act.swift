import Decisions

extension ActivityEntry {
    /// What was done to what, to follow the name of whoever did it: `acknowledged incident K7F2`.
    ///
    /// An act that has no words here, as one of a newer version, stands as it was told.
    var deed: String {
        let subject = event.subject
        let isTaught = Self.isTaught(subject)
        return switch event.act {
        case "acknowledge": "acknowledged \(subject)"
        case "resolve": "resolved \(subject)"
        case "reopen": "reopened \(subject)"
        case "snooze": "snoozed \(subject)"
        case "wake": "woke \(subject)"
        case "assign": "assigned \(subject)"
        case "note": "wrote a note on \(subject)"
        case "undo": "took back an act on \(subject)"
        case "change": "changed \(subject)"
        case "hunt": "began the \(subject)"
        case "hunt-remove": "ended the \(subject)"
        case "hunt-restore": "brought back the \(subject)"
        case "suppress": "made the \(subject)"
        case "teach": "taught the \(subject)"
        case "withdraw" where isTaught: "took back the \(subject)"
        case "restore" where isTaught: "brought back the \(subject)"
        case "expire" where isTaught: "ended the \(subject), whose time was over"
        case "rebuild" where subject.hasPrefix("rebuild"):
            "rebuilt the index\(subject.dropFirst("rebuild".count))"
        case "delete": "deleted \(subject)"
        case "delete failed": "could not delete \(subject)"
        case "import": "imported \(subject)"
        case "migrate": "migrated the \(subject)"
        case "recall": "set the recall of \(subject)"
        case "recording": "set the recording of \(subject)"
        case "reload": "read \(subject) again"
        default: "\(event.act) \(subject)"
        }
    }

    /// What else is told of a hunt, a rule or a lesson; `nil` where what differs is.
    ///
    /// Of a hunt the subject says all that a person asks. What was taken back or brought back is told by what it does,
    /// and how often it did.
    var particulars: [String]? {
        switch event.act {
        case "hunt":
            guard let incident = event.after.object?["incident"]?.text else { return [] }
            return ["made of incident \(incident)"]
        case "hunt-remove", "hunt-restore": return []
        case "teach", "withdraw", "restore", "expire":
            guard Self.isTaught(event.subject) else { return nil }
            let told = event.before.object ?? event.after.object
            guard let what = told?["what"]?.text else { return nil }
            let hits = told?["hits"]?.number.flatMap { Int(exactly: $0) } ?? 0
            return [what] + (hits > 0 ? [PrintedNumber.counted(hits, "hit")] : [])
        default: return nil
        }
    }

    private static func isTaught(_ subject: String) -> Bool {
        subject.hasPrefix("rule ") || subject.hasPrefix("lesson ")
    }
}
