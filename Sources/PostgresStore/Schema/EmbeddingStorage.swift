/// How a database holds embeddings: what the scripts of a migration differ by.
package enum EmbeddingStorage: String, Sendable, Hashable, CaseIterable {
    /// pgvector's type, which has an index of its own.
    case vector
    /// An array of floats, where there is no pgvector: searches are answered by the mirror, or by comparing every row.
    case array = "real[]"

    /// The column as it is declared, without its name.
    var declaration: String {
        switch self {
        case .vector: "vector(\(Schema.dimension)) not null"
        // What vector(384) would refuse, an array must be told to.
        case .array:
            "real[] not null check (cardinality(embedding) = \(Schema.dimension) "
                + "and array_position(embedding, null) is null)"
        }
    }
}

/// A version of an extension: numbers with points between them.
package struct ExtensionVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    private let numbers: [Int]
    package let description: String

    /// The oldest pgvector that is used: it has iterative scans.
    package static let oldest = ExtensionVersion("0.8.0")
    /// The oldest pgvector without known damage to an index.
    package static let advised = ExtensionVersion("0.8.6")

    /// Reads a version; what is no number counts as 0.
    package init(_ text: String) {
        description = text
        numbers = text.split(separator: ".").map { part in Int(part.prefix { $0.isASCII && $0.isNumber }) ?? 0
        }
    }

    package static func < (left: ExtensionVersion, right: ExtensionVersion) -> Bool {
        let length = max(left.numbers.count, right.numbers.count)
        for position in 0..<length {
            let (one, other) = (left.number(position), right.number(position))
            if one != other { return one < other }
        }
        return false
    }

    private func number(_ position: Int) -> Int { numbers.indices.contains(position) ? numbers[position] : 0 }
}
