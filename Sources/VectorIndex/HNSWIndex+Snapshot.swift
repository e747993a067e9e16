import Glibc
import Locks

import struct Synchronization.Atomic

extension HNSWIndex {
    /// Writes the index to a file, whole or not at all; searches go on, inserts wait.
    ///
    /// What was appended is linked before: a file has no tail. Answers the file's checksum.
    ///
    /// With a quantization, what only rescores is from then on read from that file, which may be removed but must
    /// not be changed.
    @discardableResult
    public func writeSnapshot(to path: String) throws(IndexError) -> UInt32 {
        let writer = try SnapshotWriter(path: path)
        // From here on nothing new is left unlinked, so that linking comes to an end.
        linkedAtOnce.add(1, ordering: .relaxed)
        defer { linkedAtOnce.subtract(1, ordering: .relaxed) }
        let (failure, version) = writeLinked(to: writer)
        if let failure { throw failure }
        try writer.finish()
        if configuration.quantization != .none {
            try leaveExactForm(in: path, writer.ranges, version: version)
        }
        return writer.checksum
    }

    /// Writes the graph once nothing is left unlinked; answers why it could not, and its version.
    private func writeLinked(to writer: SnapshotWriter) -> (IndexError?, UInt64) {
        let scratch = scratches.take()
        defer { scratches.giveBack(scratch) }
        while true {
            let outcome = linkingTurn.withLock { _ -> (IndexError?, UInt64)? in
                while linkOldest(scratch) > 0 {}
                return guarded.withReadingVersioned { (graph, version) -> (IndexError?, UInt64)? in
                    // Another graph may have taken over, with what came to it before.
                    guard graph.tail.isEmpty else { return nil }
                    do throws(IndexError) {
                        try graph.write(to: writer)
                        return (nil, version)
                    } catch {
                        return (error, version)
                    }
                }
            }
            if let outcome { return outcome }
        }
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
    /// The kernel is a matter of this machine, so it is given anew. With the checksum that its writing
    /// answered, another whole file in its place is refused too.
    public convenience init(
        snapshot path: String, kernel: KernelLevel? = nil, checksum: UInt32? = nil
    ) throws(IndexError) {
        let reader = try SnapshotReader(path: path)
        if let checksum, checksum != reader.checksum {
            throw .snapshot(
                path: path, section: "header", problem: "it is another file than was written here")
        }
        self.init(graph: try Graph(reading: reader, kernel: kernel))
    }
}
