import AnomalyDetection
import ArgumentParser
import Configuration
import VectorStores

#if canImport(Glibc)
    import Glibc
#endif

/// Who acts: the name that incidents and the activity log keep.
struct Identity: Sendable, Equatable {
    /// The name.
    var name: String
    /// Whether several people use it, so that one of them must say who they are before the first act.
    var isShared = false

    /// Finds who acts: `--as`, else `$VERDICT_USER`, else the role at the server, else the account of this machine.
    ///
    /// `root` is shared, and what the configuration names.
    static func find(
        as option: String?, environment: String?, role: String?, account: String, shared: [String]
    ) throws -> Identity {
        if let option {
            guard let name = TriageAct.personName(option) else {
                throw CommandFailure.usage("--as takes a name of 1 to 100 printable characters")
            }
            return Identity(name: name, isShared: isShared(name, shared))
        }
        let name = [environment, role].compactMap(\.self).compactMap(TriageAct.personName).first ?? account
        return Identity(name: name, isShared: isShared(name, shared))
    }

    private static func isShared(_ name: String, _ shared: [String]) -> Bool {
        name == "root" || shared.contains(name)
    }

    /// The name, for an act of a person; of a shared account one must be said.
    func person(for act: String) throws -> String {
        guard isShared else { return name }
        throw CommandFailure.usage(
            "\(act) is kept with who did it, and several people are '\(printable(name))': say who you are with "
                + "--as NAME or $VERDICT_USER")
    }
}

extension Identity {
    /// Who acts on a store; on one that is gone at the end nobody need say who they are.
    static func find(as option: String? = nil, on resolved: StoreOptionGroup.Resolved) throws -> Identity {
        var identity = try find(
            as: option, environment: EnvironmentVariables.value("VERDICT_USER"),
            role: resolved.address.userName, account: UserName.account,
            shared: resolved.settings.sharedAccounts)
        if resolved.address == .ephemeral { identity.isShared = false }
        return identity
    }
}

/// Who acts, for commands whose acts are kept with who did them.
struct IdentityOptions: ParsableArguments {
    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("Who you are, for the history of what you change.", valueName: "name"))
    var name: String?
}

/// Who sits at the terminal.
enum UserName {
    /// `$VERDICT_USER`, else ``account``.
    static var current: String { EnvironmentVariables.value("VERDICT_USER") ?? account }

    /// `$USER`, else who the system says this process is.
    static var account: String {
        if let name = EnvironmentVariables.value("USER") { return name }
        // Safe: the record is copied before anything else can ask for one.
        guard let record = unsafe getpwuid(geteuid()), let name = unsafe record.pointee.pw_name else {
            return "user \(geteuid())"
        }
        return unsafe String(cString: name)
    }
}
