import CXML
import Foundation

/// What libxml2 finds in a page.
package struct PageOutline: Hashable, Sendable {
  /// What is not well-formed, as `line: message`; empty when the page is.
  package let errors: [String]
  /// The text of the page's body.
  package let text: String
  /// Elements, the root included.
  package let elementCount: Int
  /// Scripts, event attributes and `javascript:` links.
  package let activePartCount: Int

  /// Reads a page as XML, as every page of ours is written to be readable both ways (W3C note
  /// "Polyglot Markup").
  package init(_ html: String) {
    var html = html
    var text: UnsafeMutablePointer<CChar>?
    var outline = dbk_xml_outline()
    let errors = html.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) {
        dbk_xml_check($0.baseAddress, $0.count, &text, &outline)
      }
    }
    defer {
      free(errors)
      free(text)
    }
    self.errors =
      errors.map { String(cString: $0).split(separator: "\n").map(String.init) }
      ?? ["0: no memory left"]
    self.text = text.map { String(cString: $0) } ?? ""
    elementCount = outline.elements
    activePartCount = outline.active_parts
  }
}

/// Lists what keeps a page from being well-formed XML; empty when nothing does.
///
/// - Parameter html: a whole page.
/// - Returns: one `line: message` each, at most 50.
package func wellFormednessErrors(_ html: String) -> [String] { PageOutline(html).errors }
