import Foundation

/// The built program, run as a person or a script runs it.
struct VerdictProcess {
    /// What a run gave.
    struct Result {
        var status: Int32
        var output: String
        var errors: String

        /// The lines of standard output.
        var lines: [String] {
            output.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
        }

        /// The JSON object that is the whole of standard output.
        func object() throws -> JSON { try JSON(parsing: output) }

        /// The JSON objects on the lines of standard output.
        func objects() throws -> [JSON] { try lines.map(JSON.init(parsing:)) }
    }

    /// The program, beside the test bundle in the build folder.
    static let executable: String = {
        let bundles = ["/proc/self/exe", CommandLine.arguments[0]]
        let candidates = bundles.map { bundle in
            URL(fileURLWithPath: bundle).resolvingSymlinksInPath().deletingLastPathComponent()
                .appendingPathComponent("verdict").path
        }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? candidates[0]
    }()

    /// Nothing of the person's own environment reaches the program.
    static let environment: [String: String] = {
        var variables = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
            "USER": "ada",
        ]
        let own = ProcessInfo.processInfo.environment
        // Under a sanitizer the program obeys what the tests do.
        for name in ["ASAN_OPTIONS", "TSAN_OPTIONS"] { variables[name] = own[name] }
        // Where coverage is measured, the program's runs count: each writes a profile of its own.
        if let profile = own["LLVM_PROFILE_FILE"] {
            let folder = (profile as NSString).deletingLastPathComponent
            variables["LLVM_PROFILE_FILE"] = folder + "/verdict-%p.profraw"
        }
        return variables
    }()

    let child: ChildProcess
    private let folder: TemporaryFolder

    /// Starts the program; its output goes to files, so that it never waits for a reader.
    init(
        _ arguments: [String], program: String = executable, input: Data = Data(), inputPath: String? = nil,
        environment: [String: String] = [:]
    ) throws {
        folder = try TemporaryFolder()
        let source = try inputPath ?? folder.write(input, to: "in")
        child = try ChildProcess(
            program, arguments, environment: Self.environment.merging(environment) { $1 },
            streams: ChildProcess.Streams(
                input: source, output: folder.path("out"), errors: folder.path("err")))
    }

    /// What the program has printed so far.
    var outputSoFar: String { (try? folder.read("out")) ?? "" }

    /// What the program has told people so far.
    var errorsSoFar: String { (try? folder.read("err")) ?? "" }

    /// How long a run may take: a sanitizer makes it several times slower.
    private static let patience = environment["ASAN_OPTIONS"] == nil ? 180.0 : 300

    /// Waits for the end of the program.
    func result(seconds: Double = patience) async throws -> Result {
        let status = try await child.wait(seconds: seconds)
        return Result(status: status, output: try folder.read("out"), errors: try folder.read("err"))
    }
}

/// Runs the program to its end.
func verdict(
    _ arguments: String..., input: String = "", environment: [String: String] = [:]
) async throws -> VerdictProcess.Result {
    try await verdict(arguments, input: Data(input.utf8), environment: environment)
}

/// Runs the program to its end.
func verdict(
    _ arguments: [String], input: Data = Data(), environment: [String: String] = [:]
) async throws -> VerdictProcess.Result {
    try await VerdictProcess(arguments, input: input, environment: environment).result()
}

/// Runs a shell command to its end; the program is `$VERDICT`.
func shell(_ command: String, environment: [String: String] = [:]) async throws -> VerdictProcess.Result {
    var variables = environment
    variables["VERDICT"] = VerdictProcess.executable
    return try await VerdictProcess(["-c", command], program: "/bin/bash", environment: variables).result()
}
