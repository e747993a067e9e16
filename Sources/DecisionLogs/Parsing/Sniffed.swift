/// What a JSON object looks like from the outside.
enum Sniffed: Equatable {
    /// One record.
    case record(RecordShape)
    /// An object that holds records under a key.
    case container(key: String)
    /// An object around one record.
    case envelope(Envelope)
    /// None of the known formats.
    case unknown
}
