import Decisions

/// What this build is.
enum Build {
    /// The program's version.
    static let version = "0.1.0"
    /// The version of the stores' on-disk layout.
    static let schema = 1

    /// What `--version` prints: build, recipe, schema.
    static var versionText: String {
        "verdict \(version) · recipe \(EmbeddingRecipe.current) · schema \(schema)"
    }
}
