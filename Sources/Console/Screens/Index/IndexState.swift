import Operations
import VectorStores

/// What the index screen remembers.
struct IndexState: Equatable, Sendable {
    /// Recall against breadth, once measured.
    var curve: [RecallPoint] = []
    /// Rows scrolled away where there is little room.
    var offset = 0

    /// The breadths the curve is measured at.
    static let breadths = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256]
}

extension ConsoleState {
    mutating func measureCurve() -> [ConsoleRequest] {
        show("measuring recall at \(IndexState.breadths.count) breadths", .note)
        return [ask(.recallCurve(IndexState.breadths), .recallCurve)]
    }

    mutating func takeCurve(_ points: [RecallPoint]) {
        index.curve = points.sorted { $0.breadth < $1.breadth }
        show("recall measured", .done)
    }

    /// Asks before the index is built anew; the question holds what will be done.
    mutating func askRebuild(_ parameters: RebuildParameters) {
        let request = RebuildRequest(
            m: parameters.m, efConstruction: parameters.efConstruction, quantization: parameters.quantization)
        overlay = .confirmation(Confirmation(subject: .rebuild(request), askedMilliseconds: milliseconds))
    }
}
