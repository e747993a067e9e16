import Console
import Decisions
import Operations
import TerminalUI

/// Measures what the console costs: drawing a frame and finding what changed.
enum ConsoleSuite {
    private static let size = Size(width: 200, height: 50)
    private static let rounds = 200

    static func run() async throws {
        let scene = try await StillScene.demo(seed: 1, now: nil)
        for view in ["overview", "metrics", "anomalies", "tenants", "search", "index", "health", "log"] {
            guard let subject = FrameRenderer.Subject(name: view) else { continue }
            let renderer = FrameRenderer(subject, size: size, now: scene.now)
            let picture = await renderer.picture(scene.snapshot, client: scene.client)
            try StandardOutput.shared.write(json: measure(picture, view: view))
        }
        await scene.close()
    }

    private static func measure(_ picture: FrameRenderer.Picture, view: String) -> JSONObject {
        var histogram = LatencyHistogram()
        var changed = 0
        var previous = picture.draw()
        for _ in 0..<rounds {
            let started = ContinuousClock().now
            let surface = picture.draw()
            changed += surface.changes(from: previous).count
            histogram.record(microseconds: started.secondsUntilNow * 1e6)
            previous = surface
        }
        return [
            "suite": .string("console"), "view": .string(view), "columns": .integer(size.width),
            "rows": .integer(size.height), "changed": .integer(changed),
            "draw_diff_p50_us": .decimal(histogram.quantile(0.5) ?? 0, digits: 1),
            "draw_diff_p99_us": .decimal(histogram.quantile(0.99) ?? 0, digits: 1),
        ]
    }
}
