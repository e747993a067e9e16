import Operations
import TerminalUI
import VectorStores

/// What can be typed after `:`.
enum ConsoleCommand {
    /// The commands, what follows them, and what they do.
    static let all: [(name: String, usage: String, help: String)] = [
        ("open", "open FILE", "read a log into the store"),
        ("follow", "follow FILE", "read a log and what is added to it"),
        ("demo", "demo", "sample data and live traffic"),
        ("tenant", "tenant NAME", "narrow the console to one tenant; without a name, all"),
        ("search", "search QUERY", "decisions that match a query"),
        ("policies", "policies", "policies that decide alike"),
        ("hunts", "hunts", "the live hunts and what they found"),
        ("taught", "taught", "rules and lessons"),
        ("rehearse", "rehearse", "what another alpha would have flagged"),
        ("rebuild", "rebuild [m=N] [ef=N] [quantization=Q]", "build the index anew"),
        ("recall", "recall 0.98", "the least recall of searches; off for none"),
        ("recording", "recording TENANT off|25 %|on|default", "how much of a tenant is recorded; * all"),
        ("reload", "reload", "read the configuration again"),
        ("connect", "connect STORE", "leave for another store: its name or address"),
        ("quit", "quit", "leave"),
    ]

    /// The first word that the text begins, completed; tenants complete after `tenant`.
    static func completion(of text: String, in state: ConsoleState) -> String? {
        for word in ["tenant ", "recording "] where text.hasPrefix(word) {
            let part = text.dropFirst(word.count)
            return state.snapshot.tenants.first { $0.id.hasPrefix(part) && !$0.id.isEmpty }
                .map { word + $0.id }
        }
        if text.hasPrefix("connect ") {
            let part = text.dropFirst(8)
            return state.storeNames.first { $0.hasPrefix(part) }.map { "connect " + $0 }
        }
        guard !text.isEmpty, !text.contains(" ") else { return nil }
        let words = all.map(\.name) + ConsoleView.allCases.map(\.rawValue)
        guard let word = words.first(where: { $0.hasPrefix(text) }) else { return nil }
        return all.contains { $0.name == word && $0.usage != word } ? word + " " : word
    }
}

extension ConsoleState {
    /// Runs a typed command.
    mutating func execute(_ text: String) -> [ConsoleRequest] {
        let trimmed = text.drop { $0 == " " }
        let word = String(trimmed.prefix { $0 != " " })
        var rest = String(trimmed.dropFirst(word.count).drop { $0 == " " })
        while rest.last == " " { rest.removeLast() }
        switch word {
        case "": return []
        case "q", "quit": return runningJob == nil ? [.quit] : perform(.quit)
        case "open", "follow":
            if let reason = whyNotOperate { return refuse("\(word): \(reason)") }
            guard !rest.isEmpty else { return refuse("\(word): which file? type :\(word) FILE") }
            show("reading \(rest)", .note)
            return [ask(.openLog(path: rest, follow: word == "follow"), .ingest)]
        case "demo":
            if let reason = whyNotOperate { return refuse("demo: \(reason)") }
            return startDemo()
        case "tenant":
            guard !rest.isEmpty else { return setScope(nil) }
            let tenant = rest == "(none)" ? "" : rest
            guard snapshot.tenants.contains(where: { $0.id == tenant }) else {
                return refuse("tenant: there is no tenant \(rest)")
            }
            return setScope(tenant)
        case "search":
            view = .search
            returnView = nil
            search.like = nil
            search.page = .results
            search.editor.replace(with: rest)
            return submitQuery()
        case "policies": return showPolicies()
        case "hunts": return showHunts()
        case "taught": return showTaught()
        case "rehearse": return showRehearsal()
        case "connect": return connect(to: rest)
        case "rebuild": return executeRebuild(rest)
        case "recall": return executeRecall(rest)
        case "recording": return executeRecording(rest)
        case "reload": return [ask(.reload(by: person), .settings)]
        default:
            if let view = ConsoleView(rawValue: word.lowercased()) { return show(view) }
            return refuse("there is no command \(word): try ? for what can be done")
        }
    }

    /// Leaves for another store; nothing is waited for, least of all a server that is away.
    private mutating func connect(to store: String) -> [ConsoleRequest] {
        guard !store.isEmpty else {
            let known = storeNames.isEmpty ? "" : "; known are " + storeNames.joined(separator: ", ")
            return refuse("connect: to which store? type :connect and a name or an address\(known)")
        }
        if let job = runningJob { return refuse("connect: \(job.title) runs here; cancel it first") }
        if !storeNames.contains(store) {
            do throws(StoreError) {
                _ = try StoreAddress(parsing: store)
            } catch {
                return refuse("connect: \(error.description)")
            }
        }
        return [.connect(to: store)]
    }

    mutating func refuse(_ sentence: String) -> [ConsoleRequest] {
        show(sentence, .problem)
        return []
    }
}
