internal import CMustache
import Foundation

/// The templates of a run: those built in, and over them those of a directory given at run time.
package struct TemplateLibrary: Sendable {
  /// Template text by name, partials expanded: `day.html`.
  private let pages: [String: String]

  /// The templates that this build carries, or a directory's in their place, file by file.
  ///
  /// - Parameter directory: holds files with the names of the built-in ones; nil for none.
  /// - Throws: `RenderingError.unreadable`, or `.template` with file and line for one that does not
  ///   parse.
  package init(directory: String? = nil) throws(RenderingError) {
    var sources: [String: String] = [:]
    // What models are sent is no page.
    for file in embeddedFiles
    where file.path.hasPrefix("templates/") && !file.path.hasPrefix("templates/prompts/") {
      let name = String(file.path.dropFirst("templates/".count))
      sources[name] = file.bytes.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
    }
    if let directory {
      for name in sources.keys.sorted() {
        if let text = try TemplateLibrary.read(directory + "/" + name) { sources[name] = text }
      }
    }
    try self.init(sources: sources)
  }

  /// Templates by name.
  init(sources: [String: String]) throws(RenderingError) {
    for (name, text) in sources.sorted(by: { $0.key < $1.key }) where !name.hasSuffix(".css") {
      _ = try TemplateLibrary.run(text, root: nil, name: name)
    }
    var pages: [String: String] = [:]
    for name in sources.keys.sorted() where !name.hasPrefix("partials/") {
      pages[name] = try TemplateLibrary.expanded(name, in: sources, path: [])
    }
    self.pages = pages
  }

  /// Fills a template.
  ///
  /// - Parameters:
  ///   - name: its file's name: `day.html`.
  ///   - values: what its tags name; a tag that names nothing is an error.
  /// - Returns: the text.
  /// - Throws: `RenderingError.template`.
  func render(_ name: String, _ values: [String: TemplateValue]) throws(RenderingError) -> String {
    guard let text = pages[name] else {
      throw .template(name: name, line: 0, reason: "there is no such template")
    }
    guard let root = TemplateValue.object(values).makeC() else {
      throw .template(name: name, line: 0, reason: "no memory left")
    }
    defer { dbk_mustache_free(root) }
    return try TemplateLibrary.run(text, root: root, name: name)
  }

  /// A file as it is, such as the style sheet; empty when there is none of that name.
  func text(_ name: String) -> String { pages[name] ?? "" }

  private static func read(_ path: String) throws(RenderingError) -> String? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      let data = try Data(contentsOf: URL(filePath: path))
      guard let text = String(validating: data, as: UTF8.self) else {
        throw RenderingError.unreadable(path: path, reason: "it is not UTF-8")
      }
      return text
    } catch let error as RenderingError {
      throw error
    } catch {
      throw .unreadable(path: path, reason: error.localizedDescription)
    }
  }

  /// Parses a template, and renders it when a root is given.
  private static func run(_ source: String, root: OpaquePointer?, name: String)
    throws(RenderingError) -> String
  {
    var source = source
    var output: UnsafeMutablePointer<CChar>?
    var message: UnsafeMutablePointer<CChar>?
    var length = 0
    var position = 0
    let status = source.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) {
        dbk_mustache_render(
          $0.baseAddress, $0.count, root, &output, &length, &message, &position)
      }
    }
    defer {
      free(output)
      free(message)
    }
    guard status == 0, let output else {
      let reason = message.map { String(cString: $0) } ?? "no memory left"
      throw .template(name: name, line: line(of: position, in: source), reason: reason)
    }
    return String(
      decoding: UnsafeRawBufferPointer(start: output, count: length), as: UTF8.self)
  }

  /// The line of a byte offset, from 1; 0 when the offset is not one of the text's.
  private static func line(of position: Int, in source: String) -> Int {
    guard (0..<source.utf8.count).contains(position) else { return 0 }
    return source.utf8.prefix(position).count { $0 == 0x0A } + 1
  }

  /// Puts the text of partials where they are named.
  ///
  /// Done before parsing, as the engine would look
  /// partials up among the values, and so parse text from outside.
  private static func expanded(
    _ name: String, in sources: [String: String], path: [String]
  ) throws(RenderingError) -> String {
    guard let text = sources[name] else {
      throw .template(
        name: path.last ?? name, line: 0, reason: "there is no partial called \(name)")
    }
    guard !path.contains(name) else {
      throw .template(name: name, line: 0, reason: "it includes itself")
    }
    guard !name.hasSuffix(".css") else { return text }
    var result = ""
    var rest = text[...]
    while let open = rest.range(of: "{{>") {
      guard let close = rest[open.upperBound...].range(of: "}}") else { break }
      let partial = rest[open.upperBound..<close.lowerBound].trimmingCharacters(in: .whitespaces)
      result += rest[..<open.lowerBound]
      result += try expanded("partials/" + partial, in: sources, path: path + [name])
      rest = rest[close.upperBound...]
      if result.hasSuffix("\n"), rest.hasPrefix("\n") { rest = rest.dropFirst() }
    }
    return result + rest
  }
}
