internal import CCurl
internal import DaybreakCore

/// A URL taken apart by libcurl's own parser, so that what is checked is what is requested.
struct ParsedURL: Equatable {
  let scheme: String
  let host: String
  let port: Int
  let path: String

  /// Takes a URL apart; nil when libcurl would not accept it.
  init?(_ text: String) {
    guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }), let url = curl_url() else {
      return nil
    }
    defer { curl_url_cleanup(url) }
    guard curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK,
      let scheme = ParsedURL.part(CURLUPART_SCHEME, of: url),
      let host = ParsedURL.part(CURLUPART_HOST, of: url), !host.isEmpty
    else { return nil }
    self.scheme = scheme.lowercased()
    self.host = host.lowercased()
    port = ParsedURL.part(CURLUPART_PORT, of: url).flatMap { Int($0) } ?? 0
    path = ParsedURL.part(CURLUPART_PATH, of: url) ?? "/"
  }

  /// Scheme, host, port and path: never user, password, query or fragment.
  var redacted: String { displayText("\(origin)\(path)") }

  /// Scheme, host and port.
  var origin: String {
    let isDefault = ["http": 80, "https": 443, "smtp": 25, "smtps": 465][scheme] == port
    return displayText("\(scheme)://\(host)\(isDefault ? "" : ":\(port)")")
  }

  /// Whether the name means this machine.
  var isLoopback: Bool {
    host == "localhost" || host == "[::1]" || host.hasSuffix(".localhost")
      || (host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39) ~= $0 })
  }

  private static func part(_ part: CURLUPart, of url: OpaquePointer) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(url, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else {
      return nil
    }
    defer { curl_free(text) }
    return String(cString: text)
  }
}
