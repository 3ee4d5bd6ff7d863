internal import DaybreakCore

/// A request as far as a file server needs it.
struct Request {
  var method: String
  /// The target as sent, without its query.
  var target: [UInt8]
  /// Names in lower case.
  var headers: [(name: String, value: String)]

  /// The values of a field that may come several times, as one list; nil when it did not come.
  func list(_ name: String) -> String? {
    let values = headers.filter { $0.name == name }.map(\.value)
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }
}

/// What to send back.
struct Reply {
  /// Where the content comes from.
  enum Content {
    case none
    case bytes([UInt8])
    case file(ReportFile, Range<Int>)
  }

  let status: Int
  var headers: [(name: String, value: String)]
  let content: Content

  init(_ status: Int, headers: [(name: String, value: String)] = [], content: Content) {
    self.status = status
    self.headers = headers
    self.content = content
  }

  /// How many bytes of content there are.
  var byteCount: Int {
    switch content {
    case .none: 0
    case .bytes(let bytes): bytes.count
    case .file(_, let range): range.count
    }
  }

  /// A small page that says what is wrong, and nothing of what was asked.
  static func page(
    _ status: Int, _ title: String, _ text: String, headers: [(name: String, value: String)] = []
  ) -> Reply {
    let html = """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>\(status) \(title)</title>
      <meta name="viewport" content="width=device-width"></head>
      <body><h1>\(title)</h1><p>\(text)</p></body></html>

      """
    return Reply(
      status, headers: [("Content-Type", "text/html; charset=utf-8")] + headers,
      content: .bytes(Array(html.utf8)))
  }

  /// What every response carries, errors included.
  static let securityHeaders = [
    (
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
  ]
}
