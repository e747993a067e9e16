import Glibc

/// Runs the same work on several threads and waits for all of them.
///
/// Plain threads: a build computes for minutes and must not occupy the cooperative pool.
enum WorkerThreads {
    private final class Job {
        let body: (Int) -> Void
        let index: Int

        init(_ body: @escaping (Int) -> Void, index: Int) {
            self.body = body
            self.index = index
        }
    }

    /// Calls `body` with 0..<count, each on its own thread, the last on this one.
    static func run(_ count: Int, _ body: (Int) -> Void) {
        guard count > 1 else { return body(0) }
        withoutActuallyEscaping(body) { body in
            var threads: [pthread_t] = []
            var refused: [Int] = []
            for index in 0..<count - 1 {
                let job = unsafe Unmanaged.passRetained(Job(body, index: index)).toOpaque()
                var thread = pthread_t()
                let status = unsafe pthread_create(
                    &thread, nil,
                    { argument in
                        if let job = unsafe argument.map({
                            unsafe Unmanaged<Job>.fromOpaque($0).takeRetainedValue()
                        }) {
                            job.body(job.index)
                        }
                        return nil
                    }, job)
                if status == 0 {
                    threads.append(thread)
                } else {
                    unsafe Unmanaged<Job>.fromOpaque(job).release()
                    refused.append(index)
                }
            }
            body(count - 1)
            // What the system had no thread for is done here.
            for index in refused { body(index) }
            for thread in threads { _ = pthread_join(thread, nil) }
        }
    }
}
