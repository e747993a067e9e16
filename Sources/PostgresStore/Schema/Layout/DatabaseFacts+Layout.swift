extension DatabaseFacts {
    /// The option of `verdict migrate` that made, or is making, the layout by tenant.
    var layoutOption: String {
        let partitions = byTenant?.partitions ?? 0
        return partitions == 0 ? "--distribute" : "--partition \(partitions)"
    }

    /// What a layout by tenant left behind.
    var layoutNotices: [String] {
        guard layout.isByTenant, byTenant?.hasPlainTable == true else { return [] }
        return [
            "the table from before is left as \(Schema.plainVectors), with every row that it had then: when nothing "
                + "asks for it any more, run drop table \(Schema.plainVectors)"
        ]
    }

    /// Indexes that the table by tenant lacks, or some of its partitions.
    var tenantIndexes: [String] {
        neededTenantIndexes.map { index in
            "index \(index.name) is missing or not whole: run verdict migrate \(layoutOption), which builds it"
        }
    }

    /// What a rebuild of the index of neighbours left behind on the table by tenant when it was cut.
    var tenantLeftovers: [String] {
        // While one is under way there are two for good reason.
        if isBeingWorkedOn { return [] }
        return leftovers.map { name in
            "index \(printed(SQL.quoted(identifier: name))) was left behind by a rebuild that was cut, and every write "
                + "keeps it: run verdict rebuild, which drops it"
        }
    }

    /// What is to be built on the table by tenant, which has none of it while rows are on the way there.
    var neededTenantIndexes: [IndexDefinition] {
        let found = layout.isByTenant ? tables[Schema.vectors]?.indexes ?? [] : []
        return IndexDefinition.all.map(wanted).filter { index in
            index.isNeeded(with: storage) && !found.contains(where: index.isServed)
        }.map(\.byTenant)
    }

    /// A layout that was begun and whose rows are still in the user's table.
    var unfinishedLayout: [String] {
        guard !layout.isByTenant, byTenant != nil else { return [] }
        return [
            "rows are on the way into \(Schema.rows), and each write is done twice meanwhile: run verdict migrate "
                + "\(layoutOption), which goes on where it was, or give it up with drop function "
                + "\(LayoutScripts.copyFunction)() cascade; drop table \(Schema.rows)"
        ]
    }
}

extension IndexDefinition {
    /// The same index on the table by tenant.
    var byTenant: IndexDefinition {
        IndexDefinition(
            name: name.replacing(Schema.vectors, with: Schema.rows), table: Schema.rows, method: method,
            key: key,
            operatorClass: operatorClass, otherClasses: otherClasses, parameters: parameters,
            rowsPerSecond: rowsPerSecond)
    }

    /// The same index on one of the table's partitions.
    func on(partition: String) -> IndexDefinition {
        IndexDefinition(
            name: name.replacing(table, with: partition), table: partition, method: method, key: key,
            operatorClass: operatorClass, otherClasses: otherClasses, parameters: parameters,
            rowsPerSecond: rowsPerSecond)
    }
}
