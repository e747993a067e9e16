public import VectorIndex

extension StoreStatistics {
    /// The index in numbers.
    public struct IndexReport: Sendable, Hashable {
        /// Links per node above the ground layer (the paper's M).
        public var m: Int
        /// Breadth of construction (the paper's efConstruction).
        public var efConstruction: Int
        /// The default breadth of a search (the paper's ef).
        public var ef: Int
        /// The quantization in force: `none`, `sq8`, `sq4`, `pq4`, `pq8` or `pq16`.
        public var quantization: String
        /// The quantization that was chosen for the store; `nil` when none was.
        public var chosen: QuantizationSetting?
        /// Bytes of the code of one vector that searches walk over; 0 when the store does not tell.
        public var codeBytes = 0
        /// Bytes of the exact form of one vector, by which it is scored in the end; 0 when the store does not tell.
        public var exactBytes = 0
        /// What the centroids of the codes were trained on; `nil` when the codes name none.
        public var training: Training?
        /// The distance kernel in use: `avx512-vnni`.
        public var kernel: String
        /// Distinct vectors in the graph.
        public var nodes: Int
        /// Deleted nodes still in the graph.
        public var tombstones: Int
        /// Nodes no walk can reach.
        public var unreachable: Int
        /// Nodes that are not linked yet, which every search compares; 0 when the store does not tell.
        public var tail = 0
        /// Nodes per layer, ground layer first.
        public var layers: [Int]
        /// How many ground-layer nodes have 0, 1, 2, … links.
        public var degreeHistogram: [Int]

        /// How walks find a sample of the index's own vectors; `nil` when there are none or the store does not tell.
        public var selfSearch: SelfSearch?

        /// How walks find a sample of the index's own vectors, and what each costs.
        public struct SelfSearch: Sendable, Hashable {
            /// How many vectors were searched for.
            public var searches: Int
            /// The share of them that was found.
            public var recall: Double
            /// Vectors compared by a search, in the mean.
            public var distances: Double
            /// Nodes expanded by a search, in the mean.
            public var hops: Double

            /// Creates a measurement.
            public init(searches: Int, recall: Double, distances: Double, hops: Double) {
                self.searches = searches
                self.recall = recall
                self.distances = distances
                self.hops = hops
            }
        }

        /// How many links half the ground-layer nodes have at most; `nil` when none was counted.
        public var medianLinks: Int? {
            var left = (degreeHistogram.reduce(0, +) + 1) / 2
            guard left > 0 else { return nil }
            return degreeHistogram.firstIndex { count in
                left -= count
                return left <= 0
            }
        }

        /// What centroids were trained on.
        public struct Training: Sendable, Hashable {
            /// How many vectors.
            public var vectors: Int
            /// How many centroids the fullest part has.
            public var centroids: Int
            /// How many it could have: fewer than these are there when there was too little to train on.
            public var centroidLimit: Int

            /// Creates a training.
            public init(vectors: Int, centroids: Int, centroidLimit: Int) {
                self.vectors = vectors
                self.centroids = centroids
                self.centroidLimit = centroidLimit
            }
        }

        /// Creates a report; parameters that are not named are those of a new index.
        public init(
            m: Int = IndexConfiguration().maximumLinks,
            efConstruction: Int = IndexConfiguration().constructionBreadth,
            ef: Int = IndexConfiguration().searchBreadth, quantization: String = "none",
            kernel: String = "", nodes: Int = 0, tombstones: Int = 0, unreachable: Int = 0,
            layers: [Int] = [], degreeHistogram: [Int] = []
        ) {
            self.m = m
            self.efConstruction = efConstruction
            self.ef = ef
            self.quantization = quantization
            self.kernel = kernel
            self.nodes = nodes
            self.tombstones = tombstones
            self.unreachable = unreachable
            self.layers = layers
            self.degreeHistogram = degreeHistogram
        }
    }
}
