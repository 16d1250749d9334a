extension Split {
    /// What a change to another split moves, for units drawn at random.
    ///
    /// Let `X_k = -ln(u_k)`, independent standard exponentials that the change leaves as they are, and let `w`, `v` be the weights
    /// before and after. Before, the smallest `X_k / w_k` wins; after, the smallest `X_k / v_k`.
    ///
    /// *i* before and *j ≠ i* after: let `s` and `t` be the winning scores, so `X_i = s·w_i` and `X_j = t·v_j`. Nobody else may
    /// beat either: `X_k ≥ max(s·w_k, t·v_k)`, for *i* and *j* too. With `r = t / s` that gives the density
    ///
    ///     w_i v_j exp(-s A(r)),  A(r) = Σ_k max(w_k, r v_k),  where  ρ_j ≤ r ≤ ρ_i  and  ρ_k = w_k / v_k
    ///
    /// (`max` is `w_i` for *i* and `r v_j` for *j* exactly there). The integral over `s`, with `dt = s dr`, is `1 / A(r)²`:
    ///
    ///     P(i → j) = w_i v_j ∫ dr / A(r)²  from ρ_j to ρ_i,  and 0 unless ρ_j < ρ_i
    ///
    /// Between neighbouring ratios `A(r) = a + b r`, and `∫ dr / (a + b r)² = (r₂ - r₁) / (A(r₁) A(r₂))`: a closed form.
    /// So a unit only ever moves to a variant whose weight grew more in proportion.
    ///
    /// *i* both times: `X_k ≥ X_i · max(w_k / w_i, v_k / v_i)` for all others, hence `P(i → i) = 1 / Σ_k max(w_k / w_i, v_k / v_i)`.
    ///
    /// Neither scale matters: weights need not sum to anything. Variants are matched by name; one that a split lacks has weight zero
    /// there. The salt must stay the same: a new one reassigns everybody.
    package func expectedMoves(to other: Split) -> Moves {
        let names = Set((shares + other.shares).map(\.name)).sorted(by: Split.precedes)
        let race = Race(before: names.map { weight(of: $0) }, after: names.map { other.weight(of: $0) })
        let matrix = names.indices.map { from in
            names.indices.map { to in from == to ? race.staying(from) : race.moving(from, to) }
        }
        return Moves(names: names, shares: matrix)
    }
}

/// The weights of every variant before and after, as they were given: division would make equal ratios differ in their last bit.
private struct Race {
    let before: [Double]
    let after: [Double]
    /// All finite ρ, ascending; between two neighbours the sum of maxima is a straight line.
    let ratios: [Double]

    init(before: [Double], after: [Double]) {
        self.before = before
        self.after = after
        let finite = zip(before, after).filter { $0.1 > 0 }.map { $0.0 / $0.1 }
        ratios = Set(finite).sorted()
    }

    func staying(_ index: Int) -> Double {
        guard before[index] > 0, after[index] > 0 else { return 0 }
        let sum = before.indices.reduce(0) { $0 + max(before[$1] / before[index], after[$1] / after[index]) }
        return 1 / sum
    }

    func moving(_ from: Int, _ to: Int) -> Double {
        guard before[from] > 0, after[to] > 0 else { return 0 }
        let start = before[to] / after[to]
        let end = after[from] > 0 ? before[from] / after[from] : .infinity
        guard start < end else { return 0 }
        let steps = ratios.filter { start <= $0 && $0 <= end }
        var integral = zip(steps, steps.dropFirst()).reduce(0) { $0 + ($1.1 - $1.0) / (maxima(at: $1.0) * maxima(at: $1.1)) }
        if end == .infinity {
            // From the last ratio r₁ to infinity A(r) = b r, with all weight after for b, and the integral is 1 / (b A(r₁)).
            let last = steps.last ?? start
            let slope = after.reduce(0, +)
            integral += 1 / (slope * maxima(at: last))
        }
        return before[from] * after[to] * integral
    }

    /// A(r) = Σ max(w_k, r v_k).
    private func maxima(at ratio: Double) -> Double {
        zip(before, after).reduce(0) { $0 + max($1.0, ratio * $1.1) }
    }
}
