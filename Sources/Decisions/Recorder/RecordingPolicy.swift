/// Which decisions a recorder takes: a mode for all tenants, and one for each that has its own.
///
/// Whether a decision is in a share is told by its identifier alone, so that every process takes the same
/// ones, all stages of one request go together, and a smaller share is a part of a larger one.
public struct RecordingPolicy: Sendable, Hashable {
    /// The most tenants with a mode of their own.
    public static let maximumTenants = 1_000
    /// What stands for all tenants where modes are written.
    public static let everyTenant = "*"

    /// The mode of tenants that have none of their own; `nil` says nothing, and everything is recorded.
    public var others: RecordingMode?
    /// The modes of tenants that have their own.
    public private(set) var tenants: [ByteKey: RecordingMode] = [:]

    /// A policy that says nothing: everything is recorded.
    public init() {}

    /// A policy of one mode for all tenants.
    public init(_ mode: RecordingMode) {
        others = mode
    }

    /// Sets a tenant's own mode, or takes it away; false where there are too many already.
    @discardableResult
    public mutating func set(_ mode: RecordingMode?, tenant: String) -> Bool {
        let key = ByteKey(tenant)
        guard mode == nil || tenants[key] != nil || tenants.count < Self.maximumTenants else { return false }
        tenants[key] = mode
        return true
    }

    /// The mode of a tenant; `on` where nothing is said.
    public func mode(of tenant: String) -> RecordingMode {
        tenants[ByteKey(tenant)] ?? others ?? .on
    }

    /// Whether a decision is to be recorded.
    public func takes(id: String, tenant: String) -> Bool {
        takes(place: Self.place(of: id), tenant: ByteKey(tenant))
    }

    /// Whether nothing is said, neither of all tenants nor of one.
    public var isEmpty: Bool { others == nil && tenants.isEmpty }

    /// Whether every decision is recorded.
    public var takesAll: Bool {
        (others ?? .on) == .on && tenants.values.allSatisfy { $0 == .on }
    }

    /// This policy where it says something, and another one where it does not.
    ///
    /// What is said of all tenants is said of each, also of those that have their own mode in the other one.
    public func over(_ other: RecordingPolicy) -> RecordingPolicy {
        var both = others == nil ? other : self
        if others == nil { both.tenants.merge(tenants) { _, own in own } }
        return both
    }

    /// Whether a decision whose identifier has this place is to be recorded.
    func takes(place: Int, tenant: ByteKey) -> Bool {
        place < (tenants[tenant] ?? others ?? .on).perTenThousand
    }

    /// Where an identifier stands among 10,000 places, all of them equally likely.
    static func place(of id: String) -> Int {
        var hash = TokenHash()
        hash.add(id)
        return Int(hash.value.multipliedFullWidth(by: UInt64(RecordingMode.whole)).high)
    }
}

/// Why modes cannot be read: a sentence that says what is expected.
public struct RecordingPolicyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension RecordingPolicy {
    /// The most bytes of modes that are read.
    public static let maximumBytes = 64 * 1024

    /// Reads `25 %` for all tenants, or a list such as `acme=off, globex=25 %, *=on`.
    ///
    /// A tenant without a name is `=off`. One whose name has a comma cannot be written so.
    public init(parsing text: String) throws(RecordingPolicyError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw RecordingPolicyError("recording modes of more than \(Self.maximumBytes / 1024) KiB")
        }
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let equals = part.lastIndex(of: "=")
            var name = equals.map { part[..<$0] } ?? Self.everyTenant[...]
            let value = equals.map { part[part.index(after: $0)...] } ?? part
            while name.first == " " { name.removeFirst() }
            while name.last == " " { name.removeLast() }
            guard let mode = RecordingMode(String(value)) else {
                throw RecordingPolicyError("a recording mode is \(RecordingMode.spellings)")
            }
            try add(mode, tenant: String(name))
        }
    }

    /// Adds the mode of a tenant, or of all where its name is `*`; each may be named once.
    public mutating func add(_ mode: RecordingMode, tenant: String) throws(RecordingPolicyError) {
        let isKnown = tenant == Self.everyTenant ? others != nil : tenants[ByteKey(tenant)] != nil
        guard !isKnown else { throw RecordingPolicyError("a tenant has two recording modes") }
        if tenant == Self.everyTenant {
            others = mode
        } else if !set(mode, tenant: tenant) {
            throw RecordingPolicyError("more than \(Self.maximumTenants) tenants have a recording mode")
        }
    }

    /// The modes as an object: tenants in order, `*` for all.
    public var json: JSONValue {
        var object = JSONObject()
        if let others { object[Self.everyTenant] = .string(others.description) }
        for (tenant, mode) in tenants.sorted(by: { $0.key < $1.key }) {
            object[tenant.text] = .string(mode.description)
        }
        return .object(object)
    }

    /// Reads an object of modes; `nil` when it is none.
    ///
    /// What a later version writes in it is left out.
    public init?(json: JSONValue) {
        guard let object = json.object else { return nil }
        for member in object.members {
            guard let mode = member.value.text.flatMap({ RecordingMode($0) }) else { continue }
            if member.key == Self.everyTenant {
                others = mode
            } else {
                set(mode, tenant: member.key)
            }
        }
    }
}
