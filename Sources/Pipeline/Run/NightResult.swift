package import DaybreakCore

/// How one night of one tenant ended.
package struct NightResult: Sendable {
  /// In words for people and machines.
  package enum Status: String, Sendable {
    /// The report is there and whole.
    case finished
    /// The report is there and says what is missing from it.
    case partial
    /// It was finished before; nothing was done.
    case unchanged
    case failed
  }

  package var tenant: TenantName
  package var date: CivilDate
  package var status: Status
  /// The verdict's text; nil when there is no report.
  package var verdict: String?
  package var incidentCount: Int
  package var newErrorCount: Int
  /// The folder of its report; nil when there is none.
  package var reportPath: String?
  /// Why it failed or is not whole.
  package var problem: String?
}

/// What a run is asked to do.
package struct RunRequest: Sendable {
  package var nights: ClosedRange<CivilDate>
  /// One stage to do again on its own.
  package var only: Stage?
  /// Whether finished nights are done again from the start.
  package var isForced: Bool

  package init(nights: ClosedRange<CivilDate>, only: Stage? = nil, isForced: Bool = false) {
    self.nights = nights
    self.only = only
    self.isForced = isForced
  }

  /// Every night, in order.
  var dates: [CivilDate] {
    (nights.lowerBound.dayNumber...nights.upperBound.dayNumber).map(CivilDate.init(dayNumber:))
  }
}
