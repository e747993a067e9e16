import VectorIndex

extension StoreMirror {
    /// How many different vectors it holds.
    package var distinctCount: Int { core.index.distinctCount }
}
