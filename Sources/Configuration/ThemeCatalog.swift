public import TerminalUI

/// The themes there are: the user's files first, then those the program carries.
public struct ThemeCatalog: Sendable {
    /// One theme of a listing.
    public struct Entry: Sendable, Equatable {
        /// The name it is chosen by.
        public let name: String
        /// Its file; nil for a theme the program carries.
        public let file: String?
        /// Dark or light; nil when it cannot be read.
        public let variant: Scheme.Variant?
        /// Why it cannot be used; nil when it can.
        public let problem: String?

        /// Whether it can be used.
        public var isUsable: Bool { problem == nil }
    }

    /// The theme used when none is named.
    public static let defaultName = "catppuccin-mocha"
    /// The theme used on a light background when none is named.
    public static let defaultLightName = "catppuccin-latte"
    /// The name of the theme made of the terminal's own colours.
    public static let terminalName = "terminal"
    /// The most files of one directory that are looked at.
    public static let maximumFiles = 2_000
    /// How deep directories are searched.
    public static let maximumDepth = 4

    /// Where files are searched, in order.
    public let directories: [String]

    /// A catalogue over directories.
    public init(directories: [String] = []) {
        self.directories = directories
    }

    /// The names of the themes the program carries.
    public static var builtInNames: [String] { [terminalName] + BuiltInThemes.files.map(\.name) }

    /// All themes, in search order; files that cannot be used are listed with the reason.
    public func entries() -> [Entry] {
        let files = directories.flatMap { ThemeCatalog.files(in: $0) }.map { path in
            do throws(ConfigurationError) {
                let loaded = try ThemeLoader.load(path: path)
                return Entry(name: loaded.slug, file: path, variant: loaded.scheme.variant, problem: nil)
            } catch {
                return Entry(
                    name: ThemeCatalog.stem(path), file: path, variant: nil, problem: error.description)
            }
        }
        let builtIn = BuiltInThemes.files.map { name, text in
            let scheme = try? ThemeLoader.parse(text, file: name).scheme
            return Entry(
                name: name, file: nil, variant: scheme?.variant,
                problem: scheme == nil ? "cannot be read" : nil)
        }
        return files + [Entry(name: ThemeCatalog.terminalName, file: nil, variant: .dark, problem: nil)]
            + builtIn
    }

    /// The theme of a name or a path.
    ///
    /// A name with a slash or ending in `.yaml` or `.yml` is a path. Other names are searched in the
    /// directories, by file name and by the scheme's own name, and then among those the program carries;
    /// `auto` takes a dark or a light one.
    public func theme(_ wanted: String, onLightBackground: Bool = false) throws(ConfigurationError) -> Theme {
        if wanted.contains("/") || wanted.hasSuffix(".yaml") || wanted.hasSuffix(".yml") {
            let loaded = try ThemeLoader.load(path: wanted)
            return Theme(name: loaded.slug, scheme: loaded.scheme)
        }
        var name = wanted.lowercased()
        if name == "auto" || name.isEmpty {
            name = onLightBackground ? ThemeCatalog.defaultLightName : ThemeCatalog.defaultName
        }
        for path in directories.flatMap({ ThemeCatalog.files(in: $0) }) {
            let isNamed = ThemeCatalog.stem(path).lowercased() == name
            do throws(ConfigurationError) {
                let loaded = try ThemeLoader.load(path: path)
                if isNamed || loaded.slug == name { return Theme(name: loaded.slug, scheme: loaded.scheme) }
            } catch {
                // A broken file matters only when it is the one that was asked for.
                if isNamed { throw error }
            }
        }
        if name == ThemeCatalog.terminalName { return .terminal }
        if let text = BuiltInThemes.files.first(where: { $0.name == name })?.text {
            return Theme(name: name, scheme: try ThemeLoader.parse(text, file: name).scheme)
        }
        throw ConfigurationError(file: "", problem: unknown(wanted))
    }

    private func unknown(_ wanted: String) -> String {
        let names =
            ThemeCatalog.builtInNames
            + directories.flatMap { ThemeCatalog.files(in: $0) }.map(ThemeCatalog.stem)
        let guess = NearestName.find(wanted, in: names).map { ", did you mean \($0)?" } ?? ""
        let places = (directories + ["the built-in themes"]).joined(separator: ", ")
        return
            "no theme \"\(wanted.terminalSafe)\" in \(places)\(guess.isEmpty ? "; `verdict themes` lists them" : guess)"
    }

    private static func stem(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    }

    /// The scheme files below a directory, sorted; hidden ones are left out.
    static func files(in directory: String, depth: Int = 0) -> [String] {
        guard let names = TextFile.names(in: directory) else { return [] }
        var files: [String] = []
        for name in names.prefix(maximumFiles) {
            let path = directory.hasSuffix("/") ? directory + name : directory + "/" + name
            if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                files.append(path)
            } else if depth < maximumDepth, TextFile.isDirectory(path) {
                files += Self.files(in: path, depth: depth + 1)
            }
        }
        return Array(files.prefix(maximumFiles))
    }
}
