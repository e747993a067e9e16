import Testing

@testable import Configuration

@Suite struct DetectionSettingsTests {
    private func problem(_ text: String) -> String {
        do throws(ConfigurationError) {
            _ = try ConfigurationFile.parse(text, file: "config.yaml")
            return "none"
        } catch {
            return error.description
        }
    }

    @Test func `what is said of detection is read as it is written`() throws {
        let detection = try ConfigurationFile.parse(
            """
            detection:
              alpha: 0.01
              warm_up: 2000
              pass: 5m
              drill: off
            """, file: "config.yaml"
        ).detection
        #expect(detection.alpha == 0.01 && detection.warmUp == 2_000)
        #expect(detection.pass == .seconds(300) && detection.drill == .off)
        #expect(try ConfigurationFile.parse("detection:\n", file: "f").detection == Settings.Detection())
        #expect(try ConfigurationFile.parse("store: x\n", file: "f").detection == Settings.Detection())
        let long = try ConfigurationFile.parse("detection: {pass: 24h, drill: 90s}", file: "f").detection
        #expect(long.pass == .seconds(86_400) && long.drill == .seconds(90))
    }

    @Test(arguments: ["0", "0.6", "-1", "high", "nan", "1e-9"])
    func `an alpha that flags nothing or everything is refused`(text: String) {
        #expect(
            problem("detection:\n  alpha: \(text)")
                == "config.yaml:2: `alpha` must be a number from 0.0001 to 0.5")
    }

    @Test(arguments: ["99", "1000001", "1e3", "-5", "many"])
    func `a warm-up out of range is refused`(text: String) {
        #expect(
            problem("detection:\n  warm_up: \(text)")
                == "config.yaml:2: `warm_up` must be a number of decisions from 100 to 1000000")
    }

    @Test(arguments: ["59s", "25h", "15", "m", "1d", "-5m", "on", "99999999999999999999h", "1.5h", ""])
    func `an interval out of range is refused`(text: String) {
        #expect(
            problem("detection:\n  drill: \(text)")
                == "config.yaml:2: `drill` must be off or an interval from 1m to 24h, such as 90s, 15m or 2h")
    }

    @Test func `a misspelt key names the nearest`() {
        #expect(problem("detection:\n  warmup: 5").contains("did you mean `warm_up`?"))
        #expect(problem("detection: fast").contains("`detection` must consist of keys and values"))
    }
}
