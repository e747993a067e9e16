import Decisions
import Testing

@testable import AnomalyDetection

@Suite struct LabelTableTests {
    private static func table(_ lines: String...) throws -> LabelTable {
        var table = try LabelTable(header: lines[0])
        for (index, line) in lines.enumerated().dropFirst() { try table.add(line, line: index + 1) }
        return table
    }

    private static func decision(_ id: String) -> Decision {
        Decision(
            id: id, time: Timestamp(seconds: 0), principal: Principal(id: "alice"),
            resource: Resource(kind: "report"), actions: ["read"], effect: .allow)
    }

    private static func problem(_ lines: String...) -> LabelTable.Problem? {
        do throws(LabelTable.Problem) {
            var table = try LabelTable(header: lines[0])
            for (index, line) in lines.enumerated().dropFirst() { try table.add(line, line: index + 1) }
            return nil
        } catch {
            return error
        }
    }

    @Test func `columns are found by their names, in any order, others passed over`() throws {
        let own = try Self.table("id,label,incident", "a,0,", "b,1,leak", "", "c,1,")
        #expect(own.count == 3)
        #expect(own.label(of: Self.decision("a")) == .benign)
        #expect(own.label(of: Self.decision("b")) == .attack(incident: "leak"))
        // An attack without a name is one of its own.
        #expect(own.label(of: Self.decision("c")) == .attack(incident: "c"))
        #expect(own.label(of: Self.decision("d")) == nil)
        let others = try Self.table(
            "eventTime,Label,eventName,incident,eventID", "2023-07-10T11:42:18Z,1,GetObject,x-1,e-1")
        #expect(others.label(of: Self.decision("e-1")) == .attack(incident: "x-1"))
        let short = try Self.table("label, id ", " true , a ", "FALSE,b")
        #expect(short.label(of: Self.decision("a")) == .attack(incident: "a"))
        #expect(short.label(of: Self.decision("b")) == .benign)
        // Where both names are there, the log's own counts.
        let both = try Self.table("eventID,id,label", "e,i,1")
        #expect(both.label(of: Self.decision("i")) != nil && both.label(of: Self.decision("e")) == nil)
    }

    @Test func `values in quotation marks hold commas, blanks and marks`() throws {
        let table = try Self.table(
            "id,label,incident", "\"a,b\",1,\"say \"\"no\"\"\"", "\" c\",0,", "d\"e,1,")
        #expect(table.label(of: Self.decision("a,b")) == .attack(incident: "say \"no\""))
        #expect(table.label(of: Self.decision(" c")) == .benign)
        #expect(table.label(of: Self.decision("d\"e")) == .attack(incident: "d\"e"))
    }

    @Test func `the label of a record is that of each decision in it`() throws {
        let table = try Self.table("id,label,incident", "call,1,leak", "call#1,0,")
        #expect(table.label(of: Self.decision("call#0/A")) == .attack(incident: "leak"))
        #expect(table.label(of: Self.decision("call#1")) == .benign)
        #expect(table.label(of: Self.decision("call")) == .attack(incident: "leak"))
        #expect(table.label(of: Self.decision("other#0")) == nil)
    }

    @Test func `what cannot be used is told with its line`() {
        #expect(Self.problem("name,label")?.description.hasPrefix("line 1: no column is named id") == true)
        #expect(Self.problem("id,truth")?.description.hasPrefix("line 1: no column is named label") == true)
        #expect(Self.problem("")?.line == 1)
        #expect(
            Self.problem("id,label", "a,1", "b")?.description
                == "line 3: has 1 columns, the first line names 2")
        #expect(Self.problem("id,label", ",1")?.description == "line 2: has no identifier")
        #expect(Self.problem("id,label", "a,maybe")?.description.contains("the label 'maybe'") == true)
        #expect(Self.problem("id,label", "a,\"1")?.reason == "a quotation does not end on it")
        #expect(Self.problem("id,label", "a,1", "a,0")?.line == 3)
        #expect(Self.problem("id,label", "a,1", "a,1") == nil)
    }

    @Test(arguments: ["plain", "a,b", "say \"no\"", " blank ", "tab\t", "é", ""])
    func `a row that is written is read as it was`(incident: String) throws {
        var event = EvaluationEvent(decision: Self.decision("x\(incident)y"), incident: "i" + incident)
        let row = try #require(LabelTable.row(of: event))
        let table = try Self.table(LabelTable.header, row)
        #expect(table.label(of: event.decision) == .attack(incident: "i" + incident))
        event.incident = nil
        let benign = try Self.table(LabelTable.header, try #require(LabelTable.row(of: event)))
        #expect(benign.label(of: event.decision) == .benign)
    }

    @Test func `no line holds a name with a line break`() {
        #expect(LabelTable.row(of: EvaluationEvent(decision: Self.decision("a\nb"))) == nil)
        #expect(LabelTable.row(of: EvaluationEvent(decision: Self.decision("a"), incident: "x\r")) == nil)
    }
}

@Suite struct LabelledLogTests {
    private static func labels(_ lines: String...) throws -> LabelTable {
        var table = try LabelTable(header: "id,label,incident")
        for (index, line) in lines.enumerated() { try table.add(line, line: index + 2) }
        return table
    }

    @Test func `decisions are joined with their labels in order of time`() throws {
        var traffic = Traffic(seed: 1)
        let log = traffic.next(4)
        let table = try Self.labels("acme-2,1,leak", "acme-3,0,", "acme-9,1,other", "acme-1,0,")
        let joined = LabelledLog(log.reversed(), labels: table)
        #expect(joined.events.map(\.decision) == log)
        #expect(joined.events.map(\.incident) == [nil, "leak", nil, nil])
        #expect(joined.attacks == 1 && joined.unlabelled == 1 && joined.unused == 1 && joined.repeated == 0)
        #expect(!joined.isOfAnotherLog)
        #expect(LabelledLog(log, labels: try Self.labels("x,1,")).isOfAnotherLog)
    }

    @Test func `what is there twice is judged once, and what only shares an identifier stays`() throws {
        var traffic = Traffic(seed: 1)
        let log = traffic.next(3)
        var other = log[1]
        other.principal.id = "mallory"
        var elsewhere = log[2]
        elsewhere.tenant = "globex"
        let joined = LabelledLog(
            log + log + [other, other, elsewhere], labels: try Self.labels("acme-2,1,leak"))
        #expect(joined.events.count == 5 && joined.repeated == 4)
        #expect(joined.events.count { $0.decision.id == "acme-2" && $0.incident == "leak" } == 2)
        #expect(joined.events.count { $0.decision.tenant == "globex" } == 1)
    }
}
