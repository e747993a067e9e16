import Foundation
import Testing

@testable import VectorIndex

/// The codes of floats: how far they are off, and in which direction.
@Suite struct PreparedVectorTests {
    enum Shape: CaseIterable {
        case random, constant, oneGreat, fewLevels, tiny, long

        var values: [Float] {
            var generator = SeededGenerator(seed: 91)
            func random(_ count: Int, _ size: Float = 1) -> [Float] {
                (0..<count).map { _ in size * Float.random(in: -1...1, using: &generator) }
            }
            switch self {
            case .random: return random(384)
            case .constant: return [Float](repeating: 0.3, count: 50)
            case .oneGreat: return [1_000] + random(383, 3.9)
            case .fewLevels: return (0..<384).map { $0 == 0 ? 20 : $0 % 12 == 0 ? 10 : 0 }
            case .tiny: return random(100, 1e-18)
            case .long: return random(4_096)
            }
        }
    }

    @Test(arguments: Shape.allCases)
    func `two codes give each value back, and the first the product with the vector itself`(
        shape: Shape
    ) throws {
        let values = shape.values
        let configuration = IndexConfiguration(
            dimension: values.count, element: .floats, metric: .innerProduct)
        var vector = PreparedVector(configuration, layout: .dense)
        try vector.load(floats: values.span)
        var (product, squares) = (0.0, 0.0)
        for (place, value) in values.enumerated() {
            let code = unsafe Double(vector.signed[place]) * Double(vector.scale)
            let rest = unsafe Double(Int8(bitPattern: vector.residual[place] ^ 0x80))
            product += code * Double(value)
            squares += Double(value) * Double(value)
            let off = abs(code + rest * Double(vector.residualScale) - Double(value))
            #expect(off <= 0.51 * Double(vector.residualScale))
            #expect(abs(code - Double(value)) <= 127.5 * Double(vector.residualScale))
        }
        // Where one value is great the scale may not follow all the small ones.
        if shape != .oneGreat { #expect(abs(product / squares - 1) < 1e-5) }
    }

    @Test func `very great values are kept with smaller codes, in a file too`() throws {
        var configuration = IndexConfiguration(
            dimension: 8, element: .floats, metric: .innerProduct)
        configuration.quantization = .sq4
        let index = try HNSWIndex(configuration)
        let size: Float = 1e36
        let values = [size, size / 2, -size, size / 3, 0, 0, size, 0]
        try index.insert(floats: values.span, row: Row(rawValue: 0), partition: Partition(rawValue: 0))
        try index.rebuild()
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try index.writeSnapshot(to: path)
        let opened = try HNSWIndex(snapshot: path)
        let query: [Float] = [1, 0, 0, 0, 0, 0, 0, 0]
        let hit = try #require(try opened.search(floats: query.span).hits.first)
        #expect(abs(hit.score / size - 1) < 0.01)
    }
}
