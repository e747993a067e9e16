import Configuration
import Decisions
import Operations
import VectorStores

/// What this process is told of recording by its environment and its configuration, and where to read that again.
struct RecordingSource: Sendable {
    /// The variable that comes before the configuration.
    static let variable = "VERDICT_RECORDING"
    private static let lookPause = Duration.seconds(1)
    /// What Health calls the keeping of modes where it fails.
    private static let task = "recording"

    private let environment: RecordingPolicy
    private let configurationFile: String?
    private let storeName: String
    /// What the configuration said when it was read last; `nil` where it says nothing of recording.
    private(set) var configured: RecordingPolicy?

    /// Reads the environment; `settings` are those of the configuration file that was named.
    init(_ settings: Settings, file: String?, storeName: String) throws {
        do {
            let text = EnvironmentVariables.value(Self.variable)
            environment = try text.map { try RecordingPolicy(parsing: $0) } ?? RecordingPolicy()
        } catch {
            throw CommandFailure.usage("$\(Self.variable): \(error)")
        }
        configurationFile = file
        self.storeName = storeName
        configured = settings.recording(intoStore: storeName)
    }

    /// What holds for this process unless the store says otherwise: the environment, then the configuration.
    var own: RecordingPolicy { environment.over(configured ?? RecordingPolicy()) }

    /// Keeps what the configuration says in the store, where it says something and this process may write it; tried
    /// until that is done or the task is cancelled.
    func publish(by keeper: RecordingKeeper, board: UpkeepBoard) async {
        guard let configured else { return }
        var isDone = false
        while !isDone, !Task.isCancelled {
            await board.attempt(Self.task) {
                try await keeper.publish(configured)
                isDone = true
            }
            if !isDone { try? await Task.sleep(for: Self.lookPause) }
        }
    }

    /// Keeps in the store what the configuration says, also when it is written anew, until the task is cancelled:
    /// for a command that reads logs.
    func keepUp(_ keeper: RecordingKeeper, board: UpkeepBoard, tell: @Sendable (String) -> Void) async {
        var source = self
        var watch = ConfigurationWatch(configurationFile)
        var unpublished = configured
        while !Task.isCancelled {
            if let modes = unpublished {
                await board.attempt(Self.task) {
                    try await keeper.publish(modes)
                    unpublished = nil
                }
            }
            try? await Task.sleep(for: Self.lookPause)
            guard watch.hasChanged() else { continue }
            do {
                if try source.readAgain(for: keeper) { unpublished = source.configured ?? RecordingPolicy() }
                tell(Self.sentence(keeper))
            } catch {
                tell("the configuration stays as it was: \(describe(error))")
            }
        }
    }

    /// Reads the configuration again, gives it to a keeper and, where that is allowed, to the store; says what came
    /// of it.
    mutating func reload(into keeper: RecordingKeeper, publishing: Bool) async throws -> String {
        let isOther = try readAgain(for: keeper)
        if isOther, publishing { try await keeper.publish(configured ?? RecordingPolicy()) }
        return Self.sentence(keeper)
    }

    /// Reads the configuration again and says whether it says something else now.
    private mutating func readAgain(for keeper: RecordingKeeper) throws -> Bool {
        let before = configured
        configured = try ConfigurationFiles.load(configurationFile).recording(intoStore: storeName)
        keeper.takeUp(own: own)
        return configured != before
    }

    private static func sentence(_ keeper: RecordingKeeper) -> String {
        "the configuration was read: recording is \(keeper.policy.sentence); other keys count from the next start"
    }
}
