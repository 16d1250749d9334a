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
        // L1: values without input or output
        .target(name: "Primitives", swiftSettings: house),

        .testTarget(name: "PrimitivesTests", dependencies: ["Primitives"], swiftSettings: house),
    ]
)
