import DaybreakCore
import Embedding
import Foundation
import Inspection
import Pipeline

/// `daybreak embed`.
enum EmbedCommand: Command {
  static let syntax = CommandSyntax(
    name: "embed",
    summary: "Turn texts into vectors: one text a line of standard input, one vector a line out.",
    operands: "", operandCount: 0...0,
    options: [
      .init("json", nil, "Print each vector as a JSON array, not as numbers between spaces."),
      .init(
        "precision", "NAME",
        "How to multiply: \(EncoderPrecision.allCases.map(\.rawValue).joined(separator: ", "))."),
      .init("threads", "NUMBER", "How many threads may work; by default one a processor."),
      .init("provider", "NAME", "Who encodes: builtin (the default), ollama, openai."),
      .init("url", "URL", "Where ollama or openai is; the key is in DAYBREAK_ENCODER_KEY."),
      .init("model", "NAME", "The model's name there."),
    ],
    examples: [
      ("echo 'connection refused' | daybreak embed --json", "an array of 384 numbers"),
      (
        "daybreak embed --json --provider ollama --url http://127.0.0.1:11434 --model all-minilm",
        "by a server, to which texts go redacted"
      ),
    ])

  /// About how many bytes of text are encoded at once.
  private static let pieceSize = 256 << 10

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let provider = try provider(arguments)
    let encoder = try encoder(provider, arguments)
    let asJSON = arguments.has("json")
    var lines = LineInput(descriptor: STDIN_FILENO)
    while var texts = try lines.next(byteCount: pieceSize) {
      try Cancellation.check()
      if provider != nil { texts = texts.map(redacted) }
      guard let vectors = try vectors(of: texts, by: encoder) else { break }
      // A file a piece: what is encoded is seen at once, by a program that waits for it too.
      let output = try OutputFile(path: "-")
      for vector in vectors { try output.write(line(vector, asJSON: asJSON)) }
      try output.close()
    }
    try Cancellation.check()
    return .done
  }

  private static func encoder(
    _ provider: RemoteEncoderConfiguration.Interface?, _ arguments: ParsedArguments
  ) throws -> any TextEncoder {
    guard let provider else { return try builtinEncoder(arguments) }
    return try remoteEncoder(provider, arguments)
  }

  /// The vectors of texts; nil when somebody asked to stop.
  private static func vectors(
    of texts: [String], by encoder: any TextEncoder
  ) throws -> [[Float]]? {
    do {
      return try encoder.vectors(for: texts, isCancelled: { Cancellation.isRequested })
    } catch EmbeddingError.cancelled {
      return nil
    }
  }

  /// What leaves this machine has no secrets; each text for itself, so that its vector does not depend
  /// on the texts before it.
  private static func redacted(_ text: String) -> String {
    var redactor = Redactor()
    return redactor.redact(text)
  }

  /// The interface of the server to ask; nil for the built-in encoder.
  private static func provider(
    _ arguments: ParsedArguments
  ) throws(UsageError) -> RemoteEncoderConfiguration.Interface? {
    let name = arguments.value("provider") ?? "builtin"
    if name == "builtin" { return nil }
    if let provider = RemoteEncoderConfiguration.Interface(rawValue: name) { return provider }
    let names = ["builtin"] + RemoteEncoderConfiguration.Interface.allCases.map(\.rawValue)
    throw UsageError(
      summary: "there is no provider `\(displayText(name))`",
      remedy: nearestSpelling(of: name, among: names).map { "did you mean `\($0)`?" }
        ?? "providers: \(names.joined(separator: ", "))")
  }

  private static func remoteEncoder(
    _ provider: RemoteEncoderConfiguration.Interface, _ arguments: ParsedArguments
  ) throws -> RemoteEncoder {
    guard let url = arguments.value("url"), let model = arguments.value("model") else {
      throw UsageError(
        summary: "--provider \(provider.rawValue) needs --url and --model",
        remedy: "see `daybreak embed --help`")
    }
    let key = Surroundings.ofThisProcess().variables["DAYBREAK_ENCODER_KEY"]
    var configuration = RemoteEncoderConfiguration(provider, url: url, model: model)
    configuration.key = key.flatMap { $0.isEmpty ? nil : $0 }
    return try RemoteEncoder(configuration)
  }

  private static func builtinEncoder(_ arguments: ParsedArguments) throws -> MiniLMEncoder {
    let name = arguments.value("precision") ?? EncoderPrecision.automatic.rawValue
    guard let precision = EncoderPrecision(rawValue: name) else {
      let names = EncoderPrecision.allCases.map(\.rawValue)
      throw UsageError(
        summary: "there is no precision `\(displayText(name))`",
        remedy: nearestSpelling(of: name, among: names).map { "did you mean `\($0)`?" }
          ?? "precisions: \(names.joined(separator: ", "))")
    }
    let threads = try arguments.integer("threads", in: 1...1024)
    let directory = try ModelDirectory.find(
      home: Surroundings.ofThisProcess().home.path, executable: Bundle.main.executablePath)
    return try MiniLMEncoder(directory: directory, precision: precision, threadCount: threads)
  }

  /// A vector as text: the shortest decimal fractions that give its numbers back.
  private static func line(_ vector: [Float], asJSON: Bool) -> String {
    var text = asJSON ? "[" : ""
    text.reserveCapacity(vector.count * 14)
    for (index, number) in vector.enumerated() {
      if index > 0 { text += asJSON ? "," : " " }
      text += number.description
    }
    text += asJSON ? "]\n" : "\n"
    return text
  }
}
