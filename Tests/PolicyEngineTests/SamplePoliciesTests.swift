import Foundation
import PolicyEngine
import Testing

@Suite struct SamplePoliciesTests {
    @Test func `the policies compiled in are those of the sample data`() throws {
        let file = try String(contentsOf: sampleData("policies.yaml"), encoding: .utf8)
        #expect(SamplePolicies.yaml == file, "run scripts/embed-policies")
    }

    @Test func `the sample policies are read whole`() throws {
        let policies = try samplePolicies()
        #expect(policies.policies.count == 19)
        #expect(policies.derivedRoles.map(\.name) == ["owner", "approver"])
    }
}
