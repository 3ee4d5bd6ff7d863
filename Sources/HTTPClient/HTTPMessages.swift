/// How a request acts on its target (RFC 9110 §9).
package enum HTTPMethod: String, Sendable {
  case get = "GET"
  case head = "HEAD"
  case post = "POST"
  case put = "PUT"
  case delete = "DELETE"

  /// Whether sending it twice is as good as once (RFC 9110 §9.2.2).
  package var isIdempotent: Bool { self != .post }
}

/// One header field.
package struct HTTPHeader: Sendable, Equatable {
  package var name: String
  package var value: String
  /// Whether the value is a secret: never sent to another origin by a redirect.
  package var isSecret: Bool

  package init(_ name: String, _ value: String, isSecret: Bool = false) {
    self.name = name
    self.value = value
    self.isSecret = isSecret
  }
}

extension HTTPHeader: CustomStringConvertible, CustomDebugStringConvertible {
  /// The field, a secret value hidden.
  package var description: String { "\(name): \(isSecret ? "(secret)" : value)" }
  package var debugDescription: String { description }
}

/// Limits in time on one attempt; nil sets no limit.
package struct HTTPTimeouts: Sendable, Equatable {
  /// To resolve, connect and agree on TLS.
  package var connect: Duration
  /// For the whole attempt.
  package var total: Duration?
  /// How long fewer than one byte a second may flow; nil for what thinks before it speaks.
  package var stalled: Duration?

  package init(
    connect: Duration = .seconds(10), total: Duration? = .seconds(60),
    stalled: Duration? = .seconds(30)
  ) {
    self.connect = connect
    self.total = total
    self.stalled = stalled
  }
}

/// What to ask of a server.
package struct HTTPRequest: Sendable {
  package var method: HTTPMethod
  /// An `http` or `https` URL, ASCII, percent-encoded.
  package var url: String
  package var headers: [HTTPHeader]
  package var body: [UInt8]
  /// Whether it may be sent twice although its method is not idempotent (a query by POST).
  package var isSafeToRepeat: Bool
  /// Whether the path is a secret too (a webhook's token): errors then show the origin only.
  package var isPathSecret: Bool
  /// The path of a unix socket to connect to in place of the URL's host.
  package var unixSocket: String?
  /// In place of the client's limits.
  package var timeouts: HTTPTimeouts?

  package init(
    _ method: HTTPMethod, _ url: String, headers: [HTTPHeader] = [], body: [UInt8] = [],
    isSafeToRepeat: Bool = false, isPathSecret: Bool = false, unixSocket: String? = nil,
    timeouts: HTTPTimeouts? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.isSafeToRepeat = isSafeToRepeat
    self.isPathSecret = isPathSecret
    self.unixSocket = unixSocket
    self.timeouts = timeouts
  }

  /// Method and URL without user, password, query and fragment: what errors show.
  package var label: String {
    guard let parsed = ParsedURL(url) else { return "\(method.rawValue) (malformed URL)" }
    return "\(method.rawValue) \(isPathSecret ? parsed.origin + "/…" : parsed.redacted)"
  }

  var mayRepeat: Bool { method.isIdempotent || isSafeToRepeat }

  /// What is wrong with the request; nil when nothing is.
  var defect: String? {
    guard let parsed = ParsedURL(url) else { return "its URL is malformed" }
    guard ["http", "https"].contains(parsed.scheme) else {
      return "its scheme is \(parsed.scheme), not http or https"
    }
    for header in headers {
      if header.name.isEmpty || !header.name.utf8.allSatisfy(isTokenByte) {
        return "a header's name holds characters that names must not hold"
      }
      let isClean = header.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
      if !isClean { return "the value of header \(header.name) holds control characters" }
    }
    return nil
  }
}

/// Tells whether a byte may stand in a header's name (RFC 9110 §5.6.2, `tchar`).
private func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
  default: Array("!#$%&'*+-.^_`|~".utf8).contains(byte)
  }
}

/// What a server answered.
package struct HTTPResponse: Sendable {
  package var status: Int
  /// The fields of the last response (after redirects), in order.
  package var headers: [HTTPHeader]
  /// The decoded content; empty for a streamed one that succeeded.
  package var body: [UInt8]
  /// How many attempts it took.
  package var attempts: Int

  /// Whether the status is 2xx.
  package var isSuccess: Bool { (200..<300).contains(status) }

  /// The value of the first field of a name, in whatever case.
  package func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }
}
