extension LogGaps {
    /// How many calls must all have a denial before that tells something.
    private static let callsThatTell = 20
    /// How many places that a mask changed are named.
    private static let placesNamed = 3

    /// What cannot be told from the decisions of a format.
    ///
    /// `hasPermissionChecks` says that questions to Verified Permissions, which are data events, are in the same logs.
    func sentences(for format: String, hasPermissionChecks: Bool) -> [String] {
        guard decisions > 0 else { return [] }
        var sentences: [String] = []
        switch format {
        case "kubernetes", "gke": sentences += levelSentences + readSentences(format)
        case "opa": sentences += maskSentences + mappingSentences
        case "cerbos":
            if calls >= Self.callsThatTell, calls == callsWithDenial {
                sentences.append(
                    "each of \(calls) calls has a deny: with ignoreAllowAll those that were allowed are not logged, "
                        + "and what is usual cannot be learned")
            }
        case "cloudtrail": sentences += trailSentences(hasPermissionChecks)
        default: break
        }
        sentences += commonSentences(format)
        if let sentence = Self.never[format] { sentences.append(sentence) }
        return sentences
    }

    /// `in 3 of 9`, or `in each of 9`.
    private func share(_ count: Int) -> String {
        count == decisions ? "in each of \(decisions)" : "in \(count) of \(decisions)"
    }

    private var levelSentences: [String] {
        var sentences: [String] = []
        if let count = levels["Metadata"] {
            sentences.append(
                "level Metadata \(share(count)): bodies are not logged, so neither what a request changed nor what an "
                    + "answer held can be told")
        }
        if let count = levels["Request"] {
            sentences.append(
                "level Request \(share(count)): answers are not logged, so neither what was handed out nor a name that "
                    + "the server gave can be told")
        }
        let withBodies = (levels["Request"] ?? 0) + (levels["RequestResponse"] ?? 0)
        if withBodies > 0 {
            sentences.append(
                "bodies are logged \(share(withBodies)) and not read, since they can hold secrets: level Metadata "
                    + "would do, and take less room")
        }
        return sentences
    }

    private func readSentences(_ format: String) -> [String] {
        var sentences: [String] = []
        if reads == 0 {
            let reason =
                format == "gke"
                ? "Data Access audit logs are off"
                : "the audit policy leaves them out, as kube-audit-admin does"
            sentences.append(
                "no get, list or watch among \(decisions): \(reason), so who looked at what cannot be told")
        }
        if format == "kubernetes", allowed > 0, explained == 0 {
            sentences.append(
                "none of \(allowed) that were allowed names a binding: the annotation authorization.k8s.io/reason is "
                    + "empty or missing")
        }
        return sentences
    }

    private var maskSentences: [String] {
        [("erased", erased), ("wrote over", masked)].compactMap { verb, places in
            guard !places.isEmpty else { return nil }
            let ordered = places.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            let named = ordered.prefix(Self.placesNamed).map { "\($0.key) \(share($0.value))" }
            let more = ordered.count > named.count ? ", and \(ordered.count - named.count) more" : ""
            return "the log's mask \(verb) " + named.joined(separator: ", ") + more
        }
    }

    private var mappingSentences: [String] {
        var sentences: [String] = []
        if conditional > 0 {
            sentences.append(
                "the result says neither yes nor no \(share(conditional)): allow or deny under logs: opa: says where "
                    + "its answer stands")
        }
        if withoutResource > 0 {
            sentences.append(
                "no resource is found \(share(withoutResource)), and the rule stands for it: kind and resource under "
                    + "logs: opa: say where it is")
        }
        if withoutPrincipal > 0 {
            sentences.append(
                "nobody is found who asked \(share(withoutPrincipal)): principal under logs: opa: says where, unless "
                    + "the mask erased it")
        }
        return sentences
    }

    private func trailSentences(_ hasPermissionChecks: Bool) -> [String] {
        var sentences: [String] = []
        if dataEvents == 0, !hasPermissionChecks {
            sentences.append(
                "no call of objects in S3, functions of Lambda or items in DynamoDB among \(decisions): where the "
                    + "trail selects no data events, who read or wrote them cannot be told")
        }
        if reads == 0 {
            sentences.append(
                "no call that only reads among \(decisions): the trail selects writes alone, so who looked at what "
                    + "cannot be told")
        }
        return sentences
    }

    private func commonSentences(_ format: String) -> [String] {
        var sentences: [String] = []
        if withoutPrincipal > 0, format != "opa" {
            sentences.append("who asked is not told \(share(withoutPrincipal))")
        }
        if withoutTenant > 0 {
            sentences.append(
                "no tenant is named \(share(withoutTenant)): --tenant NAME or --tenant-from FIELD says it")
        }
        if withAddress == 0, !Self.withoutAddress.contains(format) {
            sentences.append("no client's address among \(decisions)")
        }
        if withDuration == 0, !Self.withoutDuration.contains(format) {
            sentences.append("nothing among \(decisions) says how long it took")
        }
        return sentences
    }

    /// Formats that have no client's address, and those that have no duration, whatever is logged.
    private static let withoutAddress: Set = ["spicedb"]
    private static let withoutDuration: Set = ["cerbos", "cloudtrail", "avp", "gke", "spicedb"]

    /// What a format does not tell whatever is logged, or what is not read of it.
    private static let never = [
        "opa":
            "never told: what a drop rule or the log's rate limit left out; never read: what built-in functions "
            + "answered (nd_builtin_cache)",
        "cerbos": "never told: how long a call took; never read: attributes of principals and resources",
        "cloudtrail": "never told: which policy allowed a call, and how long it took",
        "avp": "never told: which policies decided, by what entities and context, and how long it took",
        "gke": "never told: groups, the binding that allowed a request, and how long it took",
        "openfga":
            "never told: the checks of BatchCheck and ListObjects, and most of what comes past a hundred "
            + "requests a second",
        "spicedb": "never told: the client's address, what decided, and how long it took",
    ]
}
