internal import DaybreakCore
internal import Foundation
internal import Rendering
internal import Storage
internal import Summaries

/// Everything the store holds of one night and the nights before it, as a report needs it.
struct NightFacts {
  /// One cluster tonight, with its past.
  struct Cluster {
    /// The store's id of it.
    let id: UUID
    let observation: ClusterObservation
    let lifecycle: Lifecycle
    let analysis: Analysis?
    /// Its earliest event ever; nil when none carries a time.
    let firstSeenEver: Timestamp?
    /// Events on each covered night before this one on which it was seen, under its own fingerprint or
    /// one that a merge gave to it.
    let nights: [CivilDate: Int64]
    /// Events of what it was split from, on the nights before that.
    let nightsBeforeSplit: [CivilDate: Int64]
  }

  /// Tonight's clusters and what became of earlier ones.
  struct Clusters {
    var present: [Cluster]
    var gone: [Gone]
    /// Every change of templates up to and on this night, oldest first.
    let changes: [StoredSuccession]
    let past: KnownPast
  }

  /// A cluster that was daily and did not come.
  struct Gone {
    let identity: ServiceIdentity
    let fingerprint: Fingerprint
    let template: String
    let level: Level
    let nights: [CivilDate: Int64]
  }

  /// Why a cluster is muted.
  struct Mute {
    let reason: String
    let author: String
    let since: Timestamp
    let expiry: Timestamp?
  }

  /// One service tonight and the night before.
  struct Service {
    let minutes: ServiceMinutes
    let previous: Totals?
  }

  /// What a service wrote in a whole night.
  struct Totals {
    let lines: Int64
    let errors: Int64
  }

  let night: Night
  /// Lines read by covered night before this one.
  let linesByNight: [CivilDate: Int64]
  let coverage: [SourceCoverage]
  let clusters: [Cluster]
  /// Tonight against the last nights by cluster; empty where the job does not refresh that view.
  let trends: [UUID: ClusterTrend]
  let gone: [Gone]
  /// Every change of templates up to and on this night, oldest first.
  let changes: [StoredSuccession]
  let past: KnownPast
  let mutes: [Fingerprint: Mute]
  let services: [Service]
  let anomalies: [AnomalyEvent]
  let assessment: AssessmentDetail
  let spoken: SummaryDetail
  let embedded: EmbedDetail
  /// Sections of the catalogs that the job names.
  let catalogs: [String: CatalogSection]
  /// Errors by hour of local day and ISO weekday of the covered nights, tonight included.
  let heatMap: [[Double?]]?

  /// The covered nights before this one, newest last.
  var coveredNights: [CivilDate] { linesByNight.keys.sorted() }
}

/// What the baseline stage leaves in the ledger for the report.
struct AssessmentDetail: Codable {
  /// What is known of one service.
  struct Service: Codable {
    let namespace: String
    let service: String
    let state: BaselineState
  }

  var services: [Service]
  /// Expected events of all services by hour of the window; empty while learning.
  var volumeBand: [ExpectedHour]

  static let empty = AssessmentDetail(services: [], volumeBand: [])
}

/// What the summarize stage leaves in the ledger for the report.
struct SummaryDetail: Codable {
  /// What was said of one incident.
  struct Incident: Codable {
    let id: UUID
    let analysis: Analysis
    /// The cluster that leads it.
    let leadingFingerprint: String?
  }

  /// What became of asking the job's model.
  struct ModelUse: Codable {
    let provider: String
    let model: String
    /// Answers shown, and what these took.
    let answers: Int
    let inputTokens: Int64
    let outputTokens: Int64
    let cost: Double?
    /// How often it did not speak, by the raw value of `SilenceReason`.
    let silences: [String: Int]
    /// What this run spent; in `run.json` alone.
    let spending: ModelSpending
  }

  var incidents: [Incident]
  /// Who spoke when it was a model; nil for none.
  var modelThatSpoke: String?
  /// nil where the job names no model.
  var modelUse: ModelUse?

  static let empty = SummaryDetail(incidents: [], modelThatSpoke: nil)
}
