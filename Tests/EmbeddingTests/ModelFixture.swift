import Foundation
import TestSupport

@testable import Embedding

/// The real model where this machine has it: tests that need it say that they were skipped elsewhere.
enum ModelFixture {
  /// The directory of the weights and the vocabulary; nil where there is none.
  static let directory: String? = {
    let home =
      ProcessInfo.processInfo.environment["DAYBREAK_HOME"]
      ?? Fixtures.root.appending(path: ".daybreak").path
    return try? ModelDirectory.find(home: home, executable: Fixtures.root.path + "/.build/x")
  }()

  static var isPresent: Bool { directory != nil }

  /// An encoder over the real weights.
  static func encoder(
    _ precision: EncoderPrecision = .automatic, threadCount: Int? = nil
  ) throws -> MiniLMEncoder {
    try MiniLMEncoder(
      directory: directory ?? "", precision: precision, threadCount: threadCount)
  }
}

/// The cosine of the angle between two vectors.
func cosine(_ first: [Float], _ second: [Float]) -> Double {
  func dot(_ first: [Float], _ second: [Float]) -> Double {
    zip(first, second).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
  return dot(first, second) / (dot(first, first) * dot(second, second)).squareRoot()
}
