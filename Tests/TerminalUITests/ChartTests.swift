import Testing

@testable import TerminalUI

@Suite struct ChartTests {
    private func picture(_ widget: some Widget, _ width: Int, _ height: Int, _ glyphs: GlyphSet = .braille)
        -> [String]
    {
        var surface = Surface(size: Size(width: width, height: height), glyphs: glyphs)
        surface.draw(widget, in: surface.bounds)
        return surface.lines
    }

    @Test func `an area is filled up to its values in every glyph set`() {
        let chart = Chart([Series([0, 2, 4, 6, 8, 8, 4, 0])])
        #expect(picture(chart, 4, 2) == [" ⢠⣿ ", "⣠⣿⣿⣇"])
        #expect(picture(chart, 8, 1, .block) == ["▁▂▄▆██▄▁"])
        #expect(picture(chart, 8, 1, .ascii) == ["..::##:."])
    }

    @Test func `a gap differs from zero`() {
        #expect(picture(Chart([Series([8, nil, 0, 8])]), 4, 1, .block) == ["█ ▁█"])
    }

    @Test func `no peak is lost when there are more values than columns`() {
        var values: [Double?] = Array(repeating: 0, count: 1_000)
        values[777] = 100
        #expect(Series(values).resampled(to: 10).compactMap { $0 }.max() == 100)
        #expect(Series([1, 2]).resampled(to: 4) == [1, 1, 2, 2])
        #expect(Series([]).resampled(to: 3) == [nil, nil, nil])
        #expect(Series([.infinity, .nan, nil]).peak == nil)
    }

    @Test func `axes, peak and threshold are drawn in their places`() {
        let chart = Chart(
            [Series([1, 1, 9, 1, 1, 1, 1, 1])], timeLabels: ["13:32", "13:47", "14:02"],
            valueLabels: ["9", "0"],
            peakLabel: "9", threshold: 5)
        let lines = picture(chart, 40, 6)
        #expect(lines[0].hasPrefix("9 "))
        #expect(lines[0].contains("▾9"))
        #expect(lines[4].hasPrefix("0 "))
        #expect(lines[5] == "  13:32           13:47            14:02")
        #expect(lines.contains { $0.contains("╌") })
        let right = Chart([Series([1, 1, 1, 9])], peakLabel: "nine")
        #expect(picture(right, 12, 3)[0].contains("nine▾"))
    }

    @Test func `a line connects its values`() {
        let chart = Chart([Series([0, 8, 0, 8], shape: .line)])
        let lines = picture(chart, 2, 2)
        #expect(lines.allSatisfy { !$0.contains(" ") })
        #expect(picture(Chart([Series([0, 4, 8, nil, 8], shape: .line)]), 5, 1, .block)[0].count == 5)
    }

    @Test func `heights are scaled to the range that is asked for`() {
        #expect(Chart([Series([3])]).shownRange == 0...3)
        #expect(Chart([Series([3])], range: 0...10).shownRange == 0...10)
        #expect(Chart([Series([-3])]).shownRange == -3...0)
        #expect(Chart([Series([])]).shownRange == 0...1)
        #expect(Chart([Series([1])], threshold: 5).shownRange == 0...5)
        #expect(picture(Chart([Series([])]), 20, 1)[0].contains("no data yet"))
    }

    @Test func `a sparkline ends where now is`() {
        #expect(picture(Sparkline([0, 1, 2, 8]), 6, 1) == ["  ▁▂▃█"])
        #expect(picture(Sparkline([nil, 8], maximum: 16), 2, 1) == [" ▅"])
        #expect(Sparkline.text([0, 8, nil]) == "▁█ ")
        #expect(Sparkline.text([0, 8], glyphs: .ascii) == "_#")
        #expect(Sparkline.text([0, 0]) == "▁▁")
    }

    @Test func `a gauge is neither empty when something is there nor full before the end`() {
        #expect(picture(Gauge(0.5), 4, 1) == ["██╌╌"])
        #expect(picture(Gauge(0.0001), 4, 1) == ["▏╌╌╌"])
        #expect(picture(Gauge(0.9999), 4, 1) == ["███▉"])
        #expect(picture(Gauge(1), 4, 1) == ["████"])
        #expect(picture(Gauge(.nan), 4, 1) == ["╌╌╌╌"])
        #expect(picture(Gauge(0.5), 4, 1, .ascii) == ["##.."])
        #expect(picture(ProgressBar("build", share: nil), 20, 1)[0].hasPrefix("build ╌"))
        #expect(picture(ProgressBar("b", share: 0.999, note: "1 s"), 24, 1)[0].hasSuffix("99 %  1 s"))
    }

    @Test func `bars share one scale`() {
        let bars = BarList([Bar("acme", value: 4, text: "4"), Bar("globex", value: 2, text: "2")])
        #expect(picture(bars, 20, 2) == ["acme   ███████████ 4", "globex █████▌╌╌╌╌╌ 2"])
    }

    @Test func `a histogram stands on its labels`() {
        let lines = picture(Histogram([1, 4, 2], labels: ["a", "b", "c"]), 9, 3)
        #expect(lines == ["   ██    ", "▄▄ ██ ██ ", "a  b  c  "])
        #expect(picture(Histogram([1, 2], labels: ["0", "9"]), 2, 2)[1] == "09")
    }

    @Test func `a raster counts its dots and ignores what lies outside`() {
        for glyphs in GlyphSet.allCases {
            var raster = Raster(size: Size(width: 2, height: 2), glyphs: glyphs)
            raster.set(x: -1, y: 0, paint: .role(.text))
            raster.set(x: 0, y: 99, paint: .role(.text))
            raster.fill(x: 0, from: 3, through: 1, paint: .role(.text))
            #expect(raster.dotCount(column: 0, row: 1) == 0)
            raster.fill(x: 0, from: 0, through: 99, paint: .role(.text))
            #expect(raster.dotCount(column: 0, row: 0) == raster.dotsDown)
            #expect(raster.dotCount(column: 9, row: 0) == 0)
            #expect(raster.width == 2 * raster.dotsAcross && raster.height == 2 * raster.dotsDown)
        }
        #expect(GlyphSet.braille.next.next.next == .braille)
    }
}
