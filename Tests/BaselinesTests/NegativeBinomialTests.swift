import Foundation
import Testing

@testable import Baselines

@Suite struct NegativeBinomialTests {
  /// Sums the probabilities themselves: slow and sure.
  private func tail(_ count: Int, mean: Double, dispersion: Double, upper: Bool) -> Double {
    let size = 1 / dispersion
    let terms = (0...4000).map { k -> Double in
      let k = Double(k)
      return lgamma(k + size) - lgamma(size) - lgamma(k + 1) + size * log(size / (size + mean))
        + k * log(mean / (size + mean))
    }
    let part = upper ? terms[count...] : terms[...count]
    return log(part.map { exp($0) }.reduce(0, +))
  }

  @Test(arguments: [
    (5, 1.0, 0.5), (40, 3.0, 0.1), (1, 0.01, 2), (200, 60, 0.3), (900, 500, 0.05), (30, 30, 0.2),
  ])
  func `agrees with the sum of its probabilities`(count: Int, mean: Double, dispersion: Double) {
    let law = NegativeBinomial(mean: mean, dispersion: dispersion)
    let upper = tail(count, mean: mean, dispersion: dispersion, upper: true)
    let lower = tail(count, mean: mean, dispersion: dispersion, upper: false)
    #expect(abs(law.logUpperTail(Double(count)) - upper) < 1e-6 * max(1, abs(upper)))
    #expect(abs(law.logLowerTail(Double(count)) - lower) < 1e-6 * max(1, abs(lower)))
  }

  @Test func `stays finite far out`() {
    let law = NegativeBinomial(mean: 1e-6, dispersion: 0)
    #expect(law.logUpperTail(5000).isFinite)
    #expect(law.logUpperTail(0) == 0)
    let wide = NegativeBinomial(mean: 1e6, dispersion: 1e-4)
    #expect(wide.logLowerTail(0).isFinite && wide.logLowerTail(0) < -1000)
  }
}
