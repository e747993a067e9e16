public import Decisions

extension Incident {
    /// One thing a person did to an incident.
    public struct TriageEntry: Sendable, Hashable {
        /// When, by the wall clock.
        public var time: Timestamp
        /// Who.
        public var who: String
        /// What.
        public var act: TriageAct.Kind
        /// Where triage stood before.
        public var before: Standing
        /// Where it stood after.
        public var after: Standing
        /// The note that was written, or taken away by an undo.
        public var note: Note?
        /// When that was done which this takes back; `nil` unless it is an undo.
        public var undoes: Timestamp?

        /// Creates an entry.
        public init(
            time: Timestamp, who: String, act: TriageAct.Kind, before: Standing, after: Standing,
            note: Note? = nil, undoes: Timestamp? = nil
        ) {
            self.time = time
            self.who = who
            self.act = act
            self.before = before
            self.after = after
            self.note = note
            self.undoes = undoes
        }

        /// Creates an entry of a change of state alone.
        public init(time: Timestamp, who: String, from: State, to: State) {
            self.init(
                time: time, who: who, act: .change, before: Standing(state: from), after: Standing(state: to))
        }

        /// The state before.
        public var from: State { before.state }
        /// The state after.
        public var to: State { after.state }

        /// The inverse: where an incident stands once this is taken back.
        ///
        /// What it changed is as it was before, as far as nobody changed it since; all else stays.
        public func takenBack(from standing: Standing) -> Standing {
            var result = standing
            if before.state != after.state, standing.state == after.state { result.state = before.state }
            if before.resolution != after.resolution, standing.resolution == after.resolution {
                result.resolution = before.resolution
            }
            if before.snooze != after.snooze, standing.snooze == after.snooze {
                result.snooze = before.snooze
            }
            if before.assignee != after.assignee, standing.assignee == after.assignee {
                result.assignee = before.assignee
            }
            return result
        }
    }
}

extension Incident.TriageEntry {
    /// The entry as it is saved; the states alone are what older versions read.
    public var json: JSONValue {
        var object: JSONObject = [
            "time": .string(time.description), "who": .string(who), "from": .string(from.rawValue),
            "to": .string(to.rawValue), "act": .string(act.rawValue),
            "before": .object(before.json), "after": .object(after.json),
        ]
        if let note { object["note"] = note.json }
        if let undoes { object["undoes"] = .string(undoes.description) }
        return .object(object)
    }

    /// Reads a saved entry, also one of an older version.
    public init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "triage entry")
        self.init(
            time: try fields.time("time"), who: try fields.text("who"),
            from: try fields.choice("from", Incident.State.self),
            to: try fields.choice("to", Incident.State.self))
        guard fields["act"] != nil else { return }
        act = try fields.choice("act", TriageAct.Kind.self)
        before = try Incident.Standing(try JSONFields(fields["before"], name: "triage entry"))
        after = try Incident.Standing(try JSONFields(fields["after"], name: "triage entry"))
        note = try fields["note"].map { (value) throws(IncidentError) in try Incident.Note(json: value) }
        undoes = try fields["undoes"] == nil ? nil : fields.time("undoes")
    }
}
