/// What `daybreak doctor` found out about one thing that Daybreak needs or likes to have.
package struct DoctorCheck: Hashable, Sendable, Codable {
  /// How things stand.
  package enum State: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    /// There, and fit for use.
    case ok
    /// Daybreak works without it, less well; or it will soon be a problem.
    case warning
    /// Daybreak cannot run so.
    case missing

    package static func < (left: State, right: State) -> Bool { left.rank < right.rank }

    private var rank: Int { State.allCases.firstIndex(of: self) ?? 0 }
  }

  /// What was looked at, as `PostgreSQL server`.
  package let name: String
  package let state: State
  /// What there is, in a few words; never a password.
  package let found: String
  /// The exact command, or else the change, that mends it; nil when all is well.
  package let remedy: String?

  package init(name: String, state: State, found: String, remedy: String? = nil) {
    self.name = name
    self.state = state
    self.found = found
    self.remedy = remedy
  }
}
