import Foundation

/// Counts with more spread than Poisson's: mean m, variance m + dispersion · m².
struct NegativeBinomial {
  /// Expected count; above 0.
  let mean: Double
  /// 0 for Poisson; above for bursts.
  ///
  /// Held at 1e-4 or more, where it is Poisson for any count met here.
  let dispersion: Double

  init(mean: Double, dispersion: Double) {
    self.mean = max(mean, 1e-9)
    self.dispersion = max(dispersion, 1e-4)
  }

  var standardDeviation: Double { (mean + dispersion * mean * mean).squareRoot() }

  /// Natural logarithm of P(X ≥ count).
  ///
  /// With size r = 1 / dispersion and q = m / (m + r), it is the regularised incomplete beta function
  /// I_q(count, r) (Johnson, Kemp, Kotz, "Univariate Discrete Distributions", 3rd ed., §5.6).
  func logUpperTail(_ count: Double) -> Double {
    guard count > 0 else { return 0 }
    let size = 1 / dispersion
    return logIncompleteBeta(
      count, size, x: mean / (mean + size), complement: size / (mean + size))
  }

  /// Natural logarithm of P(X ≤ count).
  func logLowerTail(_ count: Double) -> Double {
    let size = 1 / dispersion
    return logIncompleteBeta(
      size, count + 1, x: size / (mean + size), complement: mean / (mean + size))
  }
}

/// The logarithm of the regularised incomplete beta function I_x(a, b).
///
/// - Parameters:
///   - a: above 0.
///   - b: above 0.
///   - x: in (0, 1).
///   - complement: 1 − x, given apart so that nothing is lost near 1.
/// - Returns: ln I_x(a, b), at most 0.
func logIncompleteBeta(_ a: Double, _ b: Double, x: Double, complement: Double) -> Double {
  let logFront =
    a * log(x) + b * log(complement) + lgamma(a + b) - lgamma(a) - lgamma(b)
  // The fraction converges fast on this side of the mean only; the other is its complement.
  if x <= (a + 1) / (a + b + 2) {
    return min(0, logFront - log(a) + log(betaFraction(a, b, x)))
  }
  let other = exp(min(0, logFront - log(b) + log(betaFraction(b, a, complement))))
  return log(max(1 - other, .leastNormalMagnitude))
}

/// The continued fraction of the incomplete beta function by Lentz's method.
///
/// Source: DLMF 8.17.22; method of Lentz as in Thompson and Barnett, J. Comput. Phys. 64 (1986) 490.
private func betaFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
  let tiny = 1e-300
  func nonzero(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
  var c = 1.0
  var d = 1 / nonzero(1 - (a + b) * x / (a + 1))
  var result = d
  for step in 1...2000 {
    let m = Double(step)
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / nonzero(1 + even * d)
    c = nonzero(1 + even / c)
    result *= d * c
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / nonzero(1 + odd * d)
    c = nonzero(1 + odd / c)
    let change = d * c
    result *= change
    if abs(change - 1) < 1e-12 { break }
  }
  return max(result, .leastNormalMagnitude)
}
