// swift-tools-version:6.2
import PackageDescription

/// Settings that every target of the house shares: Swift 6 mode, warnings are errors.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// The pure part of the house: every unsafe expression has to say so.
let pure: [SwiftSetting] = house + [.strictMemorySafety()]

let package = Package(
    name: "weir",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // L0: C libraries, each imported by one target
        .target(name: "CCurl"),
        .target(name: "CLinux"),
        .target(name: "CNghttp2"),
        .target(name: "COnnxRuntime"),
        .target(name: "COpenSSL"),
        .target(name: "CProcess"),
        .target(
            name: "CSimdJSON", cxxSettings: [.headerSearchPath("."), .define("NDEBUG", .when(configuration: .release))],
            linkerSettings: [.linkedLibrary("simdjson")]),

        // L1: values without input or output
        .target(name: "Primitives", swiftSettings: pure),

        // L2: the domain, pure
        .target(name: "Admission", dependencies: ["Primitives"], swiftSettings: pure),
        .target(name: "Breakers", dependencies: ["Primitives"], swiftSettings: pure),
        .target(name: "Metrics", dependencies: ["Primitives"], swiftSettings: pure),
        .target(name: "Routing", dependencies: ["Primitives"], swiftSettings: pure),
        .target(name: "Shadowing", dependencies: ["Primitives"], swiftSettings: pure),

        // L2e: edges, one outside library each
        .target(name: "Contracts", dependencies: ["CSimdJSON", "Primitives"], swiftSettings: house),
        .target(name: "HTTPWire", dependencies: ["CNghttp2", "Primitives"], swiftSettings: house),
        .target(name: "Inference", dependencies: ["COnnxRuntime", "Primitives"], swiftSettings: house),
        .target(name: "Ledgers", dependencies: ["Primitives", .product(name: "GRDB", package: "GRDB.swift")], swiftSettings: house),
        .target(name: "Processes", dependencies: ["CProcess", "Primitives"], swiftSettings: house),
        .target(name: "Reactor", dependencies: ["CLinux", "Primitives"], swiftSettings: house),
        .target(name: "Recordings", dependencies: ["Primitives"], swiftSettings: house),
        .target(name: "Replays", dependencies: ["CCurl", "Primitives"], swiftSettings: house),
        .target(name: "RouteFiles", dependencies: ["Primitives", .product(name: "Yams", package: "Yams")], swiftSettings: house),
        .target(name: "TLS", dependencies: ["COpenSSL", "Primitives"], swiftSettings: house),

        // L3: the only place where stations meet
        .target(
            name: "Gateway",
            dependencies: [
                "Admission", "Breakers", "Contracts", "HTTPWire", "Inference", "Ledgers", "Metrics", "Primitives", "Processes", "Reactor",
                "Recordings", "RouteFiles", "Routing", "Shadowing", "TLS",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: house),

        // L4: the control plane
        .target(
            name: "Admin",
            dependencies: ["Breakers", "Gateway", "Ledgers", "Metrics", "Primitives", "Routing", .product(name: "Logging", package: "swift-log")],
            swiftSettings: house),

        // L5: the program
        .executableTarget(
            name: "weir",
            dependencies: [
                "Admin", "Gateway", "Ledgers", "Primitives", "Replays", "Routing",
                .product(name: "ArgumentParser", package: "swift-argument-parser"), .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: house),

        .testTarget(name: "AdmissionTests", dependencies: ["Admission", "Primitives"], swiftSettings: house),
        .testTarget(name: "BreakersTests", dependencies: ["Breakers", "Primitives", "Routing"], swiftSettings: house),
        .testTarget(
            name: "CommandTests", dependencies: ["Gateway", "Ledgers", "Metrics", "Primitives", "TLS", "weir", .product(name: "Logging", package: "swift-log")], swiftSettings: house),
        .testTarget(name: "ContractsTests", dependencies: ["Contracts"], swiftSettings: house),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Admin", "Admission", "Breakers", "Contracts", "Gateway", "HTTPWire", "Inference", "Ledgers", "Metrics", "Primitives",
                "Processes", "Reactor", "RouteFiles", "Routing", "Shadowing", "TLS", "weir",
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: house),
        .testTarget(name: "HTTPWireTests", dependencies: ["HTTPWire", "Primitives"], swiftSettings: house),
        .testTarget(name: "InferenceTests", dependencies: ["COnnxRuntime", "Inference"], swiftSettings: house),
        .testTarget(
            name: "LedgersTests", dependencies: ["Ledgers", "Primitives", .product(name: "GRDB", package: "GRDB.swift")], swiftSettings: house),
        .testTarget(name: "MetricsTests", dependencies: ["Metrics", "Primitives"], swiftSettings: house),
        .testTarget(name: "PrimitivesTests", dependencies: ["Primitives"], swiftSettings: house),
        .testTarget(name: "ProcessesTests", dependencies: ["Primitives", "Processes"], swiftSettings: house),
        .testTarget(name: "RecordingsTests", dependencies: ["Primitives", "Recordings"], swiftSettings: house),
        .testTarget(name: "ReplaysTests", dependencies: ["Primitives", "Replays"], swiftSettings: house),
        .testTarget(name: "RouteFilesTests", dependencies: ["Primitives", "RouteFiles"], swiftSettings: house),
        .testTarget(
            name: "RoutingTests", dependencies: ["Primitives", "Routing"], exclude: ["make_vectors.py", "vectors.json"], swiftSettings: house),
        .testTarget(name: "ShadowingTests", dependencies: ["Primitives", "Shadowing"], swiftSettings: house),
        .testTarget(name: "TidyTests", swiftSettings: house),
    ],
    cxxLanguageStandard: .cxx17
)
