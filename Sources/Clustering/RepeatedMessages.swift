internal import CScanBytes

/// Messages met twice or more, byte for byte, and the patterns that count for them: half of the lines of
/// many logs are such, and need neither be masked nor looked up.
///
/// It changes nothing but the time taken: an entry answers for a message of its own bytes and service
/// only, and all are forgotten when the table of patterns is made anew. A message is copied when it is
/// met a second time, so that lines met once cost a glance at one slot; where few messages come again it
/// sleeps, and looks again after a while. Of a fixed size.
struct RepeatedMessages: ~Copyable {
  /// How many messages are held at most.
  private static let slotCount = 2048
  /// A longer message is not held, in bytes.
  private static let byteLimit = 256
  /// How many other messages an entry outlives that want its slot.
  private static let firstCredit: Int32 = 4
  /// How many messages are looked at before it is decided whether that is worth it, and how many are not
  /// looked at where it is not.
  private static let trial = 8192
  private static let sleep = 131_072

  private struct Slot: BitwiseCopyable {
    var hash: UInt64 = 0
    var service: Int32 = -1
    /// -1 while its message was met once.
    var pattern: Int32 = -1
    var count: Int32 = 0
    var credit: Int32 = 0
  }

  private var slots = FlatArray<Slot>(repeating: Slot(), count: slotCount)
  private let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: slotCount * byteLimit)
  /// Whether messages are looked for at all.
  private(set) var isAwake = true
  private var untilDecision = trial
  private var foundCount = 0

  deinit { bytes.deallocate() }

  @inline(__always)
  private func place(_ hash: UInt64, _ service: Int32) -> Int {
    Int(truncatingIfNeeded: hash &+ UInt64(UInt32(bitPattern: service)))
      & (RepeatedMessages.slotCount &- 1)
  }

  /// Takes in how many messages were looked for, or not, and how many of them were known; decides from
  /// time to time whether to go on.
  @inline(__always)
  mutating func report(count: Int, found: Int) {
    foundCount &+= found
    untilDecision &-= count
    if untilDecision <= 0 { decide() }
  }

  private mutating func decide() {
    // Below a quarter, what is saved is less than what looking costs.
    isAwake = !isAwake || foundCount * 4 >= RepeatedMessages.trial
    untilDecision = isAwake ? RepeatedMessages.trial : RepeatedMessages.sleep
    foundCount = 0
  }

  /// Asks for the memory that `find` will read first.
  @inline(__always)
  func prefetch(hash: UInt64, service: Int32) {
    dbk_prefetch(slots.base + place(hash, service))
  }

  /// The pattern that a message was counted by; -1 where that is not known.
  @inline(__always)
  func find(
    _ message: UnsafeRawPointer, count: Int, hash: UInt64, service: Int32
  ) -> Int32 {
    let place = place(hash, service)
    let slot = slots.base + place
    guard slot.pointee.hash == hash, slot.pointee.pattern >= 0,
      slot.pointee.service == service, Int(slot.pointee.count) == count,
      equalBytes(
        bytes + place &* RepeatedMessages.byteLimit,
        message.assumingMemoryBound(to: UInt8.self), count: count)
    else { return -1 }
    slot.pointee.credit = RepeatedMessages.firstCredit
    return slot.pointee.pattern
  }

  /// Notes which pattern counted for a message that `find` did not know.
  @inline(__always)
  mutating func note(
    _ message: UnsafeRawPointer, count: Int, hash: UInt64, service: Int32, pattern: Int
  ) {
    let place = place(hash, service)
    let slot = slots.base + place
    if slot.pointee.hash == hash, slot.pointee.service == service {
      guard count <= RepeatedMessages.byteLimit else { return }
      UnsafeMutableRawPointer(bytes + place &* RepeatedMessages.byteLimit)
        .copyMemory(from: message, byteCount: count)
      slot.pointee.pattern = Int32(pattern)
      slot.pointee.count = Int32(count)
      slot.pointee.credit = RepeatedMessages.firstCredit
    } else if slot.pointee.credit > 0 {
      slot.pointee.credit &-= 1
    } else {
      slot.pointee = Slot(hash: hash, service: service)
    }
  }

  /// Forgets every message: the patterns have other numbers now.
  mutating func removeAll() {
    for place in 0..<RepeatedMessages.slotCount { slots[place] = Slot() }
  }
}
