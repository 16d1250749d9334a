import Gateway
import Ledgers
import Routing

// Faults for practice: a variant made to fail on purpose, for a while.

extension AdminRouter {
    /// The faults that are going on in a route.
    func listFaults(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes()
        guard view.route(named: visit.route) != nil else { throw .routeUnknown(visit.route) }
        let faults = try asking { () throws(LedgerError) in try ledger.faults(route: visit.route, now: .now) }
        return .json(200, FaultList(route: visit.route, faults: faults.map { FaultAnswer($0, isInForce: allows($0)) }))
    }

    /// Begins a fault, and answers once it is in force.
    func startFault(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes()
        let wanted = try FaultRequest(visit.request.body)
        guard view.route(named: visit.route) != nil else { throw .routeUnknown(visit.route) }
        let entry = try asking { () throws(LedgerError) in
            try ledger.startFault(
                route: visit.route, variant: wanted.variant, kind: wanted.kind, percent: wanted.percent, seconds: wanted.seconds,
                author: visit.author, reason: wanted.reason, now: .now)
        }
        let isFollowed = view.followLedger(within: patience)
        return .json(isFollowed ? 201 : 202, FaultAnswer(entry, isInForce: isFollowed && allows(entry)))
    }

    /// Ends the faults of a route, or of one of its variants, and answers once they are over.
    func endFaults(_ visit: Visit) throws(AdminFault) -> ControlAnswer {
        try visit.takes("variant")
        guard view.route(named: visit.route) != nil else { throw .routeUnknown(visit.route) }
        let ended = try asking { () throws(LedgerError) in
            try ledger.endFaults(route: visit.route, variant: visit.parameter("variant"), author: visit.author, now: .now)
        }
        let isFollowed = ended.isEmpty || view.followLedger(within: patience)
        let faults = ended.map { FaultAnswer($0, isInForce: !isFollowed && allows($0)) }
        return .json(isFollowed ? 200 : 202, FaultList(route: visit.route, faults: faults))
    }

    /// Whether this server lets such a fault do anything. The crash of a shadow ends the shadow's process, and needs no leave.
    private func allows(_ entry: FaultEntry) -> Bool {
        guard entry.kind == .crash, !view.allowsCrashFaults else { return true }
        return view.route(named: entry.route)?.split.shares.contains { $0.name == entry.variant } == false
    }
}

/// The body of a list of faults.
private struct FaultList: Encodable {
    let route: String
    let faults: [FaultAnswer]
}
