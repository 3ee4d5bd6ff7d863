internal import DaybreakCore
internal import Rendering

/// The pages of a night's clusters: one a fingerprint, with every service that wrote it.
struct ClusterPages {
  let report: DayReport
  let finder: SourceFinder
  /// Clusters that merges or splits of this night have left without events, as they were on their last
  /// night: their pages lead to what has the events now.
  let replaced: [ReplacedCluster]

  var pages: [ClusterPage] { presentPages + replacedPages }

  private var presentPages: [ClusterPage] {
    let byFingerprint = Dictionary(grouping: report.clusters, by: \.fingerprint)
    return byFingerprint.sorted { $0.key < $1.key }.map { fingerprint, members in
      ClusterPage(
        tenant: report.tenant, fingerprint: fingerprint, date: report.date,
        window: report.window, calendar: report.calendar, members: members,
        finders: members.first.map { finder.finders(of: $0.identity) } ?? [],
        lineage: lineage(of: fingerprint))
    }
  }

  private var replacedPages: [ClusterPage] {
    let byFingerprint = Dictionary(grouping: replaced, by: \.entry.fingerprint)
    return byFingerprint.sorted { $0.key < $1.key }.compactMap { fingerprint, clusters in
      guard let last = clusters.map(\.date).max() else { return nil }
      let members = clusters.filter { $0.date == last }
      return ClusterPage(
        tenant: report.tenant, fingerprint: fingerprint, date: last, window: members[0].window,
        calendar: report.calendar,
        members: members.map(\.entry).sorted {
          $0.count != $1.count ? $0.count > $1.count : $0.identity < $1.identity
        },
        finders: finder.finders(of: members[0].entry.identity), lineage: lineage(of: fingerprint))
    }
  }

  private func lineage(of fingerprint: Fingerprint) -> [TemplateChangeEntry] {
    report.lineage.filter { change in
      (change.old + change.new).contains { $0.fingerprint == fingerprint }
    }
  }
}
