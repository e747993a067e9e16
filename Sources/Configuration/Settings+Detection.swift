extension Settings {
    /// How decisions are scored and the detector itself is watched; nil where nothing is said.
    public struct Detection: Sendable, Equatable {
        /// The share of newest scores that is flagged, 0.0001 to 0.5.
        public var alpha: Double?
        /// Decisions a tenant must have before its scores are judged.
        public var warmUp: Int?
        /// How often the periodic pass runs.
        public var pass: Interval?
        /// How often a drill is sent.
        public var drill: Interval?

        /// Settings that say nothing.
        public init() {}
    }

    /// How often something is done.
    public enum Interval: Sendable, Equatable {
        /// Never.
        case off
        /// Each time so many seconds have gone.
        case seconds(Int64)
    }
}
