internal import Foundation
package import HTTPClient
internal import Synchronization

/// An encoder behind HTTP: Ollama's interface, or OpenAI's and all that follow it.
///
/// Texts go out as they are given: who calls has redacted them. The first answer fixes model and
/// dimension; an answer of another model or dimension is an error, never a vector.
package final class RemoteEncoder: TextEncoder {
  private let configuration: RemoteEncoderConfiguration
  private let client: HTTPClient
  private let known = Mutex<EncoderModel?>(nil)

  /// Makes an encoder; asks nothing yet.
  ///
  /// - Parameters:
  ///   - configuration: server and model.
  ///   - environment: what the HTTP client takes from the world.
  /// - Throws: `EmbeddingError.misconfigured`.
  package init(
    _ configuration: RemoteEncoderConfiguration, environment: ClientEnvironment = .live
  ) throws(EmbeddingError) {
    if let defect = configuration.defect {
      throw .misconfigured(encoder: configuration.interface.rawValue, reason: defect)
    }
    self.configuration = configuration
    client = HTTPClient(configuration.client, environment: environment)
  }

  package func model() throws(EmbeddingError) -> EncoderModel {
    if let model = known.withLock({ $0 }) { return model }
    _ = try vectors(for: ["dimension"])
    guard let model = known.withLock({ $0 }) else { throw .cancelled }
    return model
  }

  package func vectors(
    for texts: [String], isCancelled: @escaping @Sendable () -> Bool
  ) throws(EmbeddingError) -> [[Float]] {
    var vectors: [[Float]] = []
    vectors.reserveCapacity(texts.count)
    for batch in batches(texts.map(prepared)) {
      vectors += try encode(batch, isCancelled: isCancelled)
    }
    return vectors
  }

  // MARK: Batches

  /// A text as it is sent: cut between characters, and never empty, which OpenAI refuses.
  private func prepared(_ text: String) -> String {
    guard text.utf8.count > configuration.bytesPerText else { return text.isEmpty ? " " : text }
    var end = text.utf8.index(text.startIndex, offsetBy: configuration.bytesPerText)
    while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return String(text[..<end])
  }

  /// Groups texts, in order, within the limits of a request.
  private func batches(_ texts: [String]) -> [ArraySlice<String>] {
    var batches: [ArraySlice<String>] = []
    var start = 0
    var byteCount = 0
    for index in texts.indices {
      let size = texts[index].utf8.count
      let isFull =
        index - start == configuration.textsPerRequest
        || byteCount + size > configuration.bytesPerRequest && index > start
      if isFull {
        batches.append(texts[start..<index])
        (start, byteCount) = (index, 0)
      }
      byteCount += size
    }
    if start < texts.count { batches.append(texts[start...]) }
    return batches
  }

  private func encode(
    _ texts: ArraySlice<String>, isCancelled: @escaping @Sendable () -> Bool
  ) throws(EmbeddingError) -> [[Float]] {
    let response = try send(Array(texts), isCancelled: isCancelled)
    if response.status == 413, texts.count > 1 {
      // The server takes less at once than we thought.
      let middle = texts.startIndex + texts.count / 2
      return try encode(texts[..<middle], isCancelled: isCancelled)
        + encode(texts[middle...], isCancelled: isCancelled)
    }
    guard response.isSuccess else {
      let message = RefusalMessage.read(
        response.body, sent: texts + [configuration.key].compactMap { $0 })
      throw .refused(encoder: configuration.label, status: response.status, message: message)
    }
    let answer = try EmbedAnswer(response.body, configuration, count: texts.count)
    try check(answer)
    return answer.vectors
  }

  private func send(
    _ texts: [String], isCancelled: @escaping @Sendable () -> Bool
  ) throws(EmbeddingError) -> HTTPResponse {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let body = try? encoder.encode(EmbedRequest(configuration, texts: texts)) else {
      throw .misconfigured(encoder: configuration.label, reason: "the request is no JSON")
    }
    var headers = [
      HTTPHeader("Content-Type", "application/json"), HTTPHeader("Accept", "application/json"),
    ]
    if let key = configuration.key {
      headers.append(HTTPHeader("Authorization", "Bearer \(key)", isSecret: true))
    }
    // Encoding changes nothing on the server, so that it may be asked twice.
    let request = HTTPRequest(
      .post, configuration.endpoint, headers: headers, body: Array(body), isSafeToRepeat: true)
    do {
      return try client.send(request, isCancelled: isCancelled)
    } catch {
      if case .cancelled = error { throw .cancelled }
      throw .request(error)
    }
  }

  // MARK: Model and dimension

  /// Holds an answer against what was asked for and what came before.
  private func check(_ answer: EmbedAnswer) throws(EmbeddingError) {
    let label = configuration.label
    let name = RemoteEncoder.canonical(answer.model ?? configuration.model)
    let wanted = RemoteEncoder.canonical(configuration.model)
    // OpenAI may answer with the dated version of a model asked for by its short name.
    guard name == wanted || name.hasPrefix("\(wanted)-") else {
      throw .otherModel(encoder: label, wanted: wanted, answered: name)
    }
    let before = known.withLock { $0 }
    if let before, before.name != name {
      throw .otherModel(encoder: label, wanted: before.name, answered: name)
    }
    let dimension = before?.dimension ?? configuration.dimension ?? answer.vectors[0].count
    if let other = answer.vectors.first(where: { $0.count != dimension }) {
      throw .otherDimension(encoder: label, wanted: dimension, answered: other.count)
    }
    known.withLock {
      $0 = EncoderModel(
        provider: configuration.interface.rawValue, name: name, dimension: dimension)
    }
  }

  /// Ollama's `name` is its `name:latest`.
  private static func canonical(_ name: String) -> String {
    name.hasSuffix(":latest") ? String(name.dropLast(7)) : name
  }
}
