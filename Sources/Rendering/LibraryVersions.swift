internal import CMarkdown
internal import CXML
package import DaybreakCore

extension LibraryVersion {
  /// Turns Markdown into HTML.
  package static var cmark: LibraryVersion {
    LibraryVersion(
      name: "libcmark", version: cmark_version_string().map { String(cString: $0) } ?? "unknown")
  }

  /// Checks pages.
  package static var libxml2: LibraryVersion {
    // As `20914-GITv2.9.14`: two digits each for the parts after the first.
    let digits = dbk_xml_version().map { String(cString: $0).prefix { $0.isNumber } } ?? ""
    guard let number = Int(digits) else {
      return LibraryVersion(name: "libxml2", version: "unknown")
    }
    return LibraryVersion(
      name: "libxml2", version: "\(number / 10_000).\(number / 100 % 100).\(number % 100)")
  }
}
