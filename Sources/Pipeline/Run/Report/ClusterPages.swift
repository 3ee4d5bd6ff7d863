internal import DaybreakCore
internal import Rendering

/// The pages of a night's clusters: one a fingerprint, with every service that wrote it.
struct ClusterPages {
  let report: DayReport
  let finder: SourceFinder

  var pages: [ClusterPage] {
    let byFingerprint = Dictionary(grouping: report.clusters, by: \.fingerprint)
    return byFingerprint.sorted { $0.key < $1.key }.map { fingerprint, members in
      ClusterPage(
        tenant: report.tenant, fingerprint: fingerprint, date: report.date,
        window: report.window, calendar: report.calendar, members: members,
        finder: members.first.flatMap { finder.finder(of: $0.identity) })
    }
  }
}
