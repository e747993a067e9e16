import Glibc

/// Everything that shapes an index; the defaults suit embedded decisions.
public struct IndexConfiguration: Sendable, Hashable {
    /// How many dimensions every vector has: 1 to 4,096.
    public var dimension: Int = 384
    /// What kind of vectors the index holds.
    public var element: VectorElement = .counts
    /// How similarity is measured.
    public var metric: Metric = .cosine
    /// Links per node on the upper layers (M in the paper): 4 to 64.
    ///
    /// On the ground layer there is room for three times as many, with product codes for a half more, or a quarter.
    public var maximumLinks: Int = 16
    /// How many candidates an insert's search expands at least (efConstruction in the paper): 8 to 2,000.
    ///
    /// Above 128,000 nodes inserts expand more, up to 100, and what links many nodes at once up to 200; of very many
    /// floats the latter expands fewer, from all over what it met.
    public var constructionBreadth: Int = 64
    /// How many candidates a search of up to 100,000 nodes expands unless it says otherwise (ef in the paper): 1 to
    /// 10,000.
    public var searchBreadth: Int = 80
    /// How small the codes are that searches walk over; made when the index is built or rebuilt.
    public var quantization: Quantization = .none
    /// Seeds the layer of each node: the same vectors and seed give the same layers.
    public var seed: UInt64 = 0x5EED
    /// The distance kernels to use; nil is the fastest of this processor.
    public var kernel: KernelLevel?

    /// A configuration of defaults.
    public init() {}

    /// A configuration of defaults with another dimension, element or metric.
    public init(dimension: Int, element: VectorElement = .counts, metric: Metric = .cosine) {
        self.dimension = dimension
        self.element = element
        self.metric = metric
    }

    /// Links per node on the ground layer; fewer where codes are so small that memory goes to links, most so beside
    /// floats, whose nodes carry more.
    var groundLinks: Int {
        guard quantization.isTrained else { return maximumLinks * 3 }
        return element == .counts ? maximumLinks * 3 / 2 : maximumLinks * 5 / 4
    }

    /// How the links of a node are looked for.
    struct LinkSearch: Equatable {
        /// How many candidates its walks expand.
        var breadth: Int
        /// Up to how many of the nearest; the rest of the breadth is taken from all that was met.
        var nearest: Int
        /// How many candidates links are chosen among: as many as are expanded, or more.
        ///
        /// A walk scores some ten times as many nodes as it expands; those it would drop cost nothing more, and the
        /// links to them lead out of crowds.
        var kept: Int
    }

    /// How a build of so many nodes looks for links.
    ///
    /// Measured on 100,000 decisions with a construction breadth of 200 and four times as many kept: recall 0.99 is
    /// reached at breadth 48 instead of 128, with 100 at 64.
    func buildSearch(nodes: Int) -> LinkSearch {
        let breadth = buildBreadth(nodes: nodes)
        return LinkSearch(
            breadth: breadth, nearest: nearestBreadth(nodes: nodes), kept: max(breadth, min(4 * breadth, 512))
        )
    }

    /// How an insert into a graph of so many nodes looks for links: as wide as configured, wider in larger graphs, and
    /// among half as many as a build, since choosing is half of its time.
    ///
    /// Without more kept than expanded, graphs that are only inserted into lose the ways out of their crowds.
    /// Measured on a million embedded decisions of 40 tenants in a month, inserted in the order of time: with 64
    /// expanded and half as many kept, recall at breadth 211 is 0.898; with 100 and 256 from the first on 0.953, and
    /// as it is here, where small graphs take less, as many. Up to 100,000 nodes it is less, and least for floats,
    /// which take longer to choose among, so that hardly one insert in a hundred takes 0.1 ms beside a search that
    /// never rests.
    func insertSearch(nodes: Int) -> LinkSearch {
        let breadth = max(constructionBreadth, leastBreadth(nodes: nodes))
        let least = element == .floats ? breadth : min(2 * breadth, max(breadth, 512))
        let grown = min(256, (nodes - 100_000) / 400)
        // How novel a vector is comes from the nearest, of which none may be missed.
        let nearest = max(constructionBreadth, nearestBreadth(nodes: nodes))
        return LinkSearch(breadth: breadth, nearest: nearest, kept: max(least, grown))
    }

