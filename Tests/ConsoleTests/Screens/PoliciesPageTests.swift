import Decisions
import Operations
import TerminalUI
import Testing

@testable import Console

@Suite struct PoliciesPageTests {
    /// A console that asked for policies and got them.
    static func console(
        width: Int = 80, height: Int = 24, report: PolicyReport? = Fixture.policies
    ) -> Harness {
        var console = Harness(width: width, height: height)
        console.press(": p o l i c i e s Enter")
        if let report { console.answer(.policies(report), .policies) }
        return console
    }

    static func rows(_ console: Harness) -> [String] {
        console.picture.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func `the command asks, says so meanwhile, and can be stopped`() {
        var console = Self.console(report: nil)
        #expect(console.state.view == .search && console.state.search.page == .policies)
        #expect(console.questions.last?.0 == .policies(tenant: nil))
        #expect(console.picture.contains("comparing policies … Ctrl-c stops"))
        #expect(console.press("C-c") == [.cancel(.search), .cancel(.policies)])
        #expect(console.picture.contains("not answered; :policies asks again"))
    }

    @Test func `at 80x24 the pairs come first, with what they share, then every policy`() {
        let console = Self.console()
        let rows = Self.rows(console)
        #expect(rows.allSatisfy { $0.displayWidth <= 80 })
        #expect(rows[2].hasPrefix(" 3 policies in 171 decisions  ≈ 1 pair may be one  1 name none"))
        #expect(rows[3].contains("≈ 1.00  invoice-base 100  ~  invoice-copy 30  tenant acme"))
        #expect(rows[4].contains("they decide the same: one policy would do for both"))
        #expect(rows[5].contains("100 % of their decisions are of the same patterns"))
        #expect(console.picture.contains("POLICIES"))
        #expect(rows.contains { $0.contains("report-deny") && $0.contains("100") && $0.contains("denied") })
    }

    @Test func `a wide terminal shows both side by side`() {
        let console = Self.console(width: 160, height: 48)
        let rows = Self.rows(console)
        #expect(rows.contains { $0.contains("Decide alike") && $0.contains("Policies") })
        #expect(rows.contains { $0.contains("≈ 1.00") && $0.contains("invoice-base") })
        #expect(!console.picture.contains("POLICIES"))
    }

    @Test(arguments: [(40, 10), (60, 18), (80, 24), (120, 36), (200, 50)])
    func `every row has its width at every size, whatever a policy is called`(width: Int, height: Int) {
        var hostile = Fixture.policies
        for place in hostile.pairs.indices { hostile.pairs[place].first.policy = Fixture.hostile }
        for place in hostile.policies.indices { hostile.policies[place].policy = Fixture.hostile }
        var console = Self.console(width: width, height: height, report: hostile)
        for _ in 0..<3 {
            #expect(Self.rows(console).dropLast().allSatisfy { $0.displayWidth == width })
            #expect(!console.picture.contains("\u{1B}") && !console.picture.contains("\u{202E}"))
            console.press("Down")
        }
    }

    @Test func `it scrolls to its end and back, and Esc leads to the results`() {
        var console = Self.console(width: 60, height: 12)
        console.press("End")
        #expect(console.picture.contains("report-deny"))
        #expect(!console.picture.contains("they decide the same"))
        console.press("Home")
        #expect(console.picture.contains("they decide the same"))
        console.press("Escape")
        #expect(console.state.search.page == .results && console.state.view == .search)
        #expect(console.questions.contains { $0.1.kind == .search })
    }

    @Test func `a narrowed console asks for its tenant and says so`() {
        var console = Harness(.tenants, width: 80, height: 24)
        console.press("Enter")
        let tenant = console.state.scope
        console.press(": p o l i c i e s Enter")
        #expect(tenant != nil && console.questions.last?.0 == .policies(tenant: tenant))
        console.answer(.policies(Fixture.policies), .policies)
        #expect(Self.rows(console)[2].contains("tenant \(ConsoleState.tenantName(tenant ?? ""))"))
    }

    @Test func `without policies or decisions it says so, and a failure is told`() {
        #expect(Self.console(report: PolicyReport()).picture.contains("there are no decisions yet"))
        let none = PolicyReport(decisions: 9, withoutPolicy: 9)
        #expect(Self.console(report: none).picture.contains("no decision names its policy"))
        var console = Self.console(report: nil)
        console.answer(.failed("the store is away"), .policies)
        #expect(console.picture.contains("the store is away"))
    }
}
