import Locks

/// Lends working memory to operations.
final class ScratchPool: Sendable {
    private let configuration: IndexConfiguration
    private let layout: CodeLayout
    private let idle = ReadWriteLock<[SearchScratch]>([])

    init(_ configuration: IndexConfiguration, layout: CodeLayout) {
        self.configuration = configuration
        self.layout = layout
    }

    func take() -> SearchScratch {
        idle.withWriting { $0.popLast() } ?? SearchScratch(configuration, layout: layout)
    }

    func giveBack(_ scratch: SearchScratch) {
        idle.withWriting { $0.append(scratch) }
    }
}
