import Ledgers
import Logging

// What the ledger complains of, in the control plane's words.

extension AdminRouter {
    /// Asks the ledger about faults for practice, held variants or shadows, and puts its complaints into words for the caller.
    func asking<Value>(_ question: () throws(LedgerError) -> Value) throws(AdminFault) -> Value {
        do {
            return try question()
        } catch .unknownRoute(let route, _) {
            throw .routeUnknown(route)
        } catch .unknownVariant(_, let variant, let known) {
            throw .faultMalformed("The route has no variant \(variant); it has \(known.joined(separator: ", ")).", field: "variant")
        } catch .unknownShadow(_, let shadow, _) {
            throw .shadowUnknown(shadow)
        } catch .tooManyFaults(_, let limit) {
            throw .tooManyFaults(limit)
        } catch .notHeld(_, let variant, _) {
            throw .notHeld(variant)
        } catch .invalid(let key, let reason) {
            if key == "author" { throw .authorReserved(RevisionEntry.fileAuthor) }
            let field = ["why": "reason", "share": "percent", "for": "seconds", "delay": "delay_ms"][key] ?? key
            throw .faultMalformed("\(field) \(reason).", field: field)
        } catch {
            throw unavailable(error)
        }
    }

    /// The answer when the ledger cannot be used now; the log says why.
    func unavailable(_ error: LedgerError) -> AdminFault {
        logger.error("the ledger cannot be used; the request is refused", metadata: ["reason": "\(error)"])
        if case .locked = error { return .ledgerUnavailable(1) }
        return .ledgerUnavailable(10)
    }
}
