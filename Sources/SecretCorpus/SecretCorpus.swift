package import DaybreakCore

/// Lines with planted secrets, and lines that only look like it: what the redactor is judged by.
///
/// Made from a seed, in the formats that vendors document; no value was ever anybody's. Prefixes are
/// put together from halves, so that scanners that look for leaked keys in repositories stay quiet.
package struct SecretCorpus: Sendable {
  /// A line with a secret.
  package struct Planted: Sendable {
    /// What kind of secret, for tables.
    package var kind: String
    package var line: String
    /// What must not be left of the line.
    package var secret: String
  }

  package let planted: [Planted]
  /// Lines without a secret, by what they look like.
  package let lookAlikes: [(kind: String, line: String)]

  /// Makes a corpus.
  ///
  /// - Parameters:
  ///   - seed: the same seed makes the same lines.
  ///   - rounds: how many lines of each kind.
  package init(seed: UInt64, rounds: Int = 15) {
    var maker = SecretMaker(seed: seed)
    var planted: [Planted] = []
    for _ in 0..<rounds {
      for (kind, make) in SecretMaker.secrets {
        let (text, secret) = make(&maker)
        planted.append(Planted(kind: kind, line: maker.line(text), secret: secret))
      }
    }
    var lookAlikes: [(kind: String, line: String)] = []
    for _ in 0..<rounds {
      for (kind, make) in SecretMaker.lookAlikes {
        lookAlikes.append((kind, maker.line(make(&maker))))
      }
    }
    self.planted = planted
    self.lookAlikes = lookAlikes
  }

  /// How a redactor does on the corpus.
  package struct Score: Sendable {
    /// Planted secrets, and how many of them were taken out whole, by kind in order of the alphabet.
    package var kinds: [(kind: String, planted: Int, found: Int)]
    /// Secrets that were left, whole or in part, as kinds: the lines stay here.
    package var missed: [String]
    package var lookAlikeCount: Int
    /// Kinds of the look-alikes that were changed.
    package var wronglyTaken: [String]

    /// The part of the secrets that was taken out.
    package var recall: Double {
      let total = kinds.reduce(0) { $0 + $1.planted }
      return 1 - Double(missed.count) / Double(max(1, total))
    }

    /// The part of the look-alikes that was changed.
    package var falsePositiveRate: Double {
      Double(wronglyTaken.count) / Double(max(1, lookAlikeCount))
    }
  }

  /// Redacts every line and counts.
  ///
  /// - Parameter options: how to redact.
  /// - Returns: what was taken out and what was left.
  package func score(_ options: RedactionOptions) -> Score {
    var counts: [String: (planted: Int, found: Int)] = [:]
    var missed: [String] = []
    for item in planted {
      var redactor = Redactor(options)
      let isFound = !redactor.redact(item.line).contains(item.secret)
      counts[item.kind, default: (0, 0)].planted += 1
      if isFound { counts[item.kind]?.found += 1 } else { missed.append(item.kind) }
    }
    var wrong: [String] = []
    for (kind, line) in lookAlikes {
      var redactor = Redactor(options)
      if redactor.redact(line) != line { wrong.append(kind) }
    }
    let kinds = counts.sorted { $0.key < $1.key }
      .map { (kind: $0.key, planted: $0.value.planted, found: $0.value.found) }
    return Score(
      kinds: kinds, missed: missed, lookAlikeCount: lookAlikes.count, wronglyTaken: wrong)
  }
}
