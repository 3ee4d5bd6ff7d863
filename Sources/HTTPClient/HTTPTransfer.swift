internal import CCurl
internal import DaybreakCore

/// One attempt at a request, its redirects included.
struct HTTPTransfer {
  let handle: CurlHandle
  let configuration: HTTPClientConfiguration
  let request: HTTPRequest
  /// Its number, from 1.
  let attempt: Int

  /// Runs the attempt.
  ///
  /// Redirects are followed here and not by libcurl, which would send secret headers that it does not
  /// know (`X-Scope-OrgID`, `x-api-key`) to another origin.
  ///
  /// - Returns: what came, and whether another attempt may bring something better.
  func run(
    sink: ((UnsafeRawBufferPointer) -> Bool)?, isCancelled: @escaping CancellationCheck
  ) -> (Result<HTTPResponse, HTTPClientError>, mayRepeat: Bool) {
    var hop = request
    for _ in 0...max(0, configuration.redirectLimit) {
      let exchange = HTTPExchange(
        bodyLimit: configuration.bodyLimit, headerLimit: configuration.headerLimit,
        isCancelled: isCancelled, sink: sink)
      let code = perform(hop, exchange)
      guard code == CURLE_OK else {
        let (error, mayPass) = failure(code, exchange)
        return (.failure(error), mayPass && exchange.streamedBytes == 0)
      }
      let response = HTTPResponse(
        status: exchange.status, headers: exchange.headers, body: exchange.body, attempts: attempt)
      guard isFollowed(response), let target = handle.text(CURLINFO_REDIRECT_URL) else {
        return (.success(response), RetryPolicy.passingStatuses.contains(response.status))
      }
      switch redirected(hop, to: target) {
      case .success(let next): hop = next
      case .failure(let error): return (.failure(error), false)
      }
    }
    let limit = configuration.redirectLimit
    return (.failure(.tooManyRedirects(request: request.label, limit: limit)), false)
  }

  private func isFollowed(_ response: HTTPResponse) -> Bool {
    [301, 302, 303, 307, 308].contains(response.status) && configuration.redirectLimit > 0
      && (request.method == .get || request.method == .head)
  }

  /// The request for a redirect's target: the same scheme, and secrets for the same origin only.
  private func redirected(
    _ hop: HTTPRequest, to target: String
  ) -> Result<HTTPRequest, HTTPClientError> {
    guard let from = ParsedURL(hop.url), let to = ParsedURL(target) else {
      return .failure(.refusedRedirect(request: request.label, target: "a malformed URL"))
    }
    guard from.scheme == to.scheme else {
      let shown = request.isPathSecret ? to.origin : to.redacted
      return .failure(.refusedRedirect(request: request.label, target: shown))
    }
    var next = hop
    next.url = target
    if from.origin != to.origin {
      next.headers.removeAll { header in
        header.isSecret || ["authorization", "cookie"].contains(header.name.lowercased())
      }
    }
    return .success(next)
  }

  private func perform(_ hop: HTTPRequest, _ exchange: HTTPExchange) -> CURLcode {
    handle.reset()
    setAddress(hop)
    setLimits(hop.timeouts ?? configuration.timeouts)
    exchange.attach(to: handle)
    var lines = CurlList()
    for header in hop.headers {
      // libcurl spells a field without a value with a semicolon.
      lines.append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
    }
    // No 100-continue round trip, and no content type that the caller did not name.
    lines.append("Expect:")
    if !hop.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
      lines.append("Content-Type:")
    }
    handle.set(CURLOPT_HTTPHEADER, pointer: lines.raw)
    return withExtendedLifetime(lines) {
      hop.body.withUnsafeBytes { body in
        setMethod(hop.method, body)
        return handle.perform()
      }
    }
  }

  private func setAddress(_ hop: HTTPRequest) {
    handle.set(CURLOPT_URL, hop.url)
    handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
    handle.set(CURLOPT_USERAGENT, configuration.userAgent)
    handle.set(CURLOPT_ACCEPT_ENCODING, "gzip")
    switch configuration.proxy {
    case .none: handle.set(CURLOPT_PROXY, "")
    case .environment: break
    case .url(let proxy): handle.set(CURLOPT_PROXY, proxy)
    }
    if let socket = hop.unixSocket { handle.set(CURLOPT_UNIX_SOCKET_PATH, socket) }
    if let file = configuration.certificateAuthorities {
      handle.set(CURLOPT_CAINFO, file)
      handle.set(CURLOPT_CAPATH, pointer: nil)
    }
  }

  private func setLimits(_ timeouts: HTTPTimeouts) {
    handle.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds: timeouts.connect)
    if let total = timeouts.total { handle.set(CURLOPT_TIMEOUT_MS, milliseconds: total) }
    if let stalled = timeouts.stalled {
      handle.set(CURLOPT_LOW_SPEED_LIMIT, 1)
      handle.set(CURLOPT_LOW_SPEED_TIME, max(1, Int((stalled / .seconds(1)).rounded(.up))))
    }
    handle.set(CURLOPT_MAXFILESIZE_LARGE, offset: configuration.bodyLimit)
  }

  /// Sets method and content; `body` is lent until the transfer has ended.
  private func setMethod(_ method: HTTPMethod, _ body: UnsafeRawBufferPointer) {
    switch method {
    case .get: handle.set(CURLOPT_HTTPGET, true)
    case .head: handle.set(CURLOPT_NOBODY, true)
    case .post, .put, .delete:
      if method != .delete || !body.isEmpty {
        handle.set(CURLOPT_POST, true)
        handle.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: body.count)
        // With a null pointer libcurl would ask a read callback for the content.
        handle.set(CURLOPT_POSTFIELDS, pointer: body.baseAddress ?? emptyContent)
      }
      if method != .post { handle.set(CURLOPT_CUSTOMREQUEST, method.rawValue) }
    }
  }

  /// What a code of libcurl means to a caller, and whether it may pass.
  private func failure(
    _ code: CURLcode, _ exchange: HTTPExchange
  ) -> (HTTPClientError, mayPass: Bool) {
    let label = request.label
    switch exchange.stop {
    case .cancelled: return (.cancelled(request: label), false)
    case .bySink: return (.stoppedBySink(request: label), false)
    case .bodyTooLarge:
      return (.bodyTooLarge(request: label, byteLimit: configuration.bodyLimit), false)
    case .headersTooLarge:
      return (.headersTooLarge(request: label, byteLimit: configuration.headerLimit), false)
    case nil: break
    }
    let reason = handle.reason(of: code)
    switch code {
    case CURLE_FILESIZE_EXCEEDED:
      return (.bodyTooLarge(request: label, byteLimit: configuration.bodyLimit), false)
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_OUT_OF_MEMORY,
      CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION, CURLE_NOT_BUILT_IN:
      return (.invalidRequest(request: label, reason: reason), false)
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
      return (.unreachable(request: label, reason: reason, attempts: attempt), true)
    case CURLE_OPERATION_TIMEDOUT:
      return (.timedOut(request: label, reason: reason, attempts: attempt), true)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_CONNECT_ERROR:
      return (.untrusted(request: label, reason: reason), false)
    default:
      return (.interrupted(request: label, reason: reason, attempts: attempt), true)
    }
  }
}

/// Stands for content of no bytes: never read, never written, never freed.
private nonisolated(unsafe) let emptyContent = UnsafeRawPointer(
  UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1))
