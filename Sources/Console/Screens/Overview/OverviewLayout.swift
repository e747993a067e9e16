import TerminalUI

/// Where the boxes of the overview stand.
enum OverviewLayout {
    /// A box and its place.
    struct Place: Equatable {
        let box: OverviewBox
        let rect: Rect
    }

    /// The boxes that fit, in reading order; they tile the room.
    ///
    /// Without the charts of decisions what stands below them has their room.
    static func places(in rect: Rect, density: Density, hasCharts: Bool = true) -> [Place] {
        let places =
            switch density {
            case .tiny: tiny(rect, hasCharts)
            case .compact: compact(rect, hasCharts)
            case .wide: rect.height >= 40 ? tall(rect, hasCharts) : wide(rect, hasCharts)
            }
        return hasCharts ? places : places.filter { ![.decisions, .denyRate].contains($0.box) }
    }

    /// One line per number, the incidents below.
    private static func tiny(_ rect: Rect, _ hasCharts: Bool) -> [Place] {
        let boxes: [OverviewBox] = hasCharts ? [.decisions, .denyRate, .search, .store] : [.search, .store]
        let lines = min(boxes.count, rect.height)
        return boxes.prefix(lines).enumerated().map { Place(box: $1, rect: rect.row($0)) }
            + (rect.height > lines ? [Place(box: .incidents, rect: rect.inset(top: lines))] : [])
    }

    private static func compact(_ rect: Rect, _ hasCharts: Bool) -> [Place] {
        let rows = rect.rows([
            .fixed(hasCharts ? max(5, rect.height * 2 / 7) : 0), .flexible, .fixed(rect.height >= 18 ? 7 : 0),
        ])
        let top = rows[0].columns([.flexible, .flexible])
        var places = [
            Place(box: .decisions, rect: top[0]), Place(box: .denyRate, rect: top[1]),
            Place(box: .incidents, rect: rows[1]),
        ]
        if rows[2].height > 0 {
            let bottom = rows[2].columns([
                .fixed(rect.width * 33 / 100), .flexible, .fixed(rect.width * 32 / 100),
            ])
            places += [
                Place(box: .search, rect: bottom[0]), Place(box: .tenants, rect: bottom[1]),
                Place(box: .store, rect: bottom[2]),
            ]
        }
        return places
    }

    private static func wide(_ rect: Rect, _ hasCharts: Bool) -> [Place] {
        let rows = rect.rows([
            .fraction(hasCharts ? 0.32 : 0), .flexible, .fixed(max(8, rect.height * 30 / 100)),
        ])
        let top = rows[0].columns([.fraction(0.53), .flexible])
        let middle = rows[1].columns([.fraction(0.67), .flexible])
        let bottom = rows[2].columns([.fraction(0.37), .flexible, .fraction(0.33)])
        return [
            Place(box: .decisions, rect: top[0]), Place(box: .denyRate, rect: top[1]),
            Place(box: .incidents, rect: middle[0]), Place(box: .search, rect: middle[1]),
            Place(box: .tenants, rect: bottom[0]), Place(box: .sources, rect: bottom[1]),
            Place(box: .store, rect: bottom[2]),
        ]
    }

    private static func tall(_ rect: Rect, _ hasCharts: Bool) -> [Place] {
        let rows = rect.rows([.fraction(hasCharts ? 0.34 : 0), .flexible, .fraction(0.30)])
        let top = rows[0].columns([.fraction(0.53), .flexible])
        let middle = rows[1].columns([.fraction(0.67), .flexible])
        let side = middle[1].rows([.flexible, .fraction(0.45)])
        let bottom = rows[2].columns([.fraction(0.36), .flexible, .fraction(0.33)])
        return [
            Place(box: .decisions, rect: top[0]), Place(box: .denyRate, rect: top[1]),
            Place(box: .incidents, rect: middle[0]), Place(box: .search, rect: side[0]),
            Place(box: .jobs, rect: side[1]), Place(box: .tenants, rect: bottom[0]),
            Place(box: .sources, rect: bottom[1]), Place(box: .store, rect: bottom[2]),
        ]
    }
}
