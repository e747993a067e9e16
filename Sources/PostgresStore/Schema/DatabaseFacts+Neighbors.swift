/// The index of neighbours that a setting of the session asks for: of vectors or of their halves.
extension NeighborIndex {
    /// Reads the word of the setting: the type that the index is of.
    init?(named name: String) {
        switch name {
        case "vector": self = .vector
        case "halfvec": self = .halfVector
        default: return nil
        }
    }

    /// The word of the setting.
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
    /// The index of neighbours that the session asks for; `nil` where it leaves that open.
    var wishedNeighbors: NeighborIndex? { NeighborIndex(named: indexSetting) }

    /// Why nothing is built: the session asks for an index that there is not; `nil` where it does not.
    var neighborObstacle: String? {
        guard !indexSetting.isEmpty, wishedNeighbors == nil else { return nil }
        return
            "\(Schema.indexSetting) is \(printed(indexSetting)): set it to vector or halfvec, or not at all"
    }

    /// An index in the form that the session asks for.
    func wanted(_ index: IndexDefinition) -> IndexDefinition {
        index == .neighbors ? wishedNeighbors?.definition ?? index : index
    }

    /// Says that what serves is not what the session asks for.
    var neighborNotices: [String] {
        guard let wish = wishedNeighbors else { return [] }
        guard storage == .vector else {
            return [
                "\(Schema.indexSetting)=\(wish.name) is of no use: embeddings are held as real[], which have no such "
                    + "index"
            ]
        }
        guard let serving = ServerIndex.all(in: self).first(where: \.isWhole),
            serving.form.operatorClass != wish.definition.operatorClass
        else { return [] }
        return [
            "index \(printed(SQL.quoted(identifier: serving.name))) is not what \(Schema.indexSetting)=\(wish.name) "
                + "asks for: run verdict rebuild with the same setting, which builds that one beside it and drops it"
        ]
    }
}
