extension Settings {
    /// How logs are read, as it is written; what reads logs says what the words mean.
    public struct Logs: Sendable, Equatable {
        /// The file that says it, for messages.
        public var file = ""
        /// Where events of Open Policy Agent have their fields, in the order of the file.
        public var opa: [WrittenMapping] = []
        /// What becomes of decisions, in the order of the file.
        public var rules: [Words] = []

        /// Settings that say nothing.
        public init() {}
    }

    /// Text, and the line on which it stands.
    public struct Words: Sendable, Equatable {
        /// The text.
        public let text: String
        /// The line, from 1.
        public let line: Int

        /// Text on a line.
        public init(_ text: String, line: Int) {
            self.text = text
            self.line = line
        }
    }

    /// Where events of a rule have their fields.
    public struct WrittenMapping: Sendable, Equatable {
        /// The rule, with a star at its end those that begin alike; nil for every rule.
        public var path: String?
        /// The places of each field that is named, in the order of the file.
        public var places: [WrittenPlaces] = []

        /// A mapping that names no place.
        public init() {}
    }

    /// The places of one field.
    public struct WrittenPlaces: Sendable, Equatable {
        /// The field.
        public let field: MappedField
        /// JSON pointers into an event; the first that leads to something counts.
        public let pointers: [Words]
    }

    /// What a mapping can name places of.
    public enum MappedField: String, Sendable, CaseIterable {
        /// The tenant.
        case tenant
        /// Who asked.
        case principal
        /// The roles of who asked.
        case roles
        /// The kind of what was asked about.
        case kind
        /// What was asked about.
        case resource
        /// Where that lives.
        case scope
        /// What was to be done.
        case actions
        /// The path of an HTTP request.
        case requestPath = "request_path"
        /// The client's address.
        case ip
        /// The client's user agent.
        case agent
        /// The answer.
        case allow
        /// The reasons to deny.
        case deny
    }
}
