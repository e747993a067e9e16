import Glibc

extension SearchBenchmark {
    /// How often half of the rows are replaced.
    private static let rounds = 5
    /// How many queries each round is measured with: among 100 a recall is off by a point as likely as not.
    private static let roundQueries = 400
    /// The largest group of identical rows; a fifth of a smaller base.
    private static let groupLimit = 20_000
    private static let lifeSeed: UInt64 = 0x11FE

    /// Measures an index over its life, handing over each line as it is known: opened from a file, with a
    /// large group of identical rows, and with half of its rows replaced over and over.
    public func runLife(_ report: (Line) -> Void) throws(IndexError) {
        guard data.base.count >= 4 else {
            throw .vectorFile(path: data.base.path, problem: "it holds too few vectors")
        }
        try measureWhole(report)
        try measureRounds(report)
    }

    /// An index of the whole base: opened, and then crowded.
    private func measureWhole(_ report: (Line) -> Void) throws(IndexError) {
        let index = try data.index(options.configuration(for: data), of: data.base, threads: options.threads)
        report(try measureOpening(of: index))
        try measureGroup(in: index, report)
    }

    private func measureOpening(of index: HNSWIndex) throws(IndexError) -> Line {
        let path = options.scratchDirectory + "/index"
        try index.writeSnapshot(to: path)
        var information = stat()
        guard unsafe stat(path, &information) == 0 else {
            throw .file(path: path, action: "examined", code: errno)
        }
        let all = 0..<data.base.count
        let searches = data.queries.prefix(Self.restrictedQueries).map {
            search($0, among: all) { _ in true }
        }
        let began = now()
        let opened = try HNSWIndex(snapshot: path, kernel: options.kernel)
        for search in searches.prefix(1) { _ = try data.search(opened, search.vector, search.options) }
        let figures = OpeningFigures(
            seconds: now() - began, fileMegabytes: Double(information.st_size) / 1e6)
        return line(.opening(figures), try measure(searches, in: opened).figures)
    }

    /// Adds copies of one row, and asks for what is nearest to the vectors around it.
    private func measureGroup(in index: HNSWIndex, _ report: (Line) -> Void) throws(IndexError) {
        var random = SplitMix64(seed: Self.lifeSeed)
        let all = 0..<data.base.count
        var crowded = self
        crowded.data.copied = Int.random(in: all, using: &random)
        let vector = try data.vector(crowded.data.copied)
        let size = max(1, min(Self.groupLimit, data.base.count / 5))
        for row in data.base.count..<data.base.count + size {
            try data.insert(vector, row: row, partition: Self.onlyPartition, into: index)
        }
        let cosines = all.map { data.cosine($0, vector) }
        let others = all.filter { cosines[$0] < 1 - BenchmarkData.slack }
        let nearest = others.sorted { cosines[$0] != cosines[$1] ? cosines[$0] > cosines[$1] : $0 < $1 }
        var around: [BenchmarkData.Vector] = []
        for row in nearest.prefix(Self.restrictedQueries) { around.append(try data.vector(row)) }
        let filter = RowFilter(others.map { Row(rawValue: UInt32($0)) })
        // Copies beyond as many as are asked for change no answer.
        let everything = Array(all) + (0..<min(size, BenchmarkData.count)).map { data.base.count + $0 }
        for scope in GroupScope.allCases {
            let searches = around.map { vector in
                var search = crowded.search(vector, among: scope == .all ? everything : others) {
                    scope == .all || filter.contains(Row(rawValue: UInt32($0)))
                }
                if scope == .others { search.options.filter = filter }
                return search
            }
            report(line(.group(size, scope), try crowded.measure(searches, in: index).figures))
        }
    }

    /// Replaces half of the rows by as many others, over and over; half of the base waits outside.
    private func measureRounds(_ report: (Line) -> Void) throws(IndexError) {
        let memoryBefore = residentMemory().anonymous
        var random = SplitMix64(seed: Self.lifeSeed)
        let half = data.base.count / 2
        let start = try VectorFile(path: options.directory + "/base.fvecs", first: half)
        let index = try data.index(options.configuration(for: data), of: start, threads: options.threads)
        var present = Array(0..<half)
        var absent = Array(half..<data.base.count)
        for round in 0...Self.rounds {
            if round > 0 { try replaceHalf(of: &present, by: &absent, in: index, &random) }
            let statistics = index.statistics()
            let figures = RoundFigures(
                round: round, rows: statistics.rows, nodes: statistics.nodes,
                tombstones: statistics.tombstones, unreachable: statistics.unreachable,
                countedMegabytes: Double(statistics.memoryBytes) / 1e6,
                memoryMegabytes: Double(residentMemory().anonymous - memoryBefore) / 1e6)
            let members = Set(present)
            let searches = data.queries.prefix(Self.roundQueries).map {
                search($0, among: present, admitting: members.contains)
            }
            report(line(.round(figures), try measure(searches, in: index).figures))
        }
    }

    /// Takes half of the rows out at random, then puts as many in of those that have been out the longest.
    private func replaceHalf(
        of present: inout [Int], by absent: inout [Int], in index: HNSWIndex, _ random: inout SplitMix64
    ) throws(IndexError) {
        present.shuffle(using: &random)
        let count = present.count / 2
        let (leaving, coming) = (Array(present.suffix(count)), Array(absent.prefix(count)))
        for row in leaving { index.remove(Row(rawValue: UInt32(row))) }
        for row in coming {
            try data.insert(try data.vector(row), row: row, partition: Self.onlyPartition, into: index)
        }
        present = present.dropLast(count) + coming
        absent = absent.dropFirst(count) + leaving
    }

    /// A search for a vector that may find some rows, and what it must find.
    private func search(
        _ vector: BenchmarkData.Vector, among rows: some Collection<Int>,
        admitting admits: @escaping (Int) -> Bool
    ) -> RestrictedSearch {
        RestrictedSearch(
            vector: vector, options: SearchOptions(count: BenchmarkData.count),
            bound: bound(rows.lazy.map { data.cosine($0, vector) }),
            expected: min(BenchmarkData.count, rows.count), admits: admits)
    }
}
