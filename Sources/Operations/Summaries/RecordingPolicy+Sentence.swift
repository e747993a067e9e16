public import Decisions

extension RecordingPolicy {
    private static let listedTenants = 5

    /// The modes in words: `acme off, globex 25 %, others on`; the first few where there are many.
    public var sentence: String {
        let listed = tenants.sorted { $0.key < $1.key }
        var parts = listed.prefix(Self.listedTenants).map { tenant, mode in
            "\(tenant.text.isEmpty ? "(none)" : tenant.text) \(mode)"
        }
        if listed.count > Self.listedTenants { parts.append("\(listed.count - Self.listedTenants) more") }
        let rest = others ?? .on
        return parts.isEmpty ? "\(rest)" : parts.joined(separator: ", ") + ", others \(rest)"
    }
}
