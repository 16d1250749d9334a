import Testing

@testable import Metrics

@Suite struct ExpositionFormatTests {
    /// A field and what it asks for.
    struct Case: Sendable, CustomTestStringConvertible {
        let accept: String
        let format: ExpositionFormat
        var testDescription: String { "\(accept) → \(format)" }

        init(_ accept: String, _ format: ExpositionFormat) {
            self.accept = accept
            self.format = format
        }
    }

    static let cases = [
        Case("", .prometheus),
        Case("*/*", .prometheus),
        Case("text/html,application/xhtml+xml,*/*;q=0.8", .prometheus),
        Case("application/json", .prometheus),
        Case("text/plain", .prometheus),
        Case("application/openmetrics-text", .openMetrics),
        Case("Application/OpenMetrics-Text; Version=1.0.0", .openMetrics),
        Case(#"application/openmetrics-text; version="1.0.0"; charset=utf-8"#, .openMetrics),
        Case("application/openmetrics-text; version=0.0.1", .prometheus),
        // Prometheus 2.42 and 3, word for word.
        Case(
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics),
        Case(
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
                + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .openMetrics),
        // The higher weight wins, wherever it stands; of two alike, the format that only its readers name.
        Case("application/openmetrics-text;q=0.4, text/plain;q=0.5", .prometheus),
        Case("text/plain;q=0.499, application/openmetrics-text;q=0.5", .openMetrics),
        Case("text/plain, application/openmetrics-text", .openMetrics),
        Case("application/*, text/plain;q=0.9", .openMetrics),
        Case("application/*, text/*", .prometheus),
        // The closest range decides, whatever wider ones say.
        Case("application/openmetrics-text;q=0, */*", .prometheus),
        Case("text/plain;q=0, */*;q=0.1", .openMetrics),
        Case("application/openmetrics-text;q=0", .prometheus),
        Case("application/openmetrics-text;version=1.0.0;q=0, application/openmetrics-text", .prometheus),
        // Rubbish is passed over.
        Case("application/openmetrics-text;q=2", .prometheus),
        Case("application/openmetrics-text;q=-1, application/openmetrics-text;q=1.0000", .prometheus),
        Case("application/openmetrics-text;q=1.001", .prometheus),
        Case("application/openmetrics-text;q=0.", .prometheus),
        Case("*/openmetrics-text, /, ;, ,,=,\"", .prometheus),
        Case("x/y;a=\"b,application/openmetrics-text", .prometheus),
        Case(#"x/y;a="b\",c", application/openmetrics-text"#, .openMetrics),
        Case("\t application/openmetrics-text \t; q=1 ,", .openMetrics),
    ]

    @Test("the Accept field chooses", arguments: cases)
    func choice(_ expected: Case) {
        #expect(ExpositionFormat(accept: expected.accept) == expected.format)
    }

    @Test("a long field takes time in proportion, and is understood")
    func long() {
        let accept = String(repeating: "text/plain;q=0.1,", count: 10_000) + "application/openmetrics-text;q=0.2"
        #expect(ExpositionFormat(accept: accept) == .openMetrics)
    }

    @Test("each format says what it is")
    func contentTypes() {
        #expect(ExpositionFormat.prometheus.contentType.description == "text/plain; version=0.0.4; charset=utf-8")
        #expect(ExpositionFormat.openMetrics.contentType.description == "application/openmetrics-text; version=1.0.0; charset=utf-8")
    }
}
