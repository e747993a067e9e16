#if canImport(Glibc)
    import Glibc
#endif

/// The three descriptors that every program starts with.
enum StandardDescriptors {
    /// Fills those that whoever started the program left closed.
    ///
    /// The next file to be opened would take such a place, and what is printed would be written into it:
    /// into the journal of a store. Standard input then is empty, and writing fails as to a closed file.
    static func occupy() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest that is free is taken, and those below are occupied already.
            _ = unsafe open("/dev/null", O_RDONLY)
        }
    }
}
