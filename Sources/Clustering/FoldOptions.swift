/// The limits of a fold: part of its result, since results of different limits do not add up.
package struct FoldOptions: Hashable, Sendable {
  /// How many patterns a fold holds before groups of them become coarser.
  ///
  /// Memory is bounded by it: at most twice as many patterns are held, and one a service.
  package var patternLimit: Int
  /// How many distinct patterns may differ in unknown words alone before those words are variable.
  package var bucketLimit: Int
  /// How many messages a pattern keeps as samples; 1 to 64.
  package var sampleCount: Int

  package init(patternLimit: Int = 131_072, bucketLimit: Int = 1024, sampleCount: Int = 5) {
    precondition(patternLimit >= 1 && bucketLimit >= 1, "a fold needs room for a pattern")
    precondition((1...64).contains(sampleCount), "a pattern keeps 1 to 64 samples")
    self.patternLimit = patternLimit
    self.bucketLimit = bucketLimit
    self.sampleCount = sampleCount
  }

  /// The options as an error message names them.
  var description: String {
    "patternLimit \(patternLimit), bucketLimit \(bucketLimit), sampleCount \(sampleCount)"
  }
}

/// How coarse a whole fold has become.
///
/// At stage (tier, threshold) every group of patterns that are equal at `tier` and number more than
/// `threshold` is one pattern. Stages follow one another from fine to coarse; a fold is at the first
/// whose patterns fit in `patternLimit`. What a group is charged only grows with its patterns
/// (`min(patterns, threshold + 1)`), so the stage, and with it the result, depends on the set of
/// patterns met and not on their order.
struct FoldStage: Hashable, Comparable, Sendable {
  let index: Int
  private let thresholds: Int
  private let bucketLimit: Int

  /// The stage of a number; nil beyond the last.
  init?(index: Int, options: FoldOptions) {
    // bucketLimit, its halves down to 1, and 0.
    thresholds = Int.bitWidth - options.bucketLimit.leadingZeroBitCount + 1
    bucketLimit = options.bucketLimit
    guard index >= 0, index < thresholds * 3 else { return nil }
    self.index = index
  }

  /// The next coarser stage; nil behind the last.
  func next(options: FoldOptions) -> FoldStage? { FoldStage(index: index + 1, options: options) }

  /// The tier that groups are equal at.
  var tier: Tier { Tier(rawValue: UInt8(index / thresholds + 1)) ?? .anything }

  /// How many patterns a group may hold.
  var threshold: Int { bucketLimit >> (index % thresholds) }

  static func < (left: FoldStage, right: FoldStage) -> Bool { left.index < right.index }
}
