import Foundation
import Testing

@testable import weir

@Suite struct CheckoutTests {
    @Test("the checkout is the nearest folder above with a Package.swift")
    func nearest() throws {
        let folder = try Program().folder
        let inner = folder + "/sub/checkout"
        try FileManager.default.createDirectory(atPath: inner + "/.build/debug", withIntermediateDirectories: true)
        for path in [folder, inner] { #expect(FileManager.default.createFile(atPath: path + "/Package.swift", contents: Data())) }
        #expect(Checkout.root(above: inner + "/.build/debug/weir") == inner)
        #expect(Checkout.root(above: folder + "/sub/weir") == folder)
        #expect(Checkout.root(above: "/nowhere/bin/weir") == nil)
    }

    @Test("these tests were built in a checkout")
    func ownCheckout() {
        #expect(FileManager.default.fileExists(atPath: Checkout.root + "/Package.swift"))
    }
}
