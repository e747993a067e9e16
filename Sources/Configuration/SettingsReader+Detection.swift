extension ConfigurationFile {
    /// The shares of newest scores that can be flagged.
    public static let alphaRange = 0.0001...0.5
    /// The warm-ups that can be asked for, in decisions.
    public static let warmUpRange = 100...1_000_000
    /// How often a pass or a drill can be asked for, in seconds.
    public static let intervalRange: ClosedRange<Int64> = 60...86_400
}

extension SettingsReader {
    private static let detectionKeys = ["alpha", "warm_up", "pass", "drill"]

    /// `alpha`, `warm_up`, `pass` and `drill`.
    func detection(_ value: YAMLValue) throws(ConfigurationError) -> Settings.Detection {
        var detection = Settings.Detection()
        if value.isNull { return detection }
        for entry in try entries(value, of: "`detection`") {
            switch entry.key {
            case "alpha": detection.alpha = try alpha(entry.value)
            case "warm_up": detection.warmUp = try warmUp(entry.value)
            case "pass", "drill":
                let interval = try interval(entry.value, entry.key)
                if entry.key == "pass" { detection.pass = interval } else { detection.drill = interval }
            default: throw unknown(entry, among: Self.detectionKeys)
            }
        }
        return detection
    }

    private func alpha(_ value: YAMLValue) throws(ConfigurationError) -> Double {
        let range = ConfigurationFile.alphaRange
        guard let alpha = value.number, range.contains(alpha) else {
            throw fail(
                "`alpha` must be a number from \(range.lowerBound) to \(range.upperBound)", at: value.line)
        }
        return alpha
    }

    private func warmUp(_ value: YAMLValue) throws(ConfigurationError) -> Int {
        let range = ConfigurationFile.warmUpRange
        guard let decisions = value.integer, range.contains(decisions) else {
            throw fail(
                "`warm_up` must be a number of decisions from \(range.lowerBound) to \(range.upperBound)",
                at: value.line)
        }
        return decisions
    }

    /// `off`, or an interval such as `90s`, `15m` or `2h`.
    private func interval(_ value: YAMLValue, _ key: String) throws(ConfigurationError) -> Settings.Interval {
        let text = value.text ?? ""
        if text == "off" { return .off }
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600]
        let digits = text.dropLast()
        guard let unit = text.last.flatMap({ units[$0] }), digits.count <= 6,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int64(digits), ConfigurationFile.intervalRange.contains(number * unit)
        else {
            throw fail(
                "`\(key)` must be off or an interval from 1m to 24h, such as 90s, 15m or 2h", at: value.line)
        }
        return .seconds(number * unit)
    }
}
