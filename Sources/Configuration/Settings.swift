public import Decisions
public import TerminalUI

/// What the configuration file says; nil where it says nothing.
public struct Settings: Sendable, Equatable {
    /// How much the console may change.
    public enum Access: String, Sendable, CaseIterable {
        /// Nothing.
        case view
        /// Incidents: acknowledge, note, snooze, assign.
        case triage
        /// Everything: rebuild, delete, migrate, restore.
        case operate
    }

    /// How many colours are used.
    public enum ColorChoice: String, Sendable, CaseIterable {
        /// As the terminal and the environment say.
        case auto
        /// None.
        case never
        /// The terminal's own sixteen.
        case ansi16 = "16"
        /// The xterm palette.
        case indexed256 = "256"
        /// 24 bits.
        case truecolor

        /// The depth chosen; nil leaves it to the terminal.
        public var depth: ColorDepth? {
            switch self {
            case .auto: nil
            case .never: .mono
            case .ansi16: .ansi16
            case .indexed256: .indexed256
            case .truecolor: .truecolor
            }
        }
    }

    /// The codes that searches of a store walk over.
    public enum Quantization: String, Sendable, CaseIterable {
        /// No smaller ones.
        case none
        /// 8 bits a value.
        case sq8
        /// 4 bits a value.
        case sq4
        /// 4 bits for four values.
        case pq4
        /// 8 bits for eight values.
        case pq8
        /// Twice 8 bits for sixteen values.
        case pq16
    }

    /// What tells the stories of incidents apart, beside the tenant.
    public enum IncidentField: String, Sendable, CaseIterable {
        /// Who did it.
        case principal
        /// What kind of resource it was done to.
        case kind
        /// Whether it was allowed; always in.
        case effect
    }

    /// A store with a name of its own.
    public struct NamedStore: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its address; may hold a password and is never printed.
        public let address: String
        /// How much the console may change on it.
        public let access: Access?
        /// How much is kept of it.
        public let keep: String?
        /// The least recall of its searches.
        public let recall: Double?
        /// The codes that its searches walk over.
        public let quantization: Quantization?
        /// How many of its tenants' decisions are recorded.
        public var recording: RecordingPolicy?
    }

    /// The stores, in the order of the file.
    public var stores: [NamedStore] = []
    /// The name or address of the store used when none is named.
    public var store: String?
    /// How much is kept: an age such as `30d` or a number of rows such as `2M`.
    public var keep: String?
    /// The least recall of searches, 0.5 to 0.999.
    public var recall: Double?
    /// The codes that searches walk over.
    public var quantization: Quantization?
    /// How many of each tenant's decisions are recorded.
    public var recording: RecordingPolicy?
    /// The name or file of the theme.
    public var theme: String?
    /// More directories with themes.
    public var themeDirectories: [String] = []
    /// Which glyphs are drawn.
    public var glyphs: GlyphSet?
    /// How many colours are used.
    public var color: ColorChoice?
    /// Whether the mouse is used.
    public var mouse: Bool?
    /// Whether frames are bracketed for the terminal: `auto`, `on` or `off`.
    public var synchronizedOutput: String?
    /// How long a lone Escape waits, in milliseconds.
    public var escapeDelayMilliseconds: Int?
    /// How much the console may change.
    public var access: Access?
    /// Files and directories that are followed.
    public var follow: [String] = []
    /// What tells the stories of incidents apart.
    public var incidentGrouping: Set<IncidentField>?
    /// Accounts and roles that several people use.
    public var sharedAccounts: [String] = []
    /// How logs are read.
    public var logs = Logs()
    /// How decisions are scored, and how the detector is watched.
    public var detection = Detection()
    /// Who is told of incidents; `nil` when nobody is.
    public var alerts: Alerts?

    /// Settings that say nothing.
    public init() {}

    /// The store of a name; nil when there is none.
    public func store(named name: String) -> NamedStore? {
        stores.first { $0.name == name }
    }

    /// How many of each tenant's decisions are recorded into a store; nil where nothing is said.
    public func recording(intoStore name: String) -> RecordingPolicy? {
        store(named: name)?.recording ?? recording
    }
}
