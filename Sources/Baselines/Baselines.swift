package import DaybreakCore

/// Judges one night of one tenant against its history. A pure function: no clock, no I/O.
///
/// - Parameters:
///   - tonight: counts of the night; a service of the history that is not among them logged nothing.
///   - history: covered nights before `window`; see `ServiceHistory` for what must be in it.
///   - window: the night.
///   - calendar: the zone in which hours recur.
///   - tenant: whose night it is.
///   - missing: minutes (indices) of the night that were not read: no silence is seen in them.
///   - options: how strict to be.
/// - Returns: what is normal and what is not, service by service, and the incidents.
package func assessNight(
  _ tonight: [ServiceMinutes], history: [ServiceHistory], window: TimeWindow,
  calendar: NightCalendar, tenant: TenantName, missing: [Range<Int>] = [],
  options: BaselineOptions = BaselineOptions()
) -> NightAssessment {
  let counts = Dictionary(
    tonight.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
  let past = Dictionary(history.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
  let services = Set(counts.keys).union(past.keys).sorted().map { identity in
    ServiceAssessment(
      identity: identity,
      state: .learning(nights: past[identity]?.nights.count ?? 0, needed: options.minimumHistory),
      baseline: nil, errorBand: [], volumeBand: [], events: [])
  }
  return NightAssessment(
    services: services, incidents: incidents(from: services.flatMap(\.events), tenant: tenant))
}
