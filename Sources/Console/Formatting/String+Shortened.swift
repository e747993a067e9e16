import TerminalUI

extension String {
    /// The text cut in its middle to at most so many cells, so that both ends stay.
    func shortened(to cells: Int) -> String {
        guard displayWidth > cells else { return self }
        let head = prefix(cells / 2)
        let tail = suffix(max(0, cells - 1 - head.count))
        return head + "…" + tail
    }
}
