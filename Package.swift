// swift-tools-version: 6.3

import PackageDescription

// Targets stand bottom-up: each may import only what is above it. A target exists only if it has a
// foreign dependency, is one optimisation unit, or is a pure layer tested alone; everything else is
// a folder. Documentation/Architecture.md says what each is for.

let package = Package(
    name: "verdict",
    products: [
        .executable(name: "verdict", targets: ["verdict"]),
        .library(name: "Decisions", targets: ["Decisions"]),
        .library(name: "VectorIndex", targets: ["VectorIndex"]),
        .library(name: "VectorStores", targets: ["VectorStores"]),
    ],
    dependencies: [
        // Exact versions: Package.resolved is not kept in the repository.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // MARK: C: system libraries and kernels

        // gzip. Linked by its module map.
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        // libpq, PostgreSQL's own client.
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        // Wide-character ncurses (libncurses-dev) and what must run inside a signal handler.
        .target(name: "CCurses", linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
        // One exchange of HTTP by libcurl (libcurl4-openssl-dev), whose options are variadic.
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        // Distance kernels with runtime dispatch: scalar, AVX2, AVX-512 with VNNI and VBMI, NEON.
        .target(name: "CVectorKernels"),

        // MARK: Foundations: each knows nothing of the others

        // The lock around a value, in a form that the thread sanitizer can see when it looks.
        .target(name: "Locks"),
        // HNSW and exact nearest neighbours over int8 codes. Knows no domain.
        .target(name: "VectorIndex", dependencies: ["CVectorKernels", "Locks"]),
        // Decision, JSON, time, embedding, recorder: what an engine imports.
        .target(name: "Decisions", dependencies: ["Locks"]),
        // Surface, layout, widgets, charts, themes and input as plain values.
        .target(name: "TerminalUI"),
        // gzip streams over CZlib.
        .target(name: "Gzip", dependencies: ["CZlib"]),

        // MARK: Domain

        // Log lines of every format to decisions.
        .target(name: "DecisionLogs", dependencies: ["Decisions", "Gzip"]),
        // Store protocols, addresses, queries, archive, MemoryStore.
        .target(
            name: "VectorStores",
            dependencies: [
                "CVectorKernels", "Decisions", "Locks", "VectorIndex",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        // The store of record: libpq client, migrations, and the store whose truth a PostgreSQL server keeps.
        .target(
            name: "PostgresStore",
            dependencies: ["CPostgres", "Decisions", "Locks", "VectorIndex", "VectorStores"]),
        // Scoring, evidence, incidents.
        .target(name: "AnomalyDetection", dependencies: ["Decisions", "VectorStores"]),
        // YAML to plain values: themes, configuration, policies. The only Yams user.
        .target(
            name: "Configuration",
            dependencies: ["Decisions", "TerminalUI", .product(name: "Yams", package: "Yams")]),
        // Who is told of incidents: payloads, what each receiver knows, sending. The only HTTP client.
        .target(
            name: "Delivery",
            dependencies: [
                "AnomalyDetection", "CCurl", "Decisions", "VectorStores",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        // A small role and attribute engine: demo traffic and the integration example.
        .target(name: "PolicyEngine", dependencies: ["Decisions"]),

        // MARK: Application

        // Ingest pipeline, embedding worker, jobs, monitor, summaries for screens.
        .target(
            name: "Operations",
            dependencies: [
                "AnomalyDetection", "DecisionLogs", "Decisions", "Locks", "VectorIndex", "VectorStores",
            ]),
        // The only code that touches ncurses.
        .target(name: "CursesTerminal", dependencies: ["CCurses", "Locks", "TerminalUI"]),
        // Screens and their state: pure update and draw.
        .target(
            name: "Console",
            dependencies: [
                "AnomalyDetection", "Decisions", "Locks", "Operations", "TerminalUI", "VectorStores",
            ]),
        // Commands and wiring.
        .executableTarget(
            name: "verdict",
            dependencies: [
                "AnomalyDetection", "Configuration", "Console", "CursesTerminal", "DecisionLogs",
                "Decisions", "Delivery", "Gzip", "Locks", "Operations", "PolicyEngine", "PostgresStore",
                "TerminalUI", "VectorIndex", "VectorStores",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // MARK: Tests

        // Every kernel against its plain definition, in C, so that it also runs where Swift does not.
        .target(
            name: "CKernelCheck", dependencies: ["CVectorKernels"], path: "Tests/CKernelCheck",
            exclude: ["main.c"]),
        // PostgreSQL servers, databases and loopback sockets for tests: started once, gone with the process.
        .target(
            name: "PostgresTesting", dependencies: ["Locks", "PostgresStore"],
            path: "Tests/PostgresTesting"),
        .testTarget(name: "LocksTests", dependencies: ["Locks"]),
        .testTarget(
            name: "VectorIndexTests",
            dependencies: ["CKernelCheck", "CVectorKernels", "Locks", "VectorIndex"]),
        .testTarget(
            name: "DecisionsTests", dependencies: ["Decisions"], resources: [.copy("Fixtures")]),
        .testTarget(name: "TerminalUITests", dependencies: ["TerminalUI"]),
        .testTarget(
            name: "DecisionLogsTests", dependencies: ["DecisionLogs", "Decisions", "Gzip"],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "VectorStoresTests",
            dependencies: [
                "VectorStores", "CVectorKernels", "Decisions", "Locks", "VectorIndex", "Gzip",
                "PostgresStore", "PostgresTesting",
            ]),
        .testTarget(
            name: "PostgresStoreTests",
            dependencies: [
                "PostgresStore", "PostgresTesting", "Decisions", "Locks", "VectorIndex", "VectorStores",
            ]),
        .testTarget(
            name: "AnomalyDetectionTests",
            dependencies: [
                "AnomalyDetection", "CVectorKernels", "DecisionLogs", "Decisions", "Locks", "VectorStores",
            ]),
        .testTarget(
            name: "DeliveryTests",
            dependencies: [
                "AnomalyDetection", "Decisions", "Delivery", "Locks", "PostgresTesting", "VectorStores",
            ]),
        .testTarget(
            name: "ConfigurationTests", dependencies: ["Configuration", "Decisions", "TerminalUI"]),
        .testTarget(
            name: "PolicyEngineTests",
            dependencies: ["PolicyEngine", "Configuration", "Decisions", "Gzip"]),
        .testTarget(
            name: "OperationsTests",
            dependencies: [
                "AnomalyDetection", "DecisionLogs", "Decisions", "Locks", "Operations", "PostgresStore",
                "PostgresTesting", "VectorStores",
            ]),
        .testTarget(name: "CursesTerminalTests", dependencies: ["CursesTerminal", "CCurses", "TerminalUI"]),
        .testTarget(
            name: "ConsoleTests",
            dependencies: [
                "AnomalyDetection", "Console", "Locks", "Operations", "TerminalUI", "Decisions",
                "VectorStores",
            ],
            exclude: ["Pictures"]),
        // The code of Documentation/Libraries.md.
        .testTarget(name: "SnippetTests", dependencies: ["Decisions", "VectorStores"]),
        // Rules of the tree itself: file sizes, import direction, forbidden words.
        .testTarget(name: "TidyTests"),
        // The built program: commands, JSON, exit codes, tmux.
        .testTarget(
            name: "Acceptance", dependencies: ["verdict", "Locks", "PostgresStore", "PostgresTesting"],
            exclude: ["Fixtures"]),
    ],
    swiftLanguageModes: [.v6]
)

let conventions: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

for target in package.targets
where target.type != .system && !["CCurl", "CCurses", "CKernelCheck", "CVectorKernels"].contains(target.name)
{
    target.swiftSettings = (target.swiftSettings ?? []) + conventions
}
