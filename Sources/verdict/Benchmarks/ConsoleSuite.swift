import Console
import CursesTerminal
import Decisions
import Operations
import TerminalUI

#if canImport(Glibc)
    import Glibc
#endif

/// Measures what the console costs: drawing a frame, finding what changed, and ncurses writing it.
enum ConsoleSuite {
    private static let size = Size(width: 200, height: 50)
    private static let rounds = 200
    /// One cell in so many changes from frame to frame in the measure of ncurses.
    private static let changedShare = 100

    static func run() async throws {
        let scene = try await StillScene.demo(seed: 1, now: nil)
        var last: Surface?
        for view in ["overview", "metrics", "anomalies", "tenants", "search", "index", "health", "log"] {
            guard let subject = FrameRenderer.Subject(name: view) else { continue }
            let renderer = FrameRenderer(subject, size: size, now: scene.now)
            let picture = await renderer.picture(scene.snapshot, client: scene.client)
            // The view before is what a person saw: almost every cell differs from it.
            let before = last ?? Surface(size: size)
            try StandardOutput.shared.write(json: measure(picture, view: view, before: before))
            last = picture.draw()
        }
        await scene.close()
        if let last { try await StandardOutput.shared.write(json: measureTerminal(last)) }
    }

    private static func measure(
        _ picture: FrameRenderer.Picture, view: String, before: Surface
    ) -> JSONObject {
        var histogram = LatencyHistogram()
        var changed = 0
        for _ in 0..<rounds {
            let started = ContinuousClock().now
            let surface = picture.draw()
            changed = surface.changes(from: before).reduce(0) { $0 + $1.columns.count }
            histogram.record(microseconds: started.secondsUntilNow * 1e6)
        }
        return [
            "suite": .string("console"), "view": .string(view), "columns": .integer(size.width),
            "rows": .integer(size.height), "changed_cells": .integer(changed),
            "draw_diff_p50_us": .decimal(histogram.quantile(0.5) ?? 0, digits: 1),
            "draw_diff_p99_us": .decimal(histogram.quantile(0.99) ?? 0, digits: 1),
        ]
    }

    /// A frame of which one cell in a hundred changes, through ncurses to a device that takes everything.
    private static func measureTerminal(_ picture: Surface) async throws -> JSONObject {
        let device = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
        // Keys that never come: at the end of its input the terminal would be gone.
        var keys: [Int32] = [-1, -1]
        guard unsafe pipe(&keys) == 0 else { throw CommandFailure.failed("no pipe for the measurement") }
        defer { for descriptor in [device] + keys { close(descriptor) } }
        var options = TerminalOptions { ["TERM": "xterm-256color"][$0] }
        options.inputDescriptor = keys[0]
        options.outputDescriptor = device
        options.headlessSize = size
        options.colorDepth = .indexed256
        let terminal: CursesTerminal
        do {
            terminal = try CursesTerminal.open(options)
        } catch {
            throw CommandFailure.failed("\(error)")
        }
        var histogram = LatencyHistogram()
        var surface = picture
        await terminal.present(surface, theme: .terminal)
        let changed = size.width * size.height / changedShare
        for round in 0..<rounds {
            for index in 0..<changed {
                let place = (index * changedShare + round * 7) % (size.width * size.height)
                surface.put(
                    round % 2 == 0 ? "x" : "o", x: place % size.width, y: place / size.width, style: .text)
            }
            let started = ContinuousClock().now
            await terminal.present(surface, theme: .terminal)
            histogram.record(microseconds: started.secondsUntilNow * 1e6)
        }
        await terminal.restore()
        return [
            "suite": .string("console"), "view": .string("ncurses"), "columns": .integer(size.width),
            "rows": .integer(size.height), "changed_cells": .integer(changed),
            "present_p50_us": .decimal(histogram.quantile(0.5) ?? 0, digits: 1),
            "present_p99_us": .decimal(histogram.quantile(0.99) ?? 0, digits: 1),
        ]
    }
}
