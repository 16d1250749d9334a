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

let package = Package(
    name: "weir",
    dependencies: [
    ],
    targets: [
        // L0: C libraries, each imported by one target
        .target(name: "CLinux"),
        .target(name: "CNghttp2"),
        .target(name: "COpenSSL"),

        // L1: values without input or output
        .target(name: "Primitives", swiftSettings: house + [.strictMemorySafety()]),

        // L2e: edges, one outside library each
        .target(name: "Reactor", dependencies: ["CLinux", "Primitives"], swiftSettings: house),
        .target(name: "TLS", dependencies: ["COpenSSL", "Primitives"], swiftSettings: house),
        .target(name: "HTTPWire", dependencies: ["CNghttp2", "Primitives"], swiftSettings: house),

        // L2e: edges, one outside library each
        .target(name: "HTTPWire", dependencies: ["Primitives"], swiftSettings: house),

        .testTarget(name: "HTTPWireTests", dependencies: ["HTTPWire"], swiftSettings: house),
        .testTarget(name: "PrimitivesTests", dependencies: ["Primitives"], swiftSettings: house),
        .testTarget(name: "MetricsTests", dependencies: ["Metrics", "Primitives"], swiftSettings: house),
    ]
)
