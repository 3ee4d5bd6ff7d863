import CEncoder
import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Embedding

@Suite(
  "Built-in encoder", .enabled(if: ModelFixture.isPresent, "run script/bootstrap for the model"))
struct MiniLMEncoderTests {
  /// A text and its vector as sentence-transformers made it.
  struct Reference: Decodable {
    let text: String
    let embedding: [Float]
  }

  static func references() throws -> [Reference] {
    guard let file = Fixtures.shared("minilm/reference.jsonl") else { return [] }
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Reference.self, from: Data($0.utf8))
    }
  }

  /// Log templates and other texts of 1 to 256 tokens.
  static let texts: [String] = {
    var random = SeededRandom(seed: 5)
    let words = [
      "connection", "to", "<ip>:<num>", "failed", "after", "ms", "Échec", "数据库", "{}", "ERROR",
    ]
    return (0..<120).map { number in
      let count = number % 20 == 0 ? 300 : random.within(0...24)
      return (0..<count).map { _ in words[random.below(words.count)] }.joined(separator: " ")
    }
  }()

  @Test(
    .enabled(if: Fixtures.shared("minilm/reference.jsonl") != nil, "no reference vectors here"),
    arguments: [EncoderPrecision.automatic, .float32])
  func `The vectors agree with those of sentence-transformers`(_ precision: EncoderPrecision) throws
  {
    let references = try Self.references()
    let vectors = try ModelFixture.encoder(precision).vectors(for: references.map(\.text))
    for (reference, vector) in zip(references, vectors) {
      #expect(cosine(reference.embedding, vector) >= 0.9999, "\(reference.text)")
    }
  }

  @Test(arguments: [EncoderPrecision.automatic, .float32])
  func `A text has the same bytes in every batch`(_ precision: EncoderPrecision) throws {
    let encoder = try ModelFixture.encoder(precision, threadCount: 1)
    let together = try encoder.vectors(for: Self.texts)
    let reversed = try encoder.vectors(for: Self.texts.reversed())
    #expect(together == reversed.reversed())
    for index in stride(from: 0, to: Self.texts.count, by: 7) {
      #expect(try encoder.vectors(for: [Self.texts[index]]) == [together[index]])
    }
  }

  @Test func `A text has the same bytes whatever the thread count`() throws {
    let one = try ModelFixture.encoder(threadCount: 1).vectors(for: Self.texts)
    let four = try ModelFixture.encoder(threadCount: 4).vectors(for: Self.texts)
    #expect(one == four)
  }

  @Test func `Every vector has length 1`() throws {
    for vector in try ModelFixture.encoder().vectors(for: Self.texts) {
      #expect(vector.count == 384)
      #expect(abs(vector.reduce(0) { $0 + Double($1) * Double($1) } - 1) < 1e-5)
    }
  }

  @Test func `No texts have no vectors`() throws {
    #expect(try ModelFixture.encoder().vectors(for: []) == [])
  }

  @Test func `A caller who gives up gets no vectors`() throws {
    let encoder = try ModelFixture.encoder()
    #expect(throws: EmbeddingError.cancelled) {
      try encoder.vectors(for: Self.texts, isCancelled: { true })
    }
  }
}
