import DaybreakCore
import Embedding
import Foundation

/// Writes texts like the templates of a night: one a line, all different.
func generateTemplates(_ call: Call) throws {
  let templates = TemplateShapes.distinct(
    try call.number("count", default: 2000), seed: UInt64(try call.number("seed", default: 1)))
  let text = templates.map { $0 + "\n" }.joined()
  try Data(text.utf8).write(to: URL(filePath: call.file))
}

/// Texts a second of the built-in encoder over the lines of a file, after a warm-up.
///
/// `--vectors FILE` keeps the vectors: 384 little-endian floats a text, to hold against a peer's.
func measureEmbedding(_ call: Call) throws {
  let texts = try String(contentsOfFile: call.file, encoding: .utf8)
    .split(separator: "\n").map(String.init)
  let name = try call.text("precision", default: EncoderPrecision.automatic.rawValue)
  guard let precision = EncoderPrecision(rawValue: name) else {
    throw UsageError(reason: "unknown precision `\(name)`")
  }
  let clock = ContinuousClock()
  let start = clock.now
  let encoder = try MiniLMEncoder(
    directory: try call.text("model"), precision: precision,
    threadCount: try call.number("threads", default: 1))
  let loaded = clock.now
  _ = try encoder.vectors(for: Array(texts.prefix(64)))
  let cpuBefore = processorSeconds()
  let warm = clock.now
  let vectors = try encoder.vectors(for: texts)
  let seconds = (clock.now - warm) / .seconds(1)
  let cpuSeconds = processorSeconds() - cpuBefore
  let path = try call.text("vectors", default: "")
  if !path.isEmpty {
    let bytes = vectors.joined().flatMap {
      withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init)
    }
    try Data(bytes).write(to: URL(filePath: path))
  }
  printMeasurement(
    lines: Int64(texts.count), bytes: Int64(texts.reduce(0) { $0 + $1.utf8.count }),
    seconds: seconds,
    more: [
      ("loadSeconds", "\((loaded - start) / .seconds(1))"), ("cpuSeconds", "\(cpuSeconds)"),
      ("tokens", "\(texts.reduce(0) { $0 + encoder.tokenizer.tokens(of: $1).count })"),
    ])
}

/// Sentences of logs with their placeholders.
enum TemplateShapes {
  static let subjects = [
    "connection", "request", "worker", "session", "replica", "lease", "checkpoint", "transaction",
    "cache entry", "partition", "consumer group", "index", "snapshot", "certificate", "upstream",
    "health check", "payment", "message", "job", "container", "volume", "login", "query", "batch",
  ]
  static let events = [
    "failed after <num> ms", "timed out", "was refused by <ip>:<num>", "lost its leader",
    "exceeded the limit of <num>", "is not ready", "was closed by the peer", "took <num> ms",
    "retried <num> times", "returned <num>", "was evicted", "has no healthy endpoint",
    "could not be deserialized", "was throttled", "restarted with exit code <num>", "expired",
  ]
  static let details = [
    "for user <*>", "on host <*>", "in namespace <*>",
    "while reading response header from upstream",
    "at <path>:<num>", "trace <hex>", "request id <uuid>",
    "java.lang.OutOfMemoryError: Java heap space",
    "remote error: tls: bad certificate", "duplicate key value violates unique constraint <*>",
    "SELECT * FROM <*> WHERE id = $<num>", "context deadline exceeded",
    "offset <num> is out of range",
    "retrying in <num>s", "queue depth <num>, oldest <num>s", "expected <num> bytes, got <num>",
    "no space left on device", "caused by: io.netty.channel.ConnectTimeoutException: <*>",
    "client <ip> sent an invalid header line", "code=<num> reason=\"<*>\"",
  ]
  static let services = [
    "kubelet", "sshd[<num>]:", "postgres[<num>]:", "nginx:", "com.acme.shop.OrderService -",
    "INFO dfs.DataNode$PacketResponder:", "[error] <num>#<num>:", "kernel: [<num>.<num>]", "",
  ]

  /// Texts that are all different.
  static func distinct(_ count: Int, seed: UInt64) -> [String] {
    var random = SeededRandom(seed: seed)
    var seen: Set<String> = []
    var templates: [String] = []
    while templates.count < count {
      let template = template(&random)
      if seen.insert(template).inserted { templates.append(template) }
    }
    return templates
  }

  static func template(_ random: inout SeededRandom) -> String {
    func pick(_ choices: [String]) -> String { choices[random.below(choices.count)] }
    var parts = [pick(services), pick(subjects), pick(events)]
    for _ in 0..<random.within(0...3) { parts.append(pick(details)) }
    return parts.filter { !$0.isEmpty }.joined(separator: " ")
  }
}
