import Foundation
import Testing

/// Rules of what measures, which is written in Python.
@Suite struct BenchmarkTests {
    @Test func `measured figures are judged as they are promised`() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-B", "-m", "unittest", "discover", "-s", "Benchmarks"]
        process.currentDirectoryURL = Tree.root
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let told = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(told)")
        // Where none is found all of them pass.
        #expect(told.contains(#/Ran [1-9][0-9] tests/#), "\(told)")
    }
}
