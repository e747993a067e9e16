public import Decisions

/// A rule or a lesson, with how often it was of use.
public struct TaughtItem: Sendable, Hashable, Identifiable {
    /// What it is.
    public var subject: Subject
    /// How often it was of use.
    public var hits: TaughtHits

    /// What somebody taught.
    public enum Subject: Sendable, Hashable {
        /// What is not told.
        case rule(SuppressionRule)
        /// What a resolution teaches.
        case lesson(Lesson)
    }

    /// Creates an item.
    public init(_ subject: Subject, hits: TaughtHits = TaughtHits()) {
        self.subject = subject
        self.hits = hits
    }

    /// Its name: `R-7KQ2` of a rule, `K7F2` of a lesson.
    public var id: String {
        switch subject {
        case .rule(let rule): rule.id
        case .lesson(let lesson): lesson.id
        }
    }

    /// Who taught it.
    public var author: String {
        switch subject {
        case .rule(let rule): rule.author
        case .lesson(let lesson): lesson.author
        }
    }

    /// Why.
    public var reason: String {
        switch subject {
        case .rule(let rule): rule.reason
        case .lesson(let lesson): lesson.reason
        }
    }

    /// When it was taught, by the wall clock.
    public var created: Timestamp {
        switch subject {
        case .rule(let rule): rule.created
        case .lesson(let lesson): lesson.created
        }
    }

    /// When it stops by itself; `nil` when it does not.
    public var expires: Timestamp? {
        switch subject {
        case .rule(let rule): rule.expires
        case .lesson(let lesson): lesson.expires
        }
    }

    /// How it ended; `nil` while it has not.
    public var end: TaughtEnd? {
        switch subject {
        case .rule(let rule): rule.end
        case .lesson(let lesson): lesson.end
        }
    }

    /// The tenant; `nil` when it is about all.
    public var tenant: String? {
        switch subject {
        case .rule(let rule): rule.fields[.tenant]
        case .lesson(let lesson): lesson.tenant
        }
    }

    /// Whether it is in effect, ended by somebody or by its time.
    public enum Standing: String, Sendable, Hashable, CaseIterable {
        /// In effect.
        case active
        /// Its time is over.
        case expired
        /// Somebody took it back.
        case undone
    }

    /// Where it stands at an instant of the wall clock.
    public func standing(at now: Timestamp) -> Standing {
        if let end { return end.cause == .undone ? .undone : .expired }
        return expires.map { now >= $0 } ?? false ? .expired : .active
    }

    /// What it does, in a few words: `hides principal=svc-deploy,kind=secrets`.
    public var words: String {
        switch subject {
        case .rule(let rule): return "hides \(rule.fields)"
        case .lesson(let lesson):
            let shape = lesson.shapes.first.map { shape in
                "\(shape.principal) \(shape.actions.joined(separator: ",")) \(shape.kind) "
                    + shape.effect.rawValue
            }
            let more = lesson.shapes.count > 1 ? " and \(lesson.shapes.count - 1) more" : ""
            let what = (shape ?? "nothing") + more
            return lesson.kind == .ordinary ? "ordinary: \(what)" : "kept out: \(what)"
        }
    }
}

/// How often a rule hid something, or a lesson made it ordinary.
public struct TaughtHits: Sendable, Hashable {
    /// How many decisions.
    public var count = 0
    /// How many of them were critical.
    public var critical = 0
    /// When the newest was decided.
    public var last: Timestamp?

    /// The collection that they are kept in, by the name of rule or lesson.
    public static let collection = "taught-hits"

    /// None yet.
    public init() {}

    /// Counts one more.
    mutating func add(at time: Timestamp, isCritical: Bool) {
        count += 1
        if isCritical { critical += 1 }
        last = max(last ?? time, time)
    }

    var json: JSONValue {
        var object: JSONObject = ["count": .integer(count), "critical": .integer(critical)]
        if let last { object["last"] = .string(last.description) }
        return .object(object)
    }

    init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "hit counter")
        count = try fields.integer("count")
        critical = try fields.integer("critical")
        last = try fields["last"] == nil ? nil : fields.time("last")
    }
}
