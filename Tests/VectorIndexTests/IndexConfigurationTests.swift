import Testing

@testable import VectorIndex

/// How widely graphs of some size are linked and walked.
@Suite struct IndexConfigurationTests {
    @Test func `larger graphs are walked more widely, and those of up to 100,000 nodes as configured`() {
        let configuration = IndexConfiguration()
        #expect([0, 1, 99_999, 100_000].allSatisfy { configuration.searchBreadth(nodes: $0) == 80 })
        #expect(configuration.searchBreadth(nodes: 1_000_000) == 284)
        let sizes = [100_000, 200_000, 500_000, 1_000_000, 10_000_000]
        let breadths = sizes.map { configuration.searchBreadth(nodes: $0) }
        #expect(breadths == breadths.sorted() && Set(breadths).count == sizes.count)
        #expect(configuration.searchBreadth(nodes: .max) == 10_000)
    }

    @Test func `larger graphs are linked more widely, unless more was asked for`() {
        var configuration = IndexConfiguration()
        #expect(configuration.buildBreadth(nodes: 120_000) == 64)
        #expect(configuration.buildBreadth(nodes: 220_000) == 100)
        #expect(configuration.buildBreadth(nodes: 5_000_000) == 200)
        #expect(configuration.buildSearch(nodes: 100_000).kept == 256)
        #expect(configuration.buildSearch(nodes: 5_000_000).kept == 512)
        configuration.constructionBreadth = 300
        #expect(configuration.buildBreadth(nodes: 5_000_000) == 300)
    }

    @Test func `an insert into a larger graph looks wider and chooses among more, unless more was asked for`()
    {
        var configuration = IndexConfiguration()
        let sizes = [0, 100_000, 160_000, 200_000, 10_000_000]
        #expect(sizes.map { configuration.insertSearch(nodes: $0).breadth } == [64, 64, 80, 100, 100])
        #expect(sizes.map { configuration.insertSearch(nodes: $0).kept } == [128, 128, 160, 250, 256])
        #expect(sizes.map { configuration.listsChosenAnew(nodes: $0) } == [2, 2, 3, 4, 4])
        // As many of the nearest as ever are looked for, since they tell how novel a vector is.
        #expect(configuration.insertSearch(nodes: 10_000_000).nearest == 64)
        configuration.constructionBreadth = 300
        #expect(configuration.insertSearch(nodes: 1_000_000).kept == 512)
        configuration.constructionBreadth = 2_000
        #expect(configuration.insertSearch(nodes: 1_000_000).kept == 2_000)
        // Floats take longer to choose among.
        configuration = IndexConfiguration(dimension: 8, element: .floats)
        #expect([100_000, 10_000_000].map { configuration.insertSearch(nodes: $0).kept } == [64, 256])
        #expect([0, 10_000_000].map { configuration.listsChosenAnew(nodes: $0) } == [1, 4])
    }

    @Test func `walks over many nodes take the nearest for a part of their breadth only`() {
        var configuration = IndexConfiguration()
        #expect(configuration.nearestBreadth(nodes: 1_000_000) == 48)
        // Smaller codes of counts are walked by nearness, those of floats are not.
        configuration.quantization = .pq16
        #expect(configuration.nearestBreadth(nodes: 1_000_000) == .max)
        configuration.element = .floats
        #expect(configuration.nearestBreadth(nodes: 1_000_000) == 48)
        configuration = IndexConfiguration()
        #expect(configuration.nearestBreadth(nodes: 100_000) == 269)
        #expect(configuration.nearestBreadth(nodes: 100_000_000) == 32)
        #expect(configuration.nearestBreadth(nodes: 0) >= 1_000_000)
        // The breadth of a build beyond the nearest counts half of floats.
        #expect(configuration.buildBreadth(nodes: 1_000_000) == 200)
        configuration.element = .floats
        #expect(configuration.buildBreadth(nodes: 1_000_000) == 48 + (200 - 48) / 2)
        #expect(configuration.buildBreadth(nodes: 100_000) == 64)
        configuration.constructionBreadth = 400
        #expect(configuration.buildBreadth(nodes: 1_000_000) == 48 + (400 - 48) / 2)
    }
}
