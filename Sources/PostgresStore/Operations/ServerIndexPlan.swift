import VectorStores

/// What there is, and what is to become of it.
struct ServerIndexPlan: Sendable {
    let layout: TableLayout
    /// The index that is to be built anew; `nil` where there is none.
    let old: ServerIndex?
    /// Indexes of another form than the session asks for, which are dropped when its own serves.
    let replaced: [ServerIndex]
    /// The partitions; empty where the table has none.
    let parts: [IndexedPart]
    /// What the index is of, on the table of all rows.
    let form: IndexDefinition

    /// Judges a database.
    init(_ facts: DatabaseFacts, old: ServerIndex?, parts: [IndexedPart]) {
        layout = facts.layout
        self.old = old
        self.parts = parts
        replaced = ServerIndex.unwished(facts)
        let form = old?.form ?? facts.wishedNeighbors?.definition ?? .neighbors
        self.form = facts.layout.isByTenant ? form.byTenant : form
    }

    /// What the index is called in the end.
    var name: String { old?.name ?? form.name }

    /// Whether what is there can be built anew as it is.
    ///
    /// An index over partitions that is not whole stays so, however whole its parts are made: another one takes its
    /// place then.
    var isRepeatable: Bool {
        guard let old else { return false }
        return parts.isEmpty || old.isWhole && parts.allSatisfy { $0.index != nil }
    }

    /// Why no new index can be made; `nil` where one can.
    ///
    /// A partition's name is part of the statements, and of the names by which what a cut one leaves behind is known:
    /// one that somebody else gave may be anything.
    var refusal: String? {
        guard let foreign = parts.first(where: { !$0.isMadeHere }) else { return nil }
        return
            "\(layout.table) has a partition \(printed(SQL.quoted(identifier: foreign.table))) that verdict migrate "
            + "did not make: its index is only built anew as it is, or made by hand"
    }

    /// The tables that get an index of their own, one after the other.
    var tables: [String] { parts.isEmpty ? [layout.table] : parts.map(\.table) }

    /// The indexes that are built anew as they are.
    var repeated: [String] { parts.isEmpty ? [name] : parts.compactMap(\.index) }

    /// The index that is built on one of ``tables``, by the name that it has until it takes the old one's place.
    func new(on table: String, _ parameters: IndexParameters) -> IndexDefinition {
        let definition = parts.isEmpty ? form : form.on(partition: table)
        return definition.with(parameters, name: LeftoverIndexes.newName(of: table))
    }

    /// What the indexes of all partitions are put into, by the name that it has until then.
    func frame(_ parameters: IndexParameters) -> IndexDefinition {
        form.with(parameters, name: LeftoverIndexes.newName(of: layout.table))
    }

    /// What a partition's index is called in the end.
    func name(on part: IndexedPart) -> String { part.index ?? form.on(partition: part.table).name }

    /// The statements that give the new index the old one's name, and its parts theirs.
    var renames: String {
        var names: [(from: String, to: String)] = []
        if let old { names.append((old.name, LeftoverIndexes.oldName(of: layout.table))) }
        for part in parts {
            if let index = part.index { names.append((index, LeftoverIndexes.oldName(of: part.table))) }
        }
        names.append((LeftoverIndexes.newName(of: layout.table), name))
        for part in parts { names.append((LeftoverIndexes.newName(of: part.table), name(on: part))) }
        return names.map { pair in
            "alter index \(SQL.quoted(identifier: pair.from)) rename to \(SQL.quoted(identifier: pair.to))"
        }.joined(separator: "; ")
    }

    /// Where a partition is among all: the larger it is, the more of the way it takes.
    func place(of number: Int) -> PartPlace? {
        if parts.isEmpty { return nil }
        // A table without rows takes its time too.
        let weights = parts.map { Double($0.bytes) + 65_536 }
        let total = weights.reduce(0, +)
        return PartPlace(
            number: number + 1, count: parts.count, before: weights[..<number].reduce(0, +) / total,
            share: weights[number] / total)
    }
}

/// Which partition of how many is being built, and where it is on the whole way.
struct PartPlace: Sendable, Hashable {
    /// Its number, from 1.
    var number: Int
    var count: Int
    /// The share of the whole way that those before it take, 0 to 1.
    var before: Double
    /// The share that it takes itself.
    var share: Double

    /// How far the whole is when this partition is so far.
    func whole(_ progress: RebuildProgress) -> RebuildProgress {
        var whole = progress
        whole.fraction = min(1, before + share * progress.fraction)
        whole.detail = "partition \(number) of \(count): \(progress.detail)"
        return whole
    }
}
