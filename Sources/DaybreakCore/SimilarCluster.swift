/// A cluster of earlier nights that reads like one of tonight, and how it ended.
///
/// Always of the same tenant. Figures are those known on the eve of the night that asks.
package struct SimilarCluster: Hashable, Sendable {
  /// How what it was about went on.
  package enum Ending: Hashable, Sendable {
    /// It was daily, and gone on that night.
    case resolved(on: CivilDate)
    /// It still came on the last night before this one.
    case recurring
    /// It stopped after its last night, without having been daily.
    case silent(since: CivilDate)
  }

  /// An incident of an earlier night that it was part of.
  package struct PastIncident: Hashable, Sendable {
    package var night: CivilDate
    package var severity: Severity
    /// The service that moved first.
    package var firstMover: ServiceIdentity
    /// How many services were in it.
    package var serviceCount: Int
    /// How long it lasted; nil where an older version found it.
    package var seconds: Int64?
    /// What was said of it: the possible cause, or else a model's summary; nil for nothing.
    package var said: String?

    package init(
      night: CivilDate, severity: Severity, firstMover: ServiceIdentity, serviceCount: Int,
      seconds: Int64? = nil, said: String? = nil
    ) {
      self.night = night
      self.severity = severity
      self.firstMover = firstMover
      self.serviceCount = serviceCount
      self.seconds = seconds
      self.said = said
    }
  }

  package var identity: ServiceIdentity
  package var fingerprint: Fingerprint
  package var template: String
  /// The cosine of the two vectors, rounded to three decimals: 1 for the same words.
  package var similarity: Double
  /// The first and the last night on which it came, of those whose counts are still stored.
  package var firstNight: CivilDate
  package var lastNight: CivilDate
  /// On how many nights it came.
  package var nightsSeen: Int
  /// Its events on these nights.
  package var count: Int64
  package var ending: Ending
  /// The latest incident that it was part of; nil for none.
  package var incident: PastIncident?
  /// What was last said of it on an earlier night: the possible cause, or else a model's summary;
  /// nil for nothing.
  package var said: String?

  package init(
    identity: ServiceIdentity, fingerprint: Fingerprint, template: String, similarity: Double,
    firstNight: CivilDate, lastNight: CivilDate, nightsSeen: Int, count: Int64, ending: Ending,
    incident: PastIncident? = nil, said: String? = nil
  ) {
    self.identity = identity
    self.fingerprint = fingerprint
    self.template = template
    self.similarity = similarity
    self.firstNight = firstNight
    self.lastNight = lastNight
    self.nightsSeen = nightsSeen
    self.count = count
    self.ending = ending
    self.incident = incident
    self.said = said
  }
  /// The night on which it was found gone; nil when it was not.
  package var resolvedOn: CivilDate? {
    if case .resolved(let night) = ending { night } else { nil }
  }
}
