/// Text that is HTML already: made by our own code only, from escaped parts.
struct HTML: Hashable, Sendable, ExpressibleByStringInterpolation {
  private(set) var source: String

  /// Markup as written in this code base.
  init(stringLiteral source: String) { self.source = source }

  /// Markup that another part of this module has made, such as libcmark's output.
  init(trusted source: String) { self.source = source }

  init(stringInterpolation: Interpolation) { source = stringInterpolation.source }

  /// Puts every interpolated value in escaped, but other `HTML`.
  struct Interpolation: StringInterpolationProtocol {
    fileprivate var source = ""

    init(literalCapacity: Int, interpolationCount: Int) { source.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { source += literal }
    mutating func appendInterpolation(_ text: String) { source += escapedHTML(displayed(text)) }
    mutating func appendInterpolation(_ number: Int) { source += String(number) }
    mutating func appendInterpolation(_ markup: HTML) { source += markup.source }
    mutating func appendInterpolation(_ parts: [HTML]) {
      for part in parts { source += part.source }
    }
  }

  static func + (left: HTML, right: HTML) -> HTML { HTML(trusted: left.source + right.source) }
  static func += (left: inout HTML, right: HTML) { left.source += right.source }
}

/// Escapes text for the content of an element and for an attribute in double quotes.
func escapedHTML(_ text: String) -> String {
  var result: [UInt8] = []
  result.reserveCapacity(text.utf8.count)
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "&"): result.append(contentsOf: "&amp;".utf8)
    case UInt8(ascii: "<"): result.append(contentsOf: "&lt;".utf8)
    case UInt8(ascii: ">"): result.append(contentsOf: "&gt;".utf8)
    case UInt8(ascii: "\""): result.append(contentsOf: "&quot;".utf8)
    case UInt8(ascii: "'"): result.append(contentsOf: "&#39;".utf8)
    default: result.append(byte)
    }
  }
  return String(decoding: result, as: UTF8.self)
}
