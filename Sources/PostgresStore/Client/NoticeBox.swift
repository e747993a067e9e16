import CPostgres

/// Keeps the server's notices instead of printing them over the screen.
final class NoticeBox {
    /// The most that are kept.
    private static let limit = 32
    private(set) var notices: [String] = []

    /// Takes what a connection is told from now on; must live as long as that.
    func listen(to pointer: OpaquePointer) {
        // Sound: whoever holds the connection holds the box, and it is called only while the connection is used.
        unsafe PQsetNoticeReceiver(
            pointer,
            { box, result in
                guard let box = unsafe box, let result = unsafe result else { return }
                let text = unsafe PQresultErrorField(result, Int32(UInt8(ascii: "M")))
                guard let text = unsafe text else { return }
                unsafe Unmanaged<NoticeBox>.fromOpaque(box).takeUnretainedValue().add(String(cString: text))
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func add(_ text: String) {
        if notices.count == Self.limit { notices.removeFirst() }
        notices.append(ConnectionFailure.oneLine(text))
    }
}
