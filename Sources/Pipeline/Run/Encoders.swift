internal import DaybreakCore
package import Embedding
internal import Foundation
internal import HTTPClient

/// Makes the encoder that a job, or a command line, names.
package struct EncoderMaker: Sendable {
  private let settings: EmbeddingSettings
  private let surroundings: Surroundings

  package init(_ settings: EmbeddingSettings, _ surroundings: Surroundings) {
    self.settings = settings
    self.surroundings = surroundings
  }

  /// Whether texts leave this machine's process, and must be redacted before.
  package var sendsTexts: Bool { interface != nil }

  /// Makes the encoder.
  ///
  /// - Parameter dimension: what its vectors must have where the settings name none; nil takes what it
  ///   gives first.
  /// - Returns: nil where the settings want none.
  /// - Throws: `EmbeddingError` when there are no weights, or the settings cannot work.
  package func encoder(
    dimension: Int? = nil
  ) throws(EmbeddingError) -> (any TextEncoder)? {
    if settings.provider == .none { return nil }
    guard let interface else { return try builtin() }
    var configuration = RemoteEncoderConfiguration(
      interface, url: settings.url ?? "", model: settings.model ?? "",
      dimension: settings.dimension ?? dimension, key: try key())
    configuration.client.timeouts.total = .seconds(settings.timeoutSeconds)
    return try RemoteEncoder(configuration)
  }

  /// What makes the vectors, known without the weights where it is the built-in encoder.
  ///
  /// - Returns: nil where the settings want none.
  /// - Throws: `EmbeddingError` when a server does not tell.
  package func model() throws(EmbeddingError) -> EncoderModel? {
    if settings.provider == .builtin { return MiniLMEncoder.model }
    return try encoder()?.model()
  }

  private var interface: RemoteEncoderConfiguration.Interface? {
    switch settings.provider {
    case .ollama: .ollama
    case .openai: .openAI
    case .builtin, .none: nil
    }
  }

  private func builtin() throws(EmbeddingError) -> MiniLMEncoder {
    let directory = try ModelDirectory.find(
      home: surroundings.home.path, executable: Bundle.main.executablePath)
    return try MiniLMEncoder(directory: directory)
  }

  /// The server's key; nil where the settings name none.
  private func key() throws(EmbeddingError) -> String? {
    if let variable = settings.keyVariable {
      guard let key = surroundings.variables[variable], !key.isEmpty else {
        throw .misconfigured(
          encoder: settings.provider.rawValue,
          reason: "the environment variable \(variable) holds no key")
      }
      return key
    }
    guard let file = settings.keyFile else { return nil }
    do {
      return try readSecret(file: file)
    } catch {
      throw .misconfigured(
        encoder: settings.provider.rawValue,
        reason: "key file \(displayText(file)): \(error.reason)")
    }
  }
}
