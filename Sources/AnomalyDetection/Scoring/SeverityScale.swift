public import Decisions

/// How bad an anomaly is: how strange, whether it was allowed, whether it touches something sensitive.
///
/// A denied probe is less bad than the same thing allowed.
public struct SeverityScale: Sendable, Hashable {
    /// Words that make a kind or an action sensitive, in lower case and the singular.
    public var sensitiveWords: Set<String>
    /// Scores from here on are very strange.
    public var strongScore: Double

    /// The words that are sensitive unless configured otherwise.
    public static let defaultSensitiveWords: Set<String> = [
        "secret", "exec", "attach", "portforward", "rolebinding", "clusterrolebinding", "role", "clusterrole",
        "iam", "kms", "sts", "audit", "trail", "cloudtrail", "guardduty", "impersonate", "token",
        "tokenreview", "serviceaccount", "key", "credential", "password", "certificate",
        "certificatesigningrequest", "mutatingwebhookconfiguration", "validatingwebhookconfiguration",
        "policy", "permission", "payroll", "salary", "export", "backup", "snapshot", "vault", "escalate",
        "bind",
    ]

    /// Creates a scale.
    public init(
        sensitiveWords: Set<String> = SeverityScale.defaultSensitiveWords, strongScore: Double = 0.975
    ) {
        self.sensitiveWords = sensitiveWords
        self.strongScore = strongScore
    }

    /// The severity of an anomaly with a score.
    ///
    /// Of a new principal everything is strange, so that says less.
    public func severity(
        of decision: Decision, score: Double, isNewPrincipal: Bool = false
    ) -> Incident.Severity {
        var points = 0
        if isSensitive(decision) { points += 2 }
        if decision.effect != .deny { points += 1 }
        if score >= strongScore { points += 1 }
        if isNewPrincipal { points -= 1 }
        switch points {
        case ..<2: return .low
        case 2: return .medium
        case 3: return .high
        default: return .critical
        }
    }

    /// Whether a decision's kind or one of its actions has a sensitive word.
    public func isSensitive(_ decision: Decision) -> Bool {
        hasSensitiveWord(decision.resource.kind) || decision.actions.contains(where: hasSensitiveWord)
    }

    /// Whether a name has a sensitive word: `core/secrets`, `iam:CreateAccessKey`.
    func hasSensitiveWord(_ name: String) -> Bool {
        Self.words(of: name).contains { word in
            sensitiveWords.contains(word)
                || (word.hasSuffix("ies") && sensitiveWords.contains(word.dropLast(3) + "y"))
                || (word.hasSuffix("s") && sensitiveWords.contains(String(word.dropLast())))
        }
    }

    /// The words of a name in lower case: split at what is no letter or digit, and where a capital
    /// follows a small letter.
    static func words(of name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var previousIsSmall = false
        for scalar in name.unicodeScalars.prefix(Reasons.maximumNameCharacters) {
            let isCapital = scalar.properties.isUppercase
            let isWordPart = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            if !isWordPart || (isCapital && previousIsSmall), !word.isEmpty {
                words.append(word.lowercased())
                word = ""
            }
            if isWordPart { word.unicodeScalars.append(scalar) }
            previousIsSmall = scalar.properties.isLowercase
        }
        if !word.isEmpty { words.append(word.lowercased()) }
        return words
    }
}
