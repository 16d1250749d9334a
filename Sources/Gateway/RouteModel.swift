import RouteFiles

/// One model of a route file, a variant's or a shadow's, as quarantine and loader see it.
struct RouteModel: Sendable {
    /// The variant's or shadow's.
    let name: String
    /// Where the route file names the model's file, for complaints.
    let key: String
    let line: Int
    let candidate: Candidate
    /// On which threads it runs when it serves; nil leaves it to what a row was measured to cost.
    let run: RunEntry?
    /// What is copied to it; nil for a variant.
    let shadow: ShadowEntry?
    /// What quarantine found; nil when it was not tried.
    var pass: QuarantinePass?

    /// - Precondition: the variant is one of the file's.
    init(_ file: RouteFile, _ variant: VariantEntry, samples: SampleRows) {
        (name, key, line, run, shadow) = (variant.name, "variants.\(variant.name).model", variant.modelLine, variant.run, nil)
        candidate = Candidate(file, model: variant.model, sha256: variant.sha256, samples: samples)
    }

    /// - Precondition: the shadow is one of the file's.
    init(_ file: RouteFile, _ shadow: ShadowEntry, samples: SampleRows) {
        (name, key, line, run, self.shadow) = (shadow.name, "shadows.\(shadow.name).model", shadow.modelLine, nil, shadow)
        candidate = Candidate(file, model: shadow.model, sha256: shadow.sha256, samples: samples)
    }

    /// Whether the model is kept out of traffic, live or as a copy.
    func isHeld(_ held: Set<BreakerBoard.Key>, of route: RouteFile) -> Bool {
        held.contains(BreakerBoard.Key(route: route.name, variant: name, sha256: candidate.sha256))
    }
}
