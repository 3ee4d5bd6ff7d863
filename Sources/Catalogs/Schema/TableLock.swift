import Foundation

/// The modes in which a statement locks a table (PostgreSQL 15 manual, §13.3.1 "Table-Level Locks"), the
/// weakest first.
package enum TableLock: Int, Sendable, Comparable, CaseIterable {
  case accessShare, rowShare, rowExclusive, shareUpdateExclusive, share, shareRowExclusive
  case exclusive, accessExclusive

  package static func < (one: TableLock, other: TableLock) -> Bool { one.rawValue < other.rawValue }

  /// The mode as PostgreSQL's manual and `LOCK TABLE` write it.
  package var words: String {
    switch self {
    case .accessShare: "ACCESS SHARE"
    case .rowShare: "ROW SHARE"
    case .rowExclusive: "ROW EXCLUSIVE"
    case .shareUpdateExclusive: "SHARE UPDATE EXCLUSIVE"
    case .share: "SHARE"
    case .shareRowExclusive: "SHARE ROW EXCLUSIVE"
    case .exclusive: "EXCLUSIVE"
    case .accessExclusive: "ACCESS EXCLUSIVE"
    }
  }

  /// The mode of a name as `pg_locks.mode` has it; nil for other words.
  package init?(serverName: String) {
    let known = Self.allCases.first { mode in
      mode.words.split(separator: " ").map { $0.capitalized }.joined() + "Lock" == serverName
    }
    guard let known else { return nil }
    self = known
  }

  /// Whether `SELECT` waits until the transaction has ended.
  package var stopsReaders: Bool { self == .accessExclusive }

  /// Whether `INSERT`, `UPDATE` and `DELETE` wait until the transaction has ended.
  package var stopsWriters: Bool { self >= .share }

  /// Who waits, in words.
  package var whoWaits: String {
    if stopsReaders { return "readers and writers wait" }
    if stopsWriters { return "writers wait" }
    return self == .shareUpdateExclusive ? "other changes of the schema wait" : "nobody waits"
  }
}

/// A lock that a statement takes on something that it names.
package struct LockedRelation: Hashable, Sendable, Comparable {
  package let relation: RelationName
  package let mode: TableLock
  /// Whether the statement makes it, so that nobody can wait for it.
  package let isNew: Bool

  package static func < (one: LockedRelation, other: LockedRelation) -> Bool {
    (one.mode, one.relation) < (other.mode, other.relation)
  }
}
