/// A bounded queue of objects from one thread to one other, without locks: neither waits for the other, however long that is without a CPU.
///
/// Exactly one thread calls `push` and exactly one calls `pop`. What does not fit is refused, and stays the caller's.
public final class ObjectQueue<Object: AnyObject & Sendable>: Sendable {
    // The addresses of objects, each with a reference that the queue holds until it is taken.
    private let ring: RingQueue<UInt>

    /// A queue that holds at least `capacity` objects: the next power of two.
    public init(capacity: Int) {
        ring = RingQueue(capacity: capacity)
    }

    deinit {
        while pop() != nil {}
    }

    /// Appends an object; false when the queue is full. Producer only.
    public func push(_ object: Object) -> Bool {
        let reference = unsafe Unmanaged.passRetained(object)
        if ring.push(unsafe UInt(bitPattern: reference.toOpaque())) { return true }
        // Not taken: the reference is given back.
        unsafe reference.release()
        return false
    }

    /// Takes the oldest object; nil when there is none. Consumer only.
    public func pop() -> Object? {
        guard let address = ring.pop(), let pointer = unsafe UnsafeRawPointer(bitPattern: address) else { return nil }
        // What `push` retained, once.
        return unsafe Unmanaged<Object>.fromOpaque(pointer).takeRetainedValue()
    }
}
