import VectorStores

/// The parameters of a rebuild as they are typed: `m=24 ef=300 quantization=sq8`.
struct RebuildParameters: Equatable {
    /// Links per node; `nil` keeps what is there.
    var m: Int?
    /// Breadth of construction; `nil` keeps what is there.
    var efConstruction: Int?
    /// The codes; `nil` keeps what is there.
    var quantization: String?

    /// What is asked of the store.
    var request: RebuildRequest {
        RebuildRequest(m: m, efConstruction: efConstruction, quantization: quantization)
    }

    /// What was typed wrong, and what can be typed.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// Keeps everything.
    init() {}

    /// Reads parameters; what is not named stays as it is.
    init(parsing text: String) throws(Problem) {
        for word in text.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw Problem(description: "\(word) is not NAME=VALUE; the names are m, ef and quantization")
            }
            switch parts[0] {
            case "m": m = try Self.number(parts[1], 4...64, "m")
            case "ef", "ef_construction": efConstruction = try Self.number(parts[1], 8...1_000, "ef")
            case "quantization", "q":
                guard QuantizationSetting(parts[1]) != nil else {
                    let known = QuantizationSetting.names.joined(separator: ", ")
                    throw Problem(description: "quantization is one of \(known)")
                }
                quantization = parts[1]
            default:
                throw Problem(
                    description: "there is no parameter \(parts[0]); the names are m, ef and quantization")
            }
        }
    }

    private static func number(
        _ text: String, _ range: ClosedRange<Int>, _ name: String
    ) throws(Problem) -> Int {
        guard let value = Int(text), range.contains(value) else {
            throw Problem(description: "\(name) is a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}
