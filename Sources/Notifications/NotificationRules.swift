/// When a mail is wanted: `when: [anomalies, new_clusters]` in a job file.
package enum NotificationTrigger: String, Sendable, CaseIterable, Codable {
  /// The night has anomaly events.
  case anomalies
  /// The night has clusters never seen before.
  case newClusters = "new_clusters"
  /// Quiet nights too.
  case always
  /// A source or a stage failed, so that the report is not whole.
  case failures
}

/// What of a night decides whether it is told.
package struct NightFacts: Sendable, Hashable {
  package var anomalies: Int
  package var newClusters: Int
  /// Sources and stages that failed.
  package var failures: Int

  package init(anomalies: Int, newClusters: Int, failures: Int) {
    self.anomalies = anomalies
    self.newClusters = newClusters
    self.failures = failures
  }

  /// Whether any of the triggers applies.
  package func trigger(_ triggers: some Sequence<NotificationTrigger>) -> Bool {
    triggers.contains { trigger in
      switch trigger {
      case .anomalies: anomalies > 0
      case .newClusters: newClusters > 0
      case .always: true
      case .failures: failures > 0
      }
    }
  }
}
