import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Storage

@Suite(.enabled(if: TestDatabase.isAvailable)) struct ClusterSearchTests {
  static let model = VectorModel(provider: "ollama", name: "words", dimension: 64)
  static let vocabulary = [
    "connection", "pool", "database", "timeout", "queue", "full", "payment", "failed", "upstream",
    "refused", "certificate", "expired", "disk", "space", "leader", "lost", "replica", "behind",
  ]

  /// Templates of four to six words, all different.
  static func templates(_ count: Int) -> [String] {
    var random = SeededRandom(seed: 11)
    var seen: Set<String> = []
    while seen.count < count {
      let words = (0..<random.within(4...6)).map { _ in
        vocabulary[random.below(vocabulary.count)]
      }
      seen.insert(words.joined(separator: " "))
    }
    return seen.sorted()
  }

  static func vector(_ text: String) -> [Float] {
    EncoderStandIn.vector(text, dimension: model.dimension)
  }

  /// The ten best templates when every cluster is compared.
  func truth(_ text: String, among templates: [String], by words: Bool) -> [Double] {
    let match = WordMatch(text)
    let query = Self.vector(text)
    return templates.map { template in
      let textScore = rounded(match.score("api " + template))
      guard !words else { return textScore }
      let cosine = rounded(min(1, max(0, cosine(query, Self.vector(template)))))
      return rounded(0.7 * cosine + 0.3 * textScore)
    }.sorted(by: >).prefix(10).map { $0 }
  }

  @Test(arguments: Extensions.available, [false, true])
  func `a search finds what comparing all would, whatever it leaves out`(
    extensions: Extensions, byWords: Bool
  ) throws {
    let scratch = try extensions.store()
    let templates = Self.templates(400)
    _ = try scratch.fill(templates.map(Self.vector), Self.model, template: { templates[$0] })
    var random = SeededRandom(seed: 12)
    try scratch.store.withTenant(acme, readOnly: true) { session throws in
      for _ in 0..<30 {
        let text = (0..<random.within(1...7)).map { _ in
          Self.vocabulary[random.below(Self.vocabulary.count)]
        }.joined(separator: " ")
        let query = ClusterQuery(
          text: text, vector: byWords ? nil : (Self.model, Self.vector(text)), minimumScore: 0)
        let found = try session.search(query).map(\.score)
        let best = truth(text, among: templates, by: byWords)
        // Rounding of cosines in single precision may differ in the last place.
        let isSame = zip(found, best).allSatisfy { abs($0 - $1) <= 0.0011 }
        #expect(found.count == 10 && isSame, "\(text): \(found) \(best)")
      }
    }
  }

  @Test(arguments: Extensions.available, [false, true])
  func `a filter finds the few that pass among many that match`(
    extensions: Extensions, byWords: Bool
  ) throws {
    let scratch = try extensions.store()
    func fill(_ count: Int, _ service: String) throws {
      let texts = (0..<count).map { "connection \(service) number \($0) timeout" }
      _ = try scratch.fill(
        texts.map(Self.vector), Self.model, template: { texts[$0] }, service: service)
    }
    try fill(300, "api")
    try fill(3, "mail")
    try scratch.store.withTenant(acme, readOnly: true) { session throws in
      let query = ClusterQuery(
        text: "connection timeout",
        vector: byWords ? nil : (Self.model, Self.vector("connection timeout")),
        filter: ClusterFilter(services: ["mail"]))
      #expect(try session.search(query).map(\.key.identity.service) == ["mail", "mail", "mail"])
      var late = query
      late.filter = ClusterFilter(since: someMoment.advanced(bySeconds: 1))
      #expect(try session.search(late).isEmpty)
    }
  }

  @Test(.enabled(if: Extensions.available.contains(.present)))
  func `misspelt words find what they resemble`() throws {
    let scratch = try ScratchStore()
    let texts = ["database gone away", "queue is full"]
    _ = try scratch.fill(texts.map(Self.vector), Self.model, template: { texts[$0] })
    try scratch.store.withTenant(acme, readOnly: true) { session throws in
      let found = try session.search(ClusterQuery(text: "databse"))
      #expect(found.map(\.template) == ["database gone away"])
      let filtered = ClusterFilter(services: ["mail"])
      #expect(try session.search(ClusterQuery(text: "databse", filter: filtered)).isEmpty)
    }
  }
}
