import Synchronization

/// Numbers that grow, for a clock that must.
final class Counter: Sendable {
  private let value = Atomic<Int64>(9_100_000_000_000_000_000)

  func next() -> Int64 { value.add(1, ordering: .relaxed).newValue }
}
