import Decisions

/// Why a store could not do what was asked: what, where, what to do.
public struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure, for programs.
    public var code: Code
    /// One sentence for the operator; never a secret.
    public var description: String

    /// The kinds of failure.
    public enum Code: Sendable, Hashable {
        /// The address, query or request is not usable.
        case usage
        /// No entry has that identifier.
        case unknownID
        /// Several tenants have that identifier and none was named.
        case ambiguousID
        /// The store is not there.
        case missing
        /// Another process writes to the store.
        case locked
        /// This opening may not write.
        case readOnly
        /// A file is damaged or not ours; nothing was overwritten.
        case corrupt
        /// The disk refused: full, no permission, gone.
        case inputOutput
        /// A record was changed by someone else.
        case revisionConflict
        /// This build has no such store or feature.
        case unsupported
        /// The work was begun and failed; what was there before serves on.
        case failed
        /// Cancelled.
        case cancelled
    }

    /// Creates an error.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// Several tenants have an identifier and none was named.
    package static func ambiguous(id: String, tenants: [String]) -> StoreError {
        let names = tenants.map { ByteKey($0) }.sorted()
            .map { $0.text.isEmpty ? "(none)" : PrintedText.escaped($0.text) }
        return StoreError(
            .ambiguousID,
            "several tenants have the identifier \(PrintedText.escaped(id)): choose one with tenant:NAME "
                + "(\(names.joined(separator: ", ")))")
    }
}
