/// A value that a thread of its own makes meanwhile.
package struct Concurrent<Value: Sendable>: Sendable {
    private let made = Monitor<Result<Value, StoreError>?>(nil)

    /// Begins to make it; where the system has no thread to give, it is made at once.
    package init(_ make: @escaping @Sendable () throws(StoreError) -> Value) {
        let work: @Sendable () -> Void = { [made] in
            let result = Result { () throws(StoreError) in try make() }
            made.update { $0 = result }
        }
        if !BackgroundThread.start(work) { work() }
    }

    /// The value or why it could not be made, once that is known.
    package func value() throws(StoreError) -> Value {
        made.wait { $0 != nil }
        guard let result = made.read({ $0 }) else { preconditionFailure("it was waited for") }
        return try result.get()
    }
}
