internal import Foundation

/// Random numbers that are the same for the same seed on every machine.
///
/// For demos, tests and benchmarks; not for secrets.
///
/// Source: SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
package struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// Makes a generator for one part of a whole, independent of the others.
  package init(seed: UInt64, stream: UInt64...) {
    var mixer = SeededRandom(seed: seed)
    for part in stream { mixer = SeededRandom(seed: mixer.next() ^ part &* 0xD1B5_4A32_D192_ED03) }
    state = mixer.next()
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number in [0, 1).
  package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A whole number in `0..<bound`; `bound` above 0.
  package mutating func below(_ bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A whole number in a range.
  package mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.count)
  }

  /// A standard normal number (Box and Muller, 1958).
  package mutating func normal() -> Double {
    (-2 * log(1 - unit())).squareRoot() * cos(2 * .pi * unit())
  }

  /// A Poisson count: by multiplication for small means (Knuth), by the normal law from 60 on.
  package mutating func poisson(_ mean: Double) -> Int {
    guard mean > 0 else { return 0 }
    if mean > 60 { return max(0, Int((mean + mean.squareRoot() * normal()).rounded())) }
    let limit = exp(-mean)
    var count = 0
    var product = unit()
    while product > limit {
      count += 1
      product *= unit()
    }
    return count
  }

  /// A gamma number with mean 1 and the given variance (Marsaglia and Tsang, 2000): the noise that
  /// turns Poisson counts into negative-binomial ones.
  package mutating func gamma(variance: Double) -> Double {
    guard variance > 0 else { return 1 }
    let shape = 1 / variance
    // Shapes below 1 are drawn one higher and corrected by a power of a uniform number.
    let correction = shape < 1 ? pow(1 - unit(), 1 / shape) : 1
    let d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      if v > 0, log(1 - unit()) < 0.5 * x * x + d - d * v + d * log(v) {
        return d * v * correction / shape
      }
    }
  }
}
