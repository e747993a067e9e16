import Foundation
import Operations
import VectorStores

/// How this process follows logs into a store.
enum Following {
    /// The options of following: where it was left in the store, else from the first lines.
    static func options(
        of store: any DecisionStore, fromStart: Bool = false,
        reorderSeconds: Int64 = FollowOptions.usualReorderSeconds
    ) -> FollowOptions {
        var options = FollowOptions()
        options.keeper = PositionKeeper(
            store: store, host: ThisProcess.host, folder: FileManager.default.currentDirectoryPath,
            clock: WallClock.now)
        options.isFromStart = fromStart
        options.reorderSeconds = reorderSeconds
        options.clock = WallClock.now
        return options
    }
}
