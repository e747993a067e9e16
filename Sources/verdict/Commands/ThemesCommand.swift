import ArgumentParser
import Configuration
import Decisions
import TerminalUI

/// Lists the themes and says which cannot be used.
struct ThemesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "themes", abstract: "List the themes; exit 3 when one cannot be used.")

    @Option(name: .long, help: ArgumentHelp("Look in this directory too.", valueName: "dir"))
    var dir: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        var directories: [String] = []
        if let dir {
            guard PrivateFiles.isDirectory(dir) else {
                throw CommandFailure.failed("\(printable(dir)) is no directory; name one with themes in it")
            }
            directories.append(dir)
        }
        if let base = ConfigurationFile.defaultDirectory(environment: EnvironmentVariables.value) {
            directories.append(base + "/themes")
        }
        let entries = ThemeCatalog(directories: directories).entries()
        var table = TextTable([("NAME", .left), ("VARIANT", .left), ("FILE", .left), ("PROBLEM", .left)])
        for entry in entries {
            if output.json {
                try StandardOutput.shared.write(json: [
                    "name": .string(entry.name), "file": entry.file.map { .string($0) } ?? .null,
                    "variant": entry.variant.map { .string($0.rawValue) } ?? .null,
                    "ok": .bool(entry.isUsable), "problem": entry.problem.map { .string($0) } ?? .null,
                ])
            } else {
                table.append([
                    entry.name, entry.variant?.rawValue ?? "", entry.file ?? "(built in)",
                    entry.problem ?? "",
                ])
            }
        }
        if !output.json { try StandardOutput.shared.write(table.text) }
        if entries.contains(where: { !$0.isUsable }) { throw CommandExit.someRejected }
    }
}
