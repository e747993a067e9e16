/// Several hosts in one address: which of them takes writes, and which is read from.
extension PostgresServerAddress {
    private static let target = "target_session_attrs"

    /// Whether it names more than one host.
    var hasSeveralHosts: Bool {
        [self["host"], self["hostaddr"]].contains { $0?.contains(",") == true }
    }

    /// The same for whoever writes: of several hosts the one that takes writes, whichever it is by then.
    package var forWriting: PostgresServerAddress {
        guard hasSeveralHosts, self[Self.target] == nil else { return self }
        return with(Self.target, "read-write")
    }

    /// The same for whoever only reads: one of the standbys, by chance, or any host where there is none.
    ///
    /// Chance spreads the readers: libpq would take the first host that will do.
    func forReading(using generator: inout some RandomNumberGenerator) -> PostgresServerAddress {
        let names = ["host", "hostaddr", "port"]
        let lists = names.map { self[$0]?.split(separator: ",", omittingEmptySubsequences: false) ?? [] }
        let count = lists.map(\.count).max() ?? 0
        let order = (0..<count).shuffled(using: &generator)
        var shuffled = with(Self.target, "prefer-standby")
        for (name, list) in zip(names, lists) where list.count == count && count > 1 {
            shuffled = shuffled.with(name, order.map { String(list[$0]) }.joined(separator: ","))
        }
        return shuffled
    }
}
