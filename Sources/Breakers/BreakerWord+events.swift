// Every way a breaker moves, as pure functions: what the word becomes, or nil when the event changes nothing.
//
//            trip                    probe due
//   closed ────────▶ open ─────────────────────▶ probing
//     ▲                ▲      a probe failed         │
//     │                └─────────────────────────────┤
//     └──────────────────────────────────────────────┘
//        enough probes succeeded: closed, ramping up
//
//   any ── hold ─▶ held ── release ─▶ open, a probe due at once

extension BreakerWord {
    /// Whether calls that begin now are judged: closed, and no calls from before it closed are meant.
    package func counts(at now: UInt64) -> Bool {
        state == .closed && now >= instant
    }

    /// A rule was broken: opens. In `observe` it stays closed, and counts nothing for as long as it would have been open.
    ///
    /// The row of doublings begins anew once it has been closed for a whole window without a trip: by then each rule has had the whole of
    /// the evidence it asks for. Not sooner: a variant that fails only under its full share of traffic would look well on the ramp.
    /// - Parameter draw: 64 uniform bits, for the jitter.
    package func tripped(_ reason: BreakerReason, at now: UInt64, by times: BreakerTimes, draw: UInt64) -> BreakerWord? {
        guard counts(at: now) else { return nil }
        let isRested = now - instant >= times.window
        var next = moved(to: times.isEnforced ? .open : .closed)
        next.isSlow = reason == .slowShare
        next.trips = (isRested ? 0 : trips) + 1
        next.instant = now + times.openTime(trips: next.trips, draw: draw)
        return next
    }

    /// A call asks to pass an open or probing breaker: gets the lease if a probe is due, or the last one has expired or was given back.
    package func leased(at now: UInt64, by times: BreakerTimes) -> BreakerWord? {
        guard state == .open || state == .probing, now >= instant || (state == .probing && !isLeased) else { return nil }
        var next = moved(to: .probing)
        next.isLeased = true
        next.isSlow = isSlow
        next.trips = trips
        next.successes = successes
        next.instant = now + times.lease
        return next
    }

    /// A probe was answered: closes after enough successes, opens for twice as long after one failure. Nothing if the lease is not the one
    /// in force.
    package func probed(_ result: CallResult, lease: UInt16, at now: UInt64, by times: BreakerTimes, draw: UInt64) -> BreakerWord? {
        guard state == .probing, isLeased, lease == generation else { return nil }
        let isFailure = result.isFailure || (isSlow && result == .slow)
        let isEnough = successes + 1 >= times.successesToClose
        var next = moved(to: isFailure ? .open : isEnough ? .closed : .probing)
        next.isSlow = isSlow
        next.trips = isFailure ? trips + 1 : trips
        switch next.state {
        case .open: next.instant = now + times.openTime(trips: next.trips, draw: draw)
        case .closed:
            next.instant = now
            next.isRamping = times.ramp > 0
        default:
            next.successes = successes + 1
            next.instant = now
        }
        return next
    }

    /// A probe came to nothing: the next call may have its lease.
    package func givenBack(_ lease: UInt16) -> BreakerWord? {
        guard state == .probing, isLeased, lease == generation else { return nil }
        var next = self
        next.isLeased = false
        return next
    }

    /// The ramp has come to its end.
    package func rampEnded(at now: UInt64, by times: BreakerTimes) -> BreakerWord? {
        guard isRamping, share(at: now, by: times) == BreakerWord.wholeShare else { return nil }
        // The same generation: what was counted on the ramp goes on counting.
        var next = self
        next.isRamping = false
        return next
    }

    /// Put aside. Counts as a trip, so that a probe that fails after the release opens it for longer.
    package func held(at now: UInt64) -> BreakerWord? {
        guard state != .held else { return nil }
        var next = moved(to: .held)
        next.trips = max(trips, 1)
        next.instant = now
        return next
    }

    /// Let go: open, and a probe is due at once; closed if trips are not enforced.
    package func released(at now: UInt64, by times: BreakerTimes) -> BreakerWord? {
        guard state == .held else { return nil }
        var next = moved(to: times.isEnforced ? .open : .closed)
        next.trips = trips
        next.instant = now
        return next
    }

    /// Another policy is in force: one that does not enforce trips lets all traffic flow, but for a held variant; one that does judges at
    /// once what was only observed.
    package func governed(at now: UInt64, by times: BreakerTimes) -> BreakerWord? {
        let isRelaxed = !times.isEnforced && (state == .open || state == .probing || isRamping)
        guard isRelaxed || (state == .closed && instant > now) else { return nil }
        var next = moved(to: .closed)
        next.trips = isRelaxed ? 0 : trips
        next.instant = now
        return next
    }

    /// All units, as a share of 2^32.
    package static let wholeShare: UInt64 = 1 << 32

    /// How many of 2^32 units pass without a lease.
    package func share(at now: UInt64, by times: BreakerTimes) -> UInt64 {
        guard state == .closed else { return 0 }
        guard isRamping else { return BreakerWord.wholeShare }
        // A reactor's clock may be read a little before another's.
        let elapsed = now > instant ? now - instant : 0
        return elapsed < times.ramp ? elapsed << 32 / times.ramp : BreakerWord.wholeShare
    }

    /// Another state, under the next generation; everything else is zero.
    private func moved(to state: BreakerState) -> BreakerWord {
        var next = BreakerWord.clear
        next.state = state
        next.generation = generation &+ 1
        return next
    }
}
