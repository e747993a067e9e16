extension Surface {
    /// The picture as a self-contained SVG file in the theme's colours, framed like a window.
    public func svg(_ theme: Theme, title: String = "") -> String {
        let canvas = SVGCanvas(surface: self, theme: theme)
        return canvas.document(title: title)
    }
}

/// Writes a surface as SVG: one rectangle per run of background, one text per run of style.
private struct SVGCanvas {
    let surface: Surface
    let theme: Theme
    let cellWidth = 8.4
    let cellHeight = 18.0
    let margin = 12.0

    func document(title: String) -> String {
        let bar = title.isEmpty ? 0.0 : 30.0
        let width = Double(surface.size.width) * cellWidth + 2 * margin
        let height = Double(surface.size.height) * cellHeight + 2 * margin + bar
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \(number(height))" \
            width="\(number(width))" height="\(number(height))" font-family="'JetBrains Mono','DejaVu Sans \
            Mono','Cascadia Mono',Menlo,Consolas,monospace" font-size="14">
            <rect width="100%" height="100%" rx="10" fill="\(theme.color(of: .background).hex)"/>

            """
        if bar > 0 {
            text += """
                <path d="M0 \(number(bar))V10a10 10 0 0 1 10 -10H\(number(width - 10))a10 10 0 0 1 10 \
                10V\(number(bar))Z" fill="\(theme.color(of: .bar).hex)"/>
                <text x="\(number(width / 2))" y="20" text-anchor="middle" \
                fill="\(theme.color(of: .muted).hex)">\(escaped(title))</text>

                """
        }
        text +=
            "<g transform=\"translate(\(number(margin)) \(number(margin + bar)))\" xml:space=\"preserve\">\n"
        for y in 0..<surface.size.height {
            text += backgrounds(row: y)
        }
        for y in 0..<surface.size.height {
            text += glyphs(row: y)
        }
        return text + "</g>\n</svg>\n"
    }

    private func colors(_ style: Style) -> (foreground: RGB, background: RGB) {
        let foreground = theme.color(of: style.foreground) ?? theme.color(of: .text)
        let background = theme.color(of: style.background) ?? theme.color(of: .background)
        return style.attributes.contains(.reverse) ? (background, foreground) : (foreground, background)
    }

    private func backgrounds(row y: Int) -> String {
        var text = ""
        var x = 0
        let plain = theme.color(of: .background)
        while x < surface.size.width {
            let color = colors(surface[x, y].style).background
            var end = x + 1
            while end < surface.size.width, colors(surface[end, y].style).background == color { end += 1 }
            if color != plain {
                text += """
                    <rect x="\(number(Double(x) * cellWidth))" y="\(number(Double(y) * cellHeight))" \
                    width="\(number(Double(end - x) * cellWidth))" height="\(number(cellHeight))" \
                    fill="\(color.hex)"/>

                    """
            }
            x = end
        }
        return text
    }

    private func glyphs(row y: Int) -> String {
        var text = ""
        var x = 0
        while x < surface.size.width {
            let style = surface[x, y].style
            var run = ""
            var end = x
            while end < surface.size.width, surface[end, y].style == style {
                surface[end, y].glyph.append(to: &run)
                end += 1
            }
            if run.contains(where: { $0 != " " }) {
                let lead = run.prefix { $0 == " " }.count
                let body = String(run.dropFirst(lead).reversed().drop { $0 == " " }.reversed())
                var attributes = "fill=\"\(colors(style).foreground.hex)\""
                if style.attributes.contains(.bold) { attributes += " font-weight=\"bold\"" }
                if style.attributes.contains(.dim) { attributes += " opacity=\"0.7\"" }
                if style.attributes.contains(.underline) { attributes += " text-decoration=\"underline\"" }
                text += """
                    <text x="\(number(Double(x + lead) * cellWidth))" \
                    y="\(number(Double(y) * cellHeight + 13.5))" \
                    textLength="\(number(Double(body.displayWidth) * cellWidth))" \
                    \(attributes)>\(escaped(body))</text>

                    """
            }
            x = max(end, x + 1)
        }
        return text
    }

    /// A length with at most one decimal, the same on every machine.
    private func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }

    private func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }
}
