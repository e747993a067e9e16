/// The index of neighbours that an address asks for: of vectors or of their halves.
extension NeighborIndex {
    /// Reads the word of an address: the type that the index is of.
    init?(named name: String) {
        switch name {
        case "vector": self = .vector
        case "halfvec": self = .halfVector
        default: return nil
        }
    }

    /// The word of an address.
    var name: String { self == .vector ? "vector" : "halfvec" }

    /// How it is made, on the user's table; the other form serves as well where that is there.
    var definition: IndexDefinition {
        switch self {
        case .vector: return .neighbors
        case .halfVector:
            var halves = IndexDefinition.halfNeighbors
            halves.otherForms = [.neighbors]
            return halves
        }
    }
}

extension DatabaseFacts {
    /// An index in the form that the address asks for.
    func wanted(_ index: IndexDefinition) -> IndexDefinition {
        index == .neighbors ? wishedNeighbors?.definition ?? index : index
    }

    /// Says that what serves is not what the address asks for.
    var neighborNotices: [String] {
        guard let wish = wishedNeighbors else { return [] }
        guard storage == .vector else {
            return [
                "index=\(wish.name) is of no use: embeddings are held as real[], which have no such index"
            ]
        }
        guard let serving = ServerIndex.all(in: self).first(where: \.isWhole),
            serving.form.operatorClass != wish.definition.operatorClass
        else { return [] }
        return [
            "index \(printed(SQL.quoted(identifier: serving.name))) is not what index=\(wish.name) asks for: run "
                + "verdict rebuild with the same address, which builds that one beside it and drops it"
        ]
    }
}
