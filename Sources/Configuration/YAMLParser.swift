import CYAML

/// Reads one YAML 1.1 document with libyaml.
///
/// Refused: several documents, keys that are no single value, the same key twice, nesting deeper than
/// `YAMLParser.depthLimit` (which also ends documents that refer to themselves).
package enum YAMLParser {
  /// How deep nodes may nest.
  static let depthLimit = 32
  /// How many nodes a document may unfold to, aliases followed.
  static let nodeLimit = 100_000

  /// Parses the bytes of a file.
  ///
  /// - Parameters:
  ///   - bytes: the document.
  ///   - file: its name, for messages.
  /// - Returns: the root node.
  /// - Throws: `ConfigurationError` with the line and column of the first fault.
  package static func parse(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> YAMLNode {
    let loader = try YAMLLoader(file: file)
    return try loader.load(bytes)
  }
}

/// Owns a libyaml parser.
private struct YAMLLoader: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let file: String

  init(file: String) throws(ConfigurationError) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      throw ConfigurationError(
        file: file, position: nil, problem: "libyaml has no memory", remedy: nil)
    }
    self.file = file
    self.parser = parser
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  borrowing func load(_ bytes: [UInt8]) throws(ConfigurationError) -> YAMLNode {
    let outcome: Result<YAMLNode, ConfigurationError> = bytes.withUnsafeBufferPointer { buffer in
      yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
      return Result { () throws(ConfigurationError) in try firstDocument() }
    }
    return try outcome.get()
  }

  private borrowing func firstDocument() throws(ConfigurationError) -> YAMLNode {
    var document = yaml_document_t()
    guard yaml_parser_load(parser, &document) == 1 else { throw fault() }
    defer { yaml_document_delete(&document) }
    guard let root = yaml_document_get_root_node(&document) else {
      throw ConfigurationError(file: file, position: nil, problem: "the file is empty", remedy: nil)
    }
    var remaining = YAMLParser.nodeLimit
    let node = try convert(root, in: &document, depth: 0, remaining: &remaining)
    var next = yaml_document_t()
    guard yaml_parser_load(parser, &next) == 1 else { throw fault() }
    defer { yaml_document_delete(&next) }
    if let second = yaml_document_get_root_node(&next) {
      throw ConfigurationError(
        file: file, position: position(second.pointee.start_mark),
        problem: "a second document starts here", remedy: "write one job a file")
    }
    return node
  }

  private borrowing func convert(
    _ node: UnsafeMutablePointer<yaml_node_t>, in document: inout yaml_document_t, depth: Int,
    remaining: inout Int
  ) throws(ConfigurationError) -> YAMLNode {
    let place = position(node.pointee.start_mark)
    remaining -= 1
    guard depth < YAMLParser.depthLimit, remaining > 0 else {
      throw ConfigurationError(
        file: file, position: place, problem: "the document nests too deeply or refers to itself",
        remedy: nil)
    }
    switch node.pointee.type {
    case YAML_SEQUENCE_NODE:
      var items: [YAMLNode] = []
      var item = node.pointee.data.sequence.items.start
      while let current = item, current < node.pointee.data.sequence.items.top {
        if let child = yaml_document_get_node(&document, current.pointee) {
          items.append(
            try convert(child, in: &document, depth: depth + 1, remaining: &remaining))
        }
        item = current + 1
      }
      return .sequence(items, at: place)
    case YAML_MAPPING_NODE:
      return .mapping(
        try entries(of: node, in: &document, depth: depth, remaining: &remaining), at: place)
    default:
      let scalar = node.pointee.data.scalar
      let text = String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE, at: place)
    }
  }

  private borrowing func entries(
    of node: UnsafeMutablePointer<yaml_node_t>, in document: inout yaml_document_t, depth: Int,
    remaining: inout Int
  ) throws(ConfigurationError) -> [YAMLNode.Entry] {
    var entries: [YAMLNode.Entry] = []
    var pair = node.pointee.data.mapping.pairs.start
    while let current = pair, current < node.pointee.data.mapping.pairs.top {
      pair = current + 1
      guard let keyNode = yaml_document_get_node(&document, current.pointee.key),
        let valueNode = yaml_document_get_node(&document, current.pointee.value)
      else { continue }
      let key = try convert(keyNode, in: &document, depth: depth + 1, remaining: &remaining)
      guard case .scalar(let name, _, let place) = key else {
        throw ConfigurationError(
          file: file, position: key.position, problem: "a key must be a single word", remedy: nil)
      }
      if entries.contains(where: { $0.key == name }) {
        throw ConfigurationError(
          file: file, position: place, problem: "the key `\(name)` stands here a second time",
          remedy: "keep one of them")
      }
      let value = try convert(valueNode, in: &document, depth: depth + 1, remaining: &remaining)
      entries.append(YAMLNode.Entry(key: name, keyPosition: place, value: value))
    }
    return entries
  }

  private borrowing func fault() -> ConfigurationError {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "unreadable"
    let isReader = parser.pointee.error == YAML_READER_ERROR
    let place =
      isReader
      ? nil : position(parser.pointee.problem_mark)
    let offset = isReader ? " at byte \(parser.pointee.problem_offset)" : ""
    return ConfigurationError(
      file: file, position: place, problem: "not valid YAML: \(displayTextOf(problem))\(offset)",
      remedy: "check the indentation and quotes near this place")
  }

  private borrowing func position(_ mark: yaml_mark_t) -> SourcePosition {
    SourcePosition(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  private borrowing func displayTextOf(_ text: String) -> String {
    text.replacing("\n", with: " ")
  }
}
