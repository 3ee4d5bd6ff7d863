import DaybreakCore
import Testing

/// The outbox's rules without a database: what any store must do.
final class MemoryOutbox: NotificationOutbox {
  struct Row {
    var message: OutboxMessage
    var state = OutboxState.pending
    var due = Timestamp(nanoseconds: .min)
    var leaseEnd = Timestamp(nanoseconds: .min)
    var note: String?
  }

  struct WrongState: Error { let state: OutboxState? }

  private(set) var rows: [OutboxKey: Row] = [:]
  /// Every state that a message went through.
  private(set) var history: [OutboxState] = []
  /// Makes the next `markSent` fail, as a database that dies does.
  var diesOnMarkSent = false

  func enqueue(_ message: OutboxMessage) -> Bool {
    guard rows[message.key] == nil else { return false }
    rows[message.key] = Row(message: message)
    history.append(.pending)
    return true
  }

  func claim(_ key: OutboxKey, now: Timestamp, leaseEnd: Timestamp) -> OutboxClaim {
    guard var row = rows[key] else { return .absent }
    switch row.state {
    case .sent, .failed: return .settled(row.state)
    case .pending where now < row.due: return .waiting(until: row.due)
    case .sending where now < row.leaseEnd: return .waiting(until: row.leaseEnd)
    case .pending, .sending:
      row.state = .sending
      row.leaseEnd = leaseEnd
      row.message.attempts += 1
      rows[key] = row
      history.append(.sending)
      return .claimed(row.message)
    }
  }

  func markSent(_ key: OutboxKey, at: Timestamp, note: String?) throws {
    if diesOnMarkSent {
      diesOnMarkSent = false
      throw WrongState(state: nil)
    }
    try change(key, to: .sent) { $0.note = note }
  }

  func markPending(
    _ key: OutboxKey, recipients: [String], nextAttempt: Timestamp, reason: String
  ) throws {
    try change(key, to: .pending) {
      $0.message.recipients = recipients
      $0.due = nextAttempt
      $0.note = reason
    }
  }

  func markFailed(_ key: OutboxKey, at: Timestamp, reason: String) throws {
    try change(key, to: .failed) { $0.note = reason }
  }

  private func change(_ key: OutboxKey, to state: OutboxState, _ edit: (inout Row) -> Void) throws {
    guard var row = rows[key], row.state == .sending else {
      throw WrongState(state: rows[key]?.state)
    }
    edit(&row)
    row.state = state
    rows[key] = row
    history.append(state)
  }
}