    /// What the walks for links expand in a graph of so many nodes whatever is configured.
    private func leastBreadth(nodes: Int) -> Int { min(100, nodes / 2_000) }

    /// How many full lists of a layer an insert into a graph of so many nodes chooses anew, the nearest neighbours'.
    ///
    /// Each takes tens of microseconds under the write lock, and one insert in ten meets three or more. In the others
    /// the farthest link gives way, which may be the one that leads out of a crowd: with all but one of them changed
    /// so, a million inserted decisions were found with recall 0.898 at breadth 211, with none 0.918.
    func listsChosenAnew(nodes: Int) -> Int {
        max(element == .floats ? 1 : 2, min(4, nodes / 50_000))
    }

    /// How many candidates the walks of a build of so many nodes expand: as configured, but one for each 2,000 nodes at
    /// least, up to 100, and one for each 3,500, up to 200; of what is more than the nearest of very many floats half.
    ///
    /// A larger graph has more ways to go wrong. Measured on a million generated decisions with a construction breadth
    /// of 64, recall 0.95 was reached at breadth 320; with 200 at 160, for twice the time. Where walks over floats take
    /// nodes from all over what they met, half of what is beyond the nearest is enough: a million decisions as floats
    /// are linked in 84 s instead of 97, and at breadth 24 recall is 0.960 instead of 0.955.
    func buildBreadth(nodes: Int) -> Int {
        let breadth = max(constructionBreadth, leastBreadth(nodes: nodes), min(200, nodes / 3_500))
        guard element == .floats else { return breadth }
        let nearest = min(breadth, nearestBreadth(nodes: nodes))
        return nearest + (breadth - nearest) / 2
    }

    /// Up to how many of the nearest a walk over so many nodes expands; what is left of its breadth it takes from all
    /// that it has met.
    ///
    /// The larger the graph, the larger the crowds that a walk by nearness alone spends itself on. Measured on a
    /// million decisions as floats with 48 of them: at breadth 400 recall is 0.990 instead of 0.984 and at 128
    /// 0.985 instead of 0.980, for a third more comparisons; on 100,000 there is nothing to gain, so there they
    /// are 270. Of counts it depends on how they crowd: a million embedded decisions of 12 tenants in a week are
    /// found with recall 0.951 at breadth 192 instead of 0.919, as fast; of those of 40 tenants in a month 0.969
    /// instead of 0.972 at 256. Smaller codes of counts tell too little of what is far: with pq16 0.932 instead
    /// of 0.951 are found at 400.
    func nearestBreadth(nodes: Int) -> Int {
        guard element == .floats || quantization == .none else { return .max }
        return max(32, Int(48 * pow(1_000_000 / Double(max(1, nodes)), 0.75)))
    }

    /// How many candidates a search of a graph of so many nodes expands unless it says otherwise.
    ///
    /// Above 100,000 nodes with a little more than the root of their number: 242 of a million embedded decisions of
    /// 40 tenants in a month, 747,000 of them distinct. Measured of vectors held out of all hours, where all were only
    /// inserted, in the order of time: 0.953 of the nearest at that breadth, 0.964 at 400. Product codes tell
    /// near-copies apart badly, of which the more there are the more nodes there are: of a million with pq16 0.951
    /// takes a breadth of 400.
    package func searchBreadth(nodes: Int) -> Int {
        guard nodes > 100_000 else { return searchBreadth }
        let growth = pow(Double(nodes) / 100_000, quantization.isTrained ? 0.7 : 0.55)
        return min(10_000, Int((Double(searchBreadth) * growth).rounded()))
    }

    /// What a value outside its bounds is refused with.
    func validated() throws(IndexError) {
        func check(_ name: String, _ value: Int, _ bounds: ClosedRange<Int>) throws(IndexError) {
            guard bounds.contains(value) else {
                throw .configuration(name: name, value: value, bounds: bounds)
            }
        }
        try check("dimension", dimension, 1...4_096)
        try check("maximumLinks", maximumLinks, 4...64)
        try check("constructionBreadth", constructionBreadth, 8...2_000)
        try check("searchBreadth", searchBreadth, 1...10_000)
    }
}
