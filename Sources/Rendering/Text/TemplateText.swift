/// A template taken apart into what is constant and what stands for a value.
enum TemplateText {
  enum Part: Hashable {
    case constant(String)
    /// A placeholder with its brackets: `<num>`.
    case placeholder(String)
  }

  /// Takes a template apart.
  ///
  /// A placeholder is `<`, 1 to 24 of `a-z 0-9 _ * : -`, `>`; everything else
  /// is constant, `<script>` excepted from nothing: it shows as a placeholder named script.
  static func parts(_ template: String) -> [Part] {
    let bytes = Array(template.utf8)
    var parts: [Part] = []
    var constant: [UInt8] = []
    var offset = 0
    while offset < bytes.count {
      if bytes[offset] == UInt8(ascii: "<"), let end = placeholderEnd(bytes, offset) {
        if !constant.isEmpty {
          parts.append(.constant(String(decoding: constant, as: UTF8.self)))
          constant.removeAll()
        }
        parts.append(.placeholder(String(decoding: bytes[offset..<end], as: UTF8.self)))
        offset = end
      } else {
        constant.append(bytes[offset])
        offset += 1
      }
    }
    if !constant.isEmpty { parts.append(.constant(String(decoding: constant, as: UTF8.self))) }
    return parts
  }

  /// The offset behind the `>` of a placeholder that starts at `offset`; nil when none does.
  private static func placeholderEnd(_ bytes: [UInt8], _ offset: Int) -> Int? {
    var end = offset + 1
    while end < bytes.count, end - offset <= 25 {
      switch bytes[end] {
      case 0x61...0x7A, 0x30...0x39, UInt8(ascii: "_"), UInt8(ascii: "*"), UInt8(ascii: ":"),
        UInt8(ascii: "-"):
        end += 1
      case UInt8(ascii: ">"): return end > offset + 1 ? end + 1 : nil
      default: return nil
      }
    }
    return nil
  }
}
