/// A place in an event of OPA's, by a JSON pointer such as `/input/user/email`, as the log's own mask names places.
public struct OPAPlace: Sendable, Hashable {
    /// The parts of an event in which places may be: those whose form is left to callers and policies.
    enum Part: String, Sendable, Hashable, CaseIterable {
        case input
        case labels
        case result
    }

    /// The part.
    let part: Part
    /// The place in the part.
    let pointer: JSONPointer

    /// Reads a pointer (RFC 6901) that leads into `/input`, `/labels` or `/result`.
    public init(parsing text: String) throws(LogSettingError) {
        guard let pointer = JSONPointer(parsing: text) else {
            throw LogSettingError(
                "`\(text)` is no JSON pointer: it begins with a slash, and ~0 and ~1 stand for ~ and / in a name"
            )
        }
        guard let first = pointer.steps.first, let part = Part(rawValue: first) else {
            let known = Part.allCases.map { "/" + $0.rawValue }
            throw LogSettingError(
                "`\(text)` leads into none of \(known.joined(separator: ", ")); is /input\(text) meant?")
        }
        self.part = part
        self.pointer = JSONPointer(steps: Array(pointer.steps.dropFirst()))
    }
}

extension OPAPlace: ExpressibleByStringLiteral {
    /// Takes a place that is known to be one.
    public init(stringLiteral text: String) {
        do throws(LogSettingError) {
            try self.init(parsing: text)
        } catch {
            preconditionFailure(error.description)
        }
    }
}
