package import DaybreakCore

/// Clusters with the pattern that each of a fold's patterns is counted in.
package struct Refinement: Sendable {
  /// The clusters by (service, fingerprint).
  package let clusters: [ClusterObservation]
  /// The place in `clusters` of each pattern, in the order of the result's services and patterns.
  let clusterOfPattern: [Int32]
}

/// Tells which cluster a message was counted in.
///
/// It asks the patterns of the fold itself and not the templates, so that the messages of a cluster are
/// as many as its count. Not safe to share between threads.
package final class ClusterAssigner {
  private var table: PatternTable
  private var masker = Masker()
  private let services: [ServiceIdentity: Int32]
  /// How many clusters there are.
  let clusterCount: Int
  /// The cluster by the table's number of a pattern.
  private var clusterOfPattern: [Int32] = []
  /// This assigner's number of each service of the reader's table, -1 for an unknown one.
  private var numbers: [Int32] = []
  private var numbersTable: ServiceTable?

  /// Makes an assigner.
  ///
  /// - Parameters:
  ///   - result: what was counted.
  ///   - refinement: the clusters of that very result.
  package init(result: FoldResult, refinement: Refinement) {
    var table = PatternTable(options: result.options, stage: result.stage)
    var owners: [Int32] = []
    var place = 0
    for (index, service) in result.services.enumerated() {
      for pattern in service.patterns {
        let known = table.locate(pattern.masked, service: Int32(index), tier: pattern.tier)
        while owners.count <= known { owners.append(-1) }
        owners[known] = refinement.clusterOfPattern[place]
        place += 1
      }
    }
    services = Dictionary(
      uniqueKeysWithValues: result.services.enumerated().map { ($1.identity, Int32($0)) })
    self.table = table
    clusterOfPattern = owners
    clusterCount = refinement.clusters.count
  }

  /// The cluster of an event.
  ///
  /// - Parameters:
  ///   - record: the event.
  ///   - batch: what it is part of.
  ///   - services: the table of the records' service numbers.
  /// - Returns: a place in `Refinement.clusters`; nil for an event that the fold did not count.
  package func cluster(
    of record: LineRecord, in batch: LineBatch, services: ServiceTable
  ) -> Int? {
    let service = number(record.service, services)
    guard service >= 0 else { return nil }
    let message = batch.message(of: record)
    let pattern = withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { empty in
      // An empty message needs an address that is not read.
      locate(message.isEmpty ? UnsafeRawBufferPointer(empty) : message, message.count, service)
    }
    return owner(of: pattern)
  }

  /// The cluster of a pattern of a fold that was merged into this one; nil for one that was not.
  func cluster(of pattern: FoldedPattern, service: ServiceIdentity) -> Int? {
    guard let service = services[service] else { return nil }
    return owner(of: table.locate(pattern.masked, service: service, tier: pattern.tier))
  }

  private func owner(of pattern: Int) -> Int? {
    guard pattern < clusterOfPattern.count, clusterOfPattern[pattern] >= 0 else { return nil }
    return Int(clusterOfPattern[pattern])
  }

  private func locate(
    _ message: UnsafeRawBufferPointer, _ count: Int, _ service: Int32
  ) -> Int {
    guard let bytes = message.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return .max }
    masker.mask(bytes, count: count)
    let masked = UnsafePointer(masker.output)
    let hash = hash64(masked, count: masker.count, seed: patternSeed(service: service))
    let pattern = table.find(masked, count: masker.count, service: service, hash: hash)
    if pattern >= 0 { return pattern }
    return table.place(
      Array(UnsafeBufferPointer(start: masked, count: masker.count)), service: service,
      tier: .exact)
  }

  private func number(_ service: Int32, _ table: ServiceTable) -> Int32 {
    if numbersTable !== table {
      numbersTable = table
      numbers.removeAll()
    }
    while numbers.count < table.identities.count {
      numbers.append(services[table.identities[numbers.count]] ?? -1)
    }
    return numbers[Int(service)]
  }
}
