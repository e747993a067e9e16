public import Decisions

extension Incident {
    /// Where the triage of an incident stands: all that an act of a person changes beside the notes.
    public struct Standing: Sendable, Hashable {
        /// Its state.
        public var state: State
        /// What it turned out to be, once that is known.
        public var resolution: Resolution?
        /// Until when it waits for nobody.
        public var snooze: Snooze?
        /// Who works on it.
        public var assignee: String?

        /// Creates a standing.
        public init(
            state: State, resolution: Resolution? = nil, snooze: Snooze? = nil, assignee: String? = nil
        ) {
            self.state = state
            self.resolution = resolution
            self.snooze = snooze
            self.assignee = assignee
        }
    }

    /// Where its triage stands.
    public var standing: Standing {
        get { Standing(state: state, resolution: resolution, snooze: snooze, assignee: assignee) }
        set {
            state = newValue.state
            resolution = newValue.resolution
            snooze = newValue.snooze
            assignee = newValue.assignee
        }
    }

    /// Something a person wrote down about an incident.
    public struct Note: Sendable, Hashable {
        /// When, by the wall clock.
        public var time: Timestamp
        /// Who.
        public var who: String
        /// What; may have several lines.
        public var text: String

        /// Creates a note.
        public init(time: Timestamp, who: String, text: String) {
            self.time = time
            self.who = who
            self.text = text
        }
    }
}

extension Incident.Standing {
    /// This standing with what led from one to another changed in the same way.
    ///
    /// What neither differs in stays, so that two people who change different things both have their way.
    func changed(from before: Self, to after: Self) -> Self {
        var result = self
        if before.state != after.state { result.state = after.state }
        if before.resolution != after.resolution { result.resolution = after.resolution }
        if before.snooze != after.snooze { result.snooze = after.snooze }
        if before.assignee != after.assignee { result.assignee = after.assignee }
        return result
    }

    /// The standing as it is saved; what is not there is left out.
    var json: JSONObject {
        var object: JSONObject = ["state": .string(state.rawValue)]
        if let resolution { object["resolution"] = .string(resolution.rawValue) }
        if let snooze { object["snooze"] = snooze.json }
        if let assignee { object["assignee"] = .string(assignee) }
        return object
    }

    /// Reads a saved standing, also one from before there was more than a state.
    init(_ fields: JSONFields) throws(IncidentError) {
        self.init(
            state: try fields.choice("state", Incident.State.self),
            resolution: try fields["resolution"] == nil ? nil : fields.choice("resolution", Resolution.self),
            snooze: try fields["snooze"].map { (value) throws(IncidentError) in try Snooze(json: value) },
            assignee: try fields["assignee"] == nil ? nil : fields.text("assignee"))
    }
}

extension Incident.Note {
    /// The note as it is saved.
    var json: JSONValue {
        .object(["time": .string(time.description), "who": .string(who), "text": .string(text)])
    }

    /// Reads a saved note.
    init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "note")
        self.init(time: try fields.time("time"), who: try fields.text("who"), text: try fields.text("text"))
    }
}
