/// Everything a person can do, by name.
enum ActionID: Hashable, Sendable {
    case show(ConsoleView)
    case palette, command, quit, back, freeze, pickTenant, clearTenant, nextTheme, nextGlyphs
    case moveUp, moveDown, pageUp, pageDown, moveToStart, moveToEnd, nextPane, previousPane, open
    case filter, sort, invertSort
    case acknowledge, triageMenu, mark, markRange, undo, moreLikeThis, copyText, copyJSON
    case zoomIn, zoomOut, zoomReset, panBack, panForward, compare
    case editQuery, runQuery, moreResults, fewerResults, toggleExact, clearLike, prove
    case suppress, showTaught, withdrawTaught, restoreTaught, rehearse, lessAlpha, moreAlpha, resetAlpha
    case measureCurve, rebuild, chooseQuantization, cancelJob
    case logLevel, follow, wrapLog
    case startDemo, openLog, connect
    case nextValue, previousValue, flip, flipNext, flipPrevious, flipReset
    case hunt, saveHunt, removeHunt, undoHunt
}
