import Decisions

extension Incident {
    /// The values that a rule made from it can ask for in a field, the likeliest first; empty when it has none.
    public func suppressionValues(of field: SuppressionFields.Field) -> [String] {
        let facts = DecisionFacts(evidence.decision)
        let values: [String]
        switch field {
        case .tenant: values = [key.tenant]
        case .principal: values = [key.principal == IncidentBook.burstName ? facts.principal : key.principal]
        case .kind: values = [key.kind == IncidentBook.burstName ? facts.kind : key.kind]
        case .effect: values = [key.effect.rawValue]
        case .action: values = actions.isEmpty ? facts.actions : actions
        case .ip: values = addresses.isEmpty ? [facts.address].compactMap(\.self) : addresses
        case .resource, .scope, .policy: values = SuppressionFields.values(of: field, in: facts)
        }
        // What evidence cut is no longer what the log says.
        return values.filter { $0.utf8.count < Decision.maximumEvidenceCharacters || !$0.hasSuffix("…") }
    }

    /// Whether a rule made from it asks for a field unless somebody switches it off: what all its decisions share.
    public func isShared(_ field: SuppressionFields.Field) -> Bool {
        switch field {
        case .tenant, .effect: true
        case .principal: key.principal != IncidentBook.burstName
        case .kind: key.kind != IncidentBook.burstName
        case .action: actions.count == 1
        case .resource, .scope, .policy, .ip: false
        }
    }

    /// The rule that hides what all its decisions share.
    public var suppression: SuppressionFields {
        var fields = SuppressionFields()
        for field in SuppressionFields.Field.allCases where isShared(field) {
            fields[field] = suppressionValues(of: field).first
        }
        return fields
    }
}
