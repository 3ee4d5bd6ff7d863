import DaybreakCore

/// Words for clusters of earlier nights.
enum SimilarText {
  /// When it came: `on 3 March 2026`, `on 5 nights, the last 3 March 2026`.
  static func nights(_ cluster: SimilarCluster) -> String {
    let last = Dates.long(cluster.lastNight)
    return cluster.nightsSeen == 1
      ? "on \(last)" : "on \(cluster.nightsSeen) nights, the last \(last)"
  }

  /// How it ended, and the incident that it was part of.
  static func outcome(_ cluster: SimilarCluster) -> String {
    let ending =
      switch cluster.ending {
      case .resolved(let night): "resolved on \(Dates.long(night))"
      case .recurring: "still recurring"
      case .silent: "not seen since"
      }
    guard let incident = cluster.incident else { return ending }
    let others = incident.serviceCount - 1
    let more = others > 0 ? " and \(Figures.counted(others, "other service"))" : ""
    return "\(ending); part of the incident of \(Dates.long(incident.night)), "
      + "\(incident.severity.rawValue.lowercased()), which began in "
      + inlineText(incident.firstMover.service, limit: 80) + more
      + (incident.seconds.map { ", and lasted \(length(seconds: $0))" } ?? "")
  }

  /// A length of time: `3 minutes`, `2 hours`.
  private static func length(seconds: Int64) -> String {
    seconds < 7200
      ? Figures.counted(Int(max(seconds / 60, 1)), "minute")
      : Figures.counted(Int((seconds + 1800) / 3600), "hour")
  }

  /// What was said of its incident, where that is not said of itself too.
  static func saidOfIncident(_ cluster: SimilarCluster) -> String? {
    guard let said = cluster.incident?.said, said != cluster.said else { return nil }
    return inlineText(said, limit: 400)
  }

  /// The published word for an ending.
  static func ending(_ ending: SimilarCluster.Ending) -> String {
    switch ending {
    case .resolved: "resolved"
    case .recurring: "recurring"
    case .silent: "silent"
    }
  }
}
