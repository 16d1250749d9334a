import Foundation
import Testing

@testable import Contracts

@Suite struct OutcomeNumberTests {
    private let rig: OutcomeRig

    init() throws { rig = try OutcomeRig() }

    private func fixed(_ text: String) -> Int64? {
        guard case .number(_, let fixed)? = rig.read(#"{"prediction":"p","name":"n","value":\#(text)}"#).items.first?.value else {
            Issue.record("\(text) is no number")
            return nil
        }
        return fixed
    }

    @Test(
        "fixed point is the decimal that came, a half to the even side",
        arguments: zip(
            [
                "1", "-0", "0.000001", "0.0000005", "0.0000015", "0.0000025", "0.00000250", "0.00000250000000000000000000000001",
                "-0.0000015", "-0.0000025",
                "0.00000049999999999999999999", "1e-6", "5e-7", "15e-7", "5e-8", "1e0", "1E+2", "0.1e1", "123456.789e-3", "9000000",
                "9000000.0000004",
                "9000000.0000005", "9000000.0000006", "-9000000", "-9000001", "9e6", "9e7", "1e300", "0e999999999999999999999", "0.0e5",
                "1e-999999999999999999999",
                "0.000000000000000000000000000000000001e36", "100000000000000000000000000000000000e-35", "2.675", "8999999.9999995",
            ],
            [
                1_000_000, 0, 1, 0, 2, 2, 2, 3, -2, -2, 0, 1, 0, 2, 0, 1_000_000, 100_000_000, 1_000_000, 123_456_789, 9_000_000_000_000,
                9_000_000_000_000,
                9_000_000_000_000, nil, -9_000_000_000_000, nil, 9_000_000_000_000, nil, nil, 0, 0, 0, 1_000_000, 1_000_000, 2_675_000,
                9_000_000_000_000,
            ] as [Int64?]))
    func table(text: String, expected: Int64?) {
        #expect(fixed(text) == expected)
    }

    @Test("fixed point agrees with Foundation's decimals on 4000 drawn numbers")
    func againstDecimal() {
        var source = SeededSource(state: 7)
        for _ in 0..<4_000 {
            let digits = (0..<Int.random(in: 1...12, using: &source)).map { _ in Int.random(in: 0...9, using: &source) }.map(String.init)
                .joined()
            let fraction = (0..<Int.random(in: 1...9, using: &source)).map { _ in ["0", "5", "9", "1"].randomElement(using: &source) ?? "0"
            }.joined()
            let mantissa = "\(Bool.random(using: &source) ? "-" : "")\(Int64(digits) ?? 0).\(fraction)"
            let exponent = Int.random(in: -9...3, using: &source)
            var exact = Decimal(string: mantissa, locale: Locale(identifier: "en_US_POSIX")) ?? .nan
            exact *= Decimal(sign: .plus, exponent: exponent + 6, significand: 1)
            var rounded = Decimal()
            NSDecimalRound(&rounded, &exact, 0, .bankers)
            let expected = abs(rounded) <= Decimal(Limits.fixedPoint) ? NSDecimalNumber(decimal: rounded).int64Value : nil
            #expect(fixed("\(mantissa)e\(exponent)") == expected, "\(mantissa)e\(exponent)")
        }
    }

    @Test(
        "numbers are the nearest doubles, whatever their length",
        arguments: [
            "0.1234567890123456789012345", "123456789012345678901234567890", "1e-320", "0.30000000000000004", "-2.2250738585072014e-308",
        ])
    func doubles(text: String) throws {
        let answer = rig.read(#"{"prediction":"p","name":"n","value":\#(text) }"#)
        guard case .number(let number, _)? = answer.items.first?.value else { throw ContractError.outOfMemory }
        #expect(number == Double(text))
    }

    private func at(_ json: String) -> Int64? {
        rig.read(#"{"prediction":"p","name":"n","value":1,"at":\#(json)}"#).items.first?.at
    }

    @Test(
        "moments are RFC 3339 text or whole milliseconds",
        arguments: zip(
            [
                "\"1970-01-01T00:00:00Z\"", "\"2026-11-22T20:00:00Z\"", "\"2026-11-22t21:00:00.25+01:00\"",
                "\"2026-11-22 15:30:00.1239999-04:30\"",
                "\"1969-12-31T23:59:59.999Z\"", "\"2000-02-29T00:00:00Z\"", "\"2016-12-31T23:59:60Z\"", "\"0000-01-01T00:00:00Z\"",
                "\"9999-12-31T23:59:59.999z\"", "1795377600000", "1.7953776e12", "-1", "1e3",
            ],
            [
                0, 1_795_377_600_000, 1_795_377_600_250, 1_795_377_600_123, -1, 951_782_400_000, 1_483_228_800_000, -62_167_219_200_000,
                253_402_300_799_999, 1_795_377_600_000, 1_795_377_600_000, -1, 1_000,
            ] as [Int64]))
    func moments(json: String, expected: Int64) {
        #expect(at(json) == expected)
    }

    @Test(
        "other texts are no moments",
        arguments: [
            "", "2026-11-22", "2026-11-22T20:00:00", "2026-11-22T20:00Z", "2026-11-22T24:00:00Z", "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:60Z", "2026-01-01T00:59:61Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+0100",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00Z ", " 2026-01-01T00:00:00Z", "26-01-01T00:00:00Z", "+2026-01-01T00:00:00Z",
            "2026-1-01T00:00:00Z", "2026-01-01T00:00:00ZZ", "2026-01-01T00:00:00-", "1795377600000",
        ])
    func noMoments(text: String) {
        #expect(rig.read(#"{"prediction":"p","name":"n","value":1,"at":"\#(text)"}"#).code == "value-not-allowed")
    }

    @Test("moments agree with Foundation's calendar on 5000 drawn days")
    func againstCalendar() {
        let formatter = ISO8601DateFormatter()
        var source = SeededSource(state: 11)
        for _ in 0..<5_000 {
            let seconds = Int64.random(in: -11_000_000_000...200_000_000_000, using: &source)
            #expect(at("\"\(formatter.string(from: Date(timeIntervalSince1970: Double(seconds))))\"") == seconds * 1_000)
        }
    }
}
