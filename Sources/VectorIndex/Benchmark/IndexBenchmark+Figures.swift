extension IndexBenchmark {
    /// What to measure.
    public struct Options: Sendable {
        /// The directory with base.fvecs, query.fvecs and truth.fvecs.
        public var directory: String
        /// Links per node on the upper layers.
        public var maximumLinks = 16
        /// Candidates an insert expands at least.
        public var constructionBreadth = 200
        /// Whether the vectors are inserted one by one, as into a store that only grows, instead of built at once.
        public var isInserted = false
        /// Threads that build, and that search in the second figure.
        public var threads = 2
        /// The kernels to use; nil is the fastest.
        public var kernel: KernelLevel?
        /// What the vectors are: floats, or counts times a scale; nil takes them as counts when all are.
        public var element: VectorElement?
        /// How small the codes are that searches walk over.
        public var quantization = Quantization.none
        /// Where the exact form lies while it is measured; needed with a quantization.
        public var scratchDirectory = "."
        /// How long each figure of a setting is measured, at least.
        public var secondsPerFigure = 3.0
        /// The breadths to measure.
        public var breadths = IndexBenchmark.breadths

        /// Options of defaults for a directory.
        public init(directory: String) { self.directory = directory }

        /// The configuration of an index over a data set.
        func configuration(for data: BenchmarkData) -> IndexConfiguration {
            var configuration = IndexConfiguration(dimension: data.base.dimension, element: data.element)
            configuration.maximumLinks = maximumLinks
            configuration.constructionBreadth = constructionBreadth
            configuration.kernel = kernel
            configuration.quantization = quantization
            return configuration
        }
    }

    /// The figures of one breadth.
    public struct Line: Sendable, Hashable {
        /// Vectors in the base.
        public var vectors: Int
        /// Links per node on the upper layers.
        public var maximumLinks: Int
        /// Candidates an insert expands at least.
        public var constructionBreadth: Int
        /// Candidates a search keeps.
        public var breadth: Int
        /// Distinct right answers among the first 10, over 10: the mean of all queries.
        public var recall10: Double
        /// The same when what a walk over smaller codes finds is not scored again.
        public var rawRecall10: Double
        /// Queries per second on one thread.
        public var queriesPerSecondOneThread: Double
        /// Queries per second on all threads.
        public var queriesPerSecondAllThreads: Double
        /// The median of a search on one thread, in microseconds.
        public var medianMicroseconds: Double
        /// The 99th percentile of a search on one thread, in microseconds.
        public var percentile99Microseconds: Double
        /// How long building, or inserting all, took.
        public var buildSeconds: Double
        /// How long the centroids of its smaller codes took to train, alone; 0 where there are none.
        public var trainingSeconds: Double
        /// Growth of the process's own memory by the index, in megabytes of 10^6 bytes.
        public var memoryMegabytes: Double
        /// Growth of all of the process's resident memory by the index, pages of files included, in megabytes.
        public var residentMegabytes: Double
        /// Vectors compared per query.
        public var distancesPerQuery: Double
        /// Nodes expanded per query.
        public var hopsPerQuery: Double
    }
}
