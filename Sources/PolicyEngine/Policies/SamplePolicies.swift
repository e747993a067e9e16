// Made by scripts/embed-policies from sample-data/policies.yaml; edit that file instead.

/// The policies of the sample companies as they stand in `sample-data/policies.yaml`.
public enum SamplePolicies {
    /// The text, in YAML.
    public static let yaml = #"""
        # The policies of the sample companies. Within one scope a denying rule overrides every allowing
        # one; the most specific scope with a rule that holds decides; without any rule the answer is deny.
        version: 1

        derived_roles:
          - name: owner
            parents: [employee]
            when: resource.attr.owner == principal.id
          - name: approver
            parents: [finance-clerk]
            when: resource.attr.amount <= principal.attr.limit

        policies:
          - name: documents
            kinds: document
            rules:
              - allow: read
                roles: [employee, frontend, indexer]
              - allow: [write, share]
                roles: owner

          - name: invoices
            kinds: [invoice, payment]
            rules:
              - allow: [read, create]
                roles: [finance-clerk, billing]
              - allow: read
                roles: auditor
              - allow: approve
                roles: approver

          - name: invoices-eu
            kinds: invoice
            scope: eu.finance
            rules:
              - deny: approve
                roles: finance-clerk
                when: weekday >= 6

          - name: payroll
            kinds: payroll
            rules:
              - allow: [read, update]
                roles: payroll-clerk
                when: principal.attr.department == "hr"
              - deny: export
                roles: "*"

          - name: employees
            kinds: employee
            rules:
              - allow: read
                roles: [payroll-clerk, analyst]

          - name: customers
            kinds: customer
            rules:
              - allow: read
                roles: [sales-rep, support-agent, frontend, billing, indexer]
              - allow: update
                roles: [sales-rep, support-agent]
                when: principal.attr.department in ["sales", "support"]
              # Analysts may take customers out for their reports. Nobody needed all of them until now.
              - allow: [read, export]
                roles: analyst

          - name: quotes
            kinds: quote
            rules:
              - allow: [read, create]
                roles: sales-rep

          - name: tickets
            kinds: ticket
            rules:
              - allow: read
                roles: [support-agent, indexer, notifier]
              - allow: [comment, close]
                roles: support-agent

          - name: sessions
            kinds: session
            rules:
              - allow: verify
                roles: frontend

          - name: storage
            kinds: object
            rules:
              - allow: get
                roles: [analyst, frontend]
              - allow: put
                roles: [reporter, backup]

          - name: artifacts
            kinds: artifact
            rules:
              - allow: get
                roles: [engineer, deployer, builder]
              - allow: put
                roles: builder

          - name: repositories
            kinds: repository
            rules:
              - allow: read
                roles: [engineer, builder, analyst]
              - allow: push
                roles: engineer

          - name: deployments
            kinds: deployment
            rules:
              - allow: get
                roles: [engineer, sre, deployer]
              - allow: create
                roles: [engineer, deployer]
              - allow: rollback
                roles: sre

          - name: platform
            kinds: [configmap, feature-flag, metric]
            rules:
              - allow: [get, read]
                roles: [engineer, sre, deployer]
              - allow: [update, toggle]
                roles: sre

          - name: secrets
            kinds: secrets
            rules:
              - allow: [get, rotate]
                roles: vault
              # Wider than any deployment needs: a stolen deploy key reads everything.
              - allow: [get, list]
                roles: [deployer, sre]
              - deny: [get, list, rotate]
                roles: "*"
                when: not (principal.attr.department in ["platform", "engineering"])

          - name: queues
            kinds: queue
            rules:
              - allow: publish
                roles: billing
              - allow: consume
                roles: notifier
              - allow: purge
                roles: sre

          - name: data
            kinds: [dataset, report]
            rules:
              - allow: [query, read, run]
                roles: [analyst, reporter]
              - allow: [read, run]
                roles: [finance-clerk, auditor]

          - name: databases
            kinds: database
            rules:
              - allow: dump
                roles: backup
              - allow: dump
                roles: sre
                when: hour < 6 or hour >= 22

          - name: audit
            kinds: audit-log
            rules:
              - allow: read
                roles: [auditor, sre]
              - deny: [delete, update]
                roles: "*"

        """#
}
