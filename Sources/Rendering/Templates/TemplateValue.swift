internal import CMustache

/// What a template can show.
enum TemplateValue: Sendable {
  /// Text of unknown origin: made fit for display here, escaped by the template engine.
  case text(String)
  /// Markup of our own, for `{{{name}}}`.
  case html(HTML)
  case bool(Bool)
  case list([TemplateValue])
  case object([String: TemplateValue])

  /// An integer with commas.
  static func count(_ value: Int64) -> TemplateValue { .text(Figures.full(value)) }

  /// An object's members under a section, or false for none: `{{#cause}}{{text}}{{/cause}}`.
  static func optional(_ text: String?) -> TemplateValue {
    text.map { .object(["text": .text($0)]) } ?? .bool(false)
  }

  /// A copy for the template engine; nil without memory.
  func makeC() -> OpaquePointer? {
    switch self {
    case .text(let text): TemplateValue.makeText(displayed(text))
    case .html(let html): TemplateValue.makeText(html.source)
    case .bool(let value): dbk_mustache_bool(value ? 1 : 0)
    case .list(let items): TemplateValue.makeList(items)
    case .object(let members): TemplateValue.makeObject(members)
    }
  }

  private static func makeText(_ text: String) -> OpaquePointer? {
    var text = text
    return text.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { dbk_mustache_text($0.baseAddress, $0.count) }
    }
  }

  private static func makeList(_ items: [TemplateValue]) -> OpaquePointer? {
    guard let list = dbk_mustache_list() else { return nil }
    for item in items {
      guard let value = item.makeC(), dbk_mustache_append(list, value) == 0 else {
        dbk_mustache_free(list)
        return nil
      }
    }
    return list
  }

  private static func makeObject(_ members: [String: TemplateValue]) -> OpaquePointer? {
    guard let object = dbk_mustache_object() else { return nil }
    for (key, member) in members {
      guard let value = member.makeC(), dbk_mustache_set(object, key, value) == 0 else {
        dbk_mustache_free(object)
        return nil
      }
    }
    return object
  }
}

extension TemplateValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
  init(stringLiteral text: String) { self = .text(text) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
}
