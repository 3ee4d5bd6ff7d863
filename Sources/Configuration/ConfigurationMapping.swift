import DaybreakCore

/// Reads the keys of one mapping of a YAML file, and refuses what nobody asked for.
///
/// Every `read…` names a key; `finish()` then throws for each key of the file that no call named, with
/// the nearest of those that were.
package final class ConfigurationMapping {
  /// The file, as it was named.
  package let file: String
  /// Where the mapping stands, in words: `sources[2].postgres`; empty at the root.
  package let path: String
  /// Where the mapping starts.
  package let position: SourcePosition
  private let entries: [YAMLNode.Entry]
  private let variables: [String: String]
  private var knownKeys: [String] = []

  /// Takes a node of a document.
  ///
  /// - Parameters:
  ///   - node: must be a mapping.
  ///   - file: the file's name, for messages.
  ///   - path: where the mapping stands, in words; empty at the root.
  ///   - variables: what `${NAME}` stands for.
  /// - Throws: `ConfigurationError` when the node is something else.
  package init(
    _ node: YAMLNode, file: String, path: String, variables: [String: String]
  ) throws(ConfigurationError) {
    guard case .mapping(let entries, let position) = node else {
      throw ConfigurationError(
        file: file, position: node.position,
        problem: "\(path.isEmpty ? "the file" : "`\(path)`") must be a mapping, found \(node.kind)",
        remedy: nil)
    }
    self.file = file
    self.path = path
    self.position = position
    self.entries = entries
    self.variables = variables
  }

  /// The keys that the file has here, in its order.
  package var presentKeys: [String] { entries.map(\.key) }

  /// The node of a key; nil when the file does not have it.
  package func node(_ key: String) -> YAMLNode? {
    knownKeys.append(key)
    return entries.first { $0.key == key }?.value
  }

  /// A nested mapping; nil when absent.
  package func mapping(_ key: String) throws(ConfigurationError) -> ConfigurationMapping? {
    guard let node = node(key) else { return nil }
    return try ConfigurationMapping(
      node, file: file, path: qualified(key), variables: variables)
  }

  /// The mappings of a list; nil when absent.
  package func mappings(_ key: String) throws(ConfigurationError) -> [ConfigurationMapping]? {
    guard let node = node(key) else { return nil }
    guard case .sequence(let items, _) = node else {
      throw fault(node, key, "must be a list, found \(node.kind)")
    }
    var result: [ConfigurationMapping] = []
    for (index, item) in items.enumerated() {
      result.append(
        try ConfigurationMapping(
          item, file: file, path: "\(qualified(key))[\(index)]", variables: variables))
    }
    return result
  }

  /// Text with `${NAME}` replaced from the environment; nil when absent.
  package func string(_ key: String) throws(ConfigurationError) -> String? {
    guard let node = node(key) else { return nil }
    return try text(of: node, key: key)
  }

  /// Text that must be there and not be empty.
  package func requiredString(_ key: String) throws(ConfigurationError) -> String {
    guard let text = try string(key), !text.isEmpty else {
      throw ConfigurationError(
        file: file, position: position, problem: "`\(qualified(key))` is missing", remedy: nil)
    }
    return text
  }

  /// One of a few words; nil when absent.
  package func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, of type: Choice.Type
  ) throws(ConfigurationError) -> Choice? where Choice.RawValue == String {
    guard let node = node(key) else { return nil }
    return try choice(of: node, key: key, type)
  }

  /// A list of a few words; nil when absent.
  package func choices<Choice: RawRepresentable & CaseIterable>(
    _ key: String, of type: Choice.Type
  ) throws(ConfigurationError) -> [Choice]? where Choice.RawValue == String {
    guard let node = node(key) else { return nil }
    var result: [Choice] = []
    for item in try items(of: node, key: key) {
      result.append(try choice(of: item, key: key, type))
    }
    return result
  }

  /// A list of texts, or one text standing for a list of one; nil when absent.
  package func strings(_ key: String) throws(ConfigurationError) -> [String]? {
    guard let node = node(key) else { return nil }
    var result: [String] = []
    for item in try items(of: node, key: key) { result.append(try text(of: item, key: key)) }
    return result
  }

  /// A mapping of names to texts; nil when absent.
  package func stringMap(_ key: String) throws(ConfigurationError) -> [(
    key: String, value: String
  )]? {
    guard let inner = try mapping(key) else { return nil }
    var result: [(key: String, value: String)] = []
    for name in inner.presentKeys {
      result.append((name, try inner.requiredString(name)))
    }
    return result
  }

  /// A whole number within bounds; nil when absent.
  package func integer(_ key: String, in bounds: ClosedRange<Int>) throws(ConfigurationError)
    -> Int?
  {
    guard let node = node(key) else { return nil }
    let text = try text(of: node, key: key)
    guard let value = Int(text), bounds.contains(value) else {
      throw fault(
        node, key,
        "must be a whole number from \(bounds.lowerBound) to \(bounds.upperBound), found `\(text)`")
    }
    return value
  }

  /// A number that may have a fraction, from 0 to a bound; nil when absent.
  package func number(_ key: String, upTo bound: Double) throws(ConfigurationError) -> Double? {
    guard let node = node(key) else { return nil }
    let text = try text(of: node, key: key)
    guard let value = Double(text), (0...bound).contains(value) else {
      throw fault(node, key, "must be a number from 0 to \(Int(bound)), found `\(text)`")
    }
    return value
  }

  /// `true` or `false`; nil when absent.
  package func boolean(_ key: String) throws(ConfigurationError) -> Bool? {
    guard let node = node(key) else { return nil }
    switch try text(of: node, key: key) {
    case "true": return true
    case "false": return false
    case let text: throw fault(node, key, "must be true or false, found `\(text)`")
    }
  }

  /// A span of time such as `30s`, `5m`, `2h`, `28d`, `8w`, in seconds; nil when absent.
  package func seconds(_ key: String) throws(ConfigurationError) -> Int? {
    guard let node = node(key) else { return nil }
    let text = try text(of: node, key: key)
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()), count > 0,
      count <= 100_000
    else {
      throw fault(node, key, "must be a span of time such as 30s, 5m, 2h or 28d, found `\(text)`")
    }
    return count * unit
  }

  /// A span of whole days such as `28d` or `4w`; nil when absent.
  package func days(_ key: String) throws(ConfigurationError) -> Int? {
    guard let seconds = try seconds(key) else { return nil }
    guard seconds % 86_400 == 0 else {
      throw ConfigurationError(
        file: file, position: position, problem: "`\(qualified(key))` must be whole days",
        remedy: "write it as `28d`")
    }
    return seconds / 86_400
  }

  /// Refuses keys that nobody asked for.
  package func finish() throws(ConfigurationError) {
    guard let stray = entries.first(where: { !knownKeys.contains($0.key) }) else { return }
    let nearest = nearestSpelling(of: stray.key, among: knownKeys)
    throw ConfigurationError(
      file: file, position: stray.keyPosition, problem: "unknown key `\(qualified(stray.key))`",
      remedy: nearest.map { "did you mean `\($0)`?" }
        ?? "known here: \(Array(Set(knownKeys)).sorted().joined(separator: ", "))")
  }

  /// An error at a key's value.
  package func fault(_ node: YAMLNode, _ key: String, _ problem: String, remedy: String? = nil)
    -> ConfigurationError
  {
    ConfigurationError(
      file: file, position: node.position, problem: "`\(qualified(key))` \(problem)",
      remedy: remedy)
  }

  /// A key with the path to it.
  package func qualified(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The nodes of a list; a single value counts as a list of one.
  private func items(of node: YAMLNode, key: String) throws(ConfigurationError) -> [YAMLNode] {
    switch node {
    case .sequence(let items, _): items
    case .scalar: [node]
    case .mapping: throw fault(node, key, "must be a list, found \(node.kind)")
    }
  }

  private func choice<Choice: RawRepresentable & CaseIterable>(
    of node: YAMLNode, key: String, _ type: Choice.Type
  ) throws(ConfigurationError) -> Choice where Choice.RawValue == String {
    let text = try text(of: node, key: key)
    if let value = Choice(rawValue: text) { return value }
    let words = Choice.allCases.map(\.rawValue)
    let nearest = nearestSpelling(of: text, among: words)
    throw fault(
      node, key, "must be one of \(words.joined(separator: ", ")), found `\(text)`",
      remedy: nearest.map { "did you mean `\($0)`?" })
  }

  private func text(of node: YAMLNode, key: String) throws(ConfigurationError) -> String {
    guard case .scalar(let raw, _, let place) = node else {
      throw fault(node, key, "must be a single value, found \(node.kind)")
    }
    return try expand(raw, at: place, key: key)
  }

  /// The value of `NAME` or `NAME:-fallback` (the shell's meaning: also when the variable is empty).
  private func variable(
    _ reference: Substring, at place: SourcePosition, key: String
  ) throws(ConfigurationError) -> String {
    let parts = reference.split(separator: ":-", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    let value = variables[name]
    if parts.count == 2 { return value.flatMap { $0.isEmpty ? nil : $0 } ?? String(parts[1]) }
    guard let value else {
      throw ConfigurationError(
        file: file, position: place,
        problem: "`\(qualified(key))` needs the environment variable \(name), which is not set",
        remedy: "export \(name)=…")
    }
    return value
  }

  /// Replaces `${NAME}` and `${NAME:-fallback}`; `$$` stands for a dollar sign.
  private func expand(
    _ raw: String, at place: SourcePosition, key: String
  ) throws(ConfigurationError) -> String {
    guard raw.contains("$") else { return raw }
    var result = ""
    var rest = raw[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      if rest.hasPrefix("$") {
        result += "$"
        rest = rest.dropFirst()
      } else if rest.hasPrefix("{"), let close = rest.firstIndex(of: "}") {
        let reference = rest[rest.index(after: rest.startIndex)..<close]
        result += try variable(reference, at: place, key: key)
        rest = rest[rest.index(after: close)...]
      } else {
        result += "$"
      }
    }
    return result + rest
  }
}
