import AnomalyDetection
import ArgumentParser
import Configuration
import Console
import Decisions
import Operations
import TerminalUI
import VectorStores

/// Draws one frame of the console without a terminal.
struct FrameCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "frame", abstract: "Draw one frame of the console without a terminal.",
        discussion: """
            Prints exactly as many lines as the height, each as wide as the width. The same inputs \
            and --now give the same bytes. --out writes .txt, .ans or .svg.
            """)

    private static let smallestWidth = 40
    private static let smallestHeight = 10
    private static let largestWidth = 1_000
    private static let largestHeight = 500

    @Option(
        name: .long,
        help: ArgumentHelp(FrameRenderer.Subject.names.joined(separator: ", ") + ".", valueName: "view"))
    var view = "overview"

    @Option(name: .long, help: ArgumentHelp("Columns and rows.", valueName: "WxH"))
    var size = "120x36"

    @Flag(name: .long, help: "Draw the demonstration instead of a store.")
    var demo = false

    @Option(name: .long, help: ArgumentHelp("The demonstration's seed.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(name: .long, help: ArgumentHelp("Keys to press first: \"3 Down Enter\".", valueName: "keys"))
    var keys: String?

    @Option(name: .long, help: ArgumentHelp("Write to this .txt, .ans or .svg file.", valueName: "file"))
    var out: String?

    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var display: DisplayOptions

    func run() async throws {
        guard let subject = FrameRenderer.Subject(name: view) else {
            let known = FrameRenderer.Subject.names.joined(separator: ", ")
            throw CommandFailure.usage("--view takes one of \(known), not '\(printable(view))'")
        }
        let size = try parsedSize()
        guard !(demo && storeOptions.store != nil) else {
            throw CommandFailure.usage("--demo and --store exclude each other; name one")
        }
        if let out { try Self.checkSuffix(out) }
        if let word = keys.flatMap(Key.unknownName) {
            throw CommandFailure.usage(
                "--keys: there is no key '\(printable(word))'; to type a word with a capital, "
                    + "put spaces between its letters")
        }
        let settings = try ConfigurationFiles.load(storeOptions.config)
        let theme = try display.theme(settings)
        let glyphs = try display.glyphSet(settings) ?? .braille
        let named = try storeOptions.namedNow()
        let depth = try display.colorDepth(settings) ?? .truecolor
        let scene =
            demo
            ? try await StillScene.demo(seed: seed, now: named)
            : try await StillScene.store(try storeOptions.resolve(), now: named)
        let renderer = FrameRenderer(subject, size: size, now: scene.now, glyphs: glyphs)
        let surface = await renderer.frame(
            scene.snapshot, keys: Key.sequence(keys ?? ""), client: scene.client)
        await scene.close()
        try write(surface, theme: theme, depth: depth)
    }

    private func write(_ surface: Surface, theme: Theme, depth: ColorDepth) throws {
        guard let out else {
            try StandardOutput.shared.write(surface.plainText)
            return
        }
        let file = try OutputFile(path: out)
        if out.hasSuffix(".svg") {
            try file.write(surface.svg(theme, title: "verdict \(view)"))
        } else if out.hasSuffix(".ans") {
            try file.write(surface.ansi(Palette(theme, depth: depth)))
        } else {
            try file.write(surface.plainText)
        }
        try file.close()
    }

    private static func checkSuffix(_ path: String) throws {
        guard [".txt", ".ans", ".svg"].contains(where: { path.hasSuffix($0) }) else {
            throw CommandFailure.usage("--out takes a file that ends in .txt, .ans or .svg")
        }
    }

    private func parsedSize() throws -> Size {
        let parts = size.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let width = parts[0], let height = parts[1],
            (Self.smallestWidth...Self.largestWidth).contains(width),
            (Self.smallestHeight...Self.largestHeight).contains(height)
        else {
            throw CommandFailure.usage(
                "--size takes 40x10 to \(Self.largestWidth)x\(Self.largestHeight), not '\(printable(size))'"
            )
        }
        return Size(width: width, height: height)
    }
}
