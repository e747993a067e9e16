import Glibc
import Locks

extension HNSWIndex {
    /// Writes the index to a file, whole or not at all; searches go on, inserts wait.
    ///
    /// With a quantization, what only rescores is from then on read from that file, which may be removed but must
    /// not be changed.
    public func writeSnapshot(to path: String) throws(IndexError) {
        let writer = try SnapshotWriter(path: path)
        let (failure, version) = guarded.withReadingVersioned { (graph, version) -> (IndexError?, UInt64) in
            do throws(IndexError) {
                try graph.write(to: writer)
                return (nil, version)
            } catch {
                return (error, version)
            }
        }
        if let failure { throw failure }
        try writer.finish()
        guard configuration.quantization != .none else { return }
        try leaveExactForm(in: path, writer.ranges, version: version)
    }

    /// Maps what only rescores from a file, if nothing was written since; the graph is kept from changing
    /// meanwhile.
    private func leaveExactForm(
        in path: String, _ ranges: [SnapshotSection: Range<Int>], version: UInt64
    ) throws(IndexError) {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .file(path: path, action: "opened", code: errno) }
        defer { close(file) }
        let failure = guarded.withReadingVersioned { (graph, current) -> IndexError? in
            guard current == version else { return nil }
            do throws(IndexError) {
                try graph.arena.leave(
                    in: file, ranges, path: path, quantization: graph.presentQuantization)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Opens an index from a file; a damaged or foreign one is refused with the section named.
    ///
    /// The kernel is a matter of this machine, so it is given anew.
    public convenience init(snapshot path: String, kernel: KernelLevel? = nil) throws(IndexError) {
        let reader = try SnapshotReader(path: path)
        self.init(graph: try Graph(reading: reader, kernel: kernel))
    }
}
