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

    /// The same for whoever only reads: each host by itself, in an order made by chance.
    ///
    /// Chance spreads the readers. Where the hosts are not told here, but by a service or the environment, libpq takes
    /// the first standby of them.
    func forReading(using generator: inout some RandomNumberGenerator) -> [PostgresServerAddress] {
        let names = ["host", "hostaddr", "port"]
        let lists = names.map { self[$0]?.split(separator: ",", omittingEmptySubsequences: false) ?? [] }
        let count = lists.map(\.count).max() ?? 0
        guard count > 1, lists.allSatisfy({ $0.count <= 1 || $0.count == count }) else {
            return [with(Self.target, "prefer-standby")]
        }
        return (0..<count).shuffled(using: &generator).map { place in
            var host = with(Self.target, "any")
            for (name, list) in zip(names, lists) where list.count == count {
                host = host.with(name, String(list[place]))
            }
            return host
        }
    }
}
