@testable import Clustering

/// How messages are clustered, as the published comparisons score it.
struct Accuracy {
  /// The share of messages whose cluster holds the same messages as their label's (GA).
  let grouping: Double
  /// F1 of clusters against labels (FGA).
  let groups: Double
  /// The share of messages whose template is their label, byte for byte (PA).
  let parsing: Double

  init(messages: [String], labels: [String]) {
    let found = assigned(messages)
    var byLabel: [String: Set<Int>] = [:]
    var byCluster: [Int: Set<Int>] = [:]
    for index in messages.indices {
      byLabel[labels[index], default: []].insert(index)
      byCluster[found[index].cluster, default: []].insert(index)
    }
    let labelled = Set(byLabel.values)
    let right = byCluster.values.filter(labelled.contains)
    let count = Double(messages.count)
    grouping = Double(right.reduce(0) { $0 + $1.count }) / count
    groups = 2 * Double(right.count) / Double(byCluster.count + byLabel.count)
    parsing = Double(messages.indices.count { labels[$0] == found[$0].template }) / count
  }
}

/// The cluster and the plain template of each message.
private func assigned(_ messages: [String]) -> [(cluster: Int, template: String)] {
  var places: [[UInt8]: Int] = [:]
  var patterns: [FoldedPattern] = []
  let owners = messages.map { message -> Int in
    let masked = masked(Array(message.utf8))
    if let known = places[masked] {
      patterns[known].cells[0].count += 1
      return known
    }
    places[masked] = patterns.count
    patterns.append(
      FoldedPattern(
        masked: masked, tier: .exact, cells: [FoldedPattern.Cell(key: 0, count: 1)],
        firstSeen: .max, lastSeen: .min, furtherLines: 0, samples: []))
    return patterns.count - 1
  }
  let events = EventTemplates(patterns)
  let templates = events.templates.map(plainTemplate)
  return owners.map { owner in
    let cluster = events.eventOfPattern[owner]
    return (cluster, templates[cluster])
  }
}
