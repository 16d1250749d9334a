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
        .target(name: "CLinux"),
        .target(name: "CNghttp2"),
        .target(name: "COpenSSL"),

        // L1: values without input or output
        .target(name: "Primitives", swiftSettings: pure),

        // L2: the domain, pure
        .target(name: "Metrics", dependencies: ["Primitives"], swiftSettings: pure),

        // L2e: edges, one outside library each
        .target(name: "HTTPWire", dependencies: ["CNghttp2", "Primitives"], swiftSettings: house),
        .target(name: "Reactor", dependencies: ["CLinux", "Primitives"], swiftSettings: house),
        .target(name: "TLS", dependencies: ["COpenSSL", "Primitives"], swiftSettings: house),

        .testTarget(name: "HTTPWireTests", dependencies: ["HTTPWire"], swiftSettings: house),
        .testTarget(name: "MetricsTests", dependencies: ["Metrics", "Primitives"], swiftSettings: house),
        .testTarget(name: "PrimitivesTests", dependencies: ["Primitives"], swiftSettings: house),
    ]
)
