internal import Decisions

/// What was answered about one resource.
struct CerbosOutput {
    /// The answer for each action; they come in no order, since Cerbos holds them in a map.
    var answers: [ByteKey: Answer] = [:]
    var derivedRoles: [String] = []
    var validationErrors = 0

    /// The answer for one action.
    struct Answer {
        var effect: String?
        var policy: String?
    }

    /// Takes an output, nil when it is none.
    static func read(_ reader: inout JSONReader) throws -> CerbosOutput? {
        guard try reader.enterOrSkip() else { return nil }
        var output = CerbosOutput()
        while let key = try reader.nextKey() {
            switch key {
            case "actions": output.answers = try answers(&reader)
            case "effectiveDerivedRoles": output.derivedRoles = try reader.textsOrSkip(limit: .max)
            case "validationErrors": output.validationErrors = try count(&reader)
            default: try reader.skip()
            }
        }
        return output
    }

    private static func answers(_ reader: inout JSONReader) throws -> [ByteKey: Answer] {
        guard try reader.enterOrSkip() else { return [:] }
        var answers: [ByteKey: Answer] = [:]
        while let action = try reader.nextKey() {
            answers[ByteKey(action)] = try answer(&reader)
        }
        return answers
    }

    private static func answer(_ reader: inout JSONReader) throws -> Answer? {
        guard try reader.enterOrSkip() else { return nil }
        var answer = Answer()
        while let key = try reader.nextKey() {
            switch key {
            case "effect": answer.effect = try reader.textOrSkip()
            case "policy": answer.policy = try reader.textOrSkip()?.present
            default: try reader.skip()
            }
        }
        return answer
    }

    /// Takes an array and says how many elements it has, or passes over anything else.
    private static func count(_ reader: inout JSONReader) throws -> Int {
        guard try reader.peek() == .array else {
            try reader.skip()
            return 0
        }
        var count = 0
        try reader.beginArray()
        while try reader.nextElement() {
            try reader.skip()
            count += 1
        }
        return count
    }
}
