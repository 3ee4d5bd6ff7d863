internal import CCurl
internal import DaybreakCore
internal import Synchronization

/// How a client behaves.
package struct HTTPClientConfiguration: Sendable {
  /// Where requests go through.
  package enum Proxy: Sendable, Equatable {
    /// Straight to the server, whatever the environment says.
    case none
    /// As `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say.
    case environment
    /// Through one proxy, by its URL.
    case url(String)
  }

  package var timeouts = HTTPTimeouts()
  package var retries = RetryPolicy()
  /// How many bytes a decoded body may have.
  package var bodyLimit = 64 << 20
  /// How many bytes the header sections of one attempt may have.
  package var headerLimit = 64 << 10
  /// How many redirects GET and HEAD follow; never to another scheme.
  package var redirectLimit = 5
  package var proxy = Proxy.none
  /// A PEM file of certificate authorities in place of the system's.
  package var certificateAuthorities: String?
  package var userAgent = "daybreak"

  package init() {}
}

/// An HTTP client over libcurl: blocking calls, from whatever thread; connections are kept and reused.
///
/// Only idempotent requests and those marked safe are sent again, on time-outs, broken connections and
/// the statuses 408, 429, 500, 502, 503, 504 and 529. A status that stays is no error: see `require`.
package final class HTTPClient: Sendable {
  private let configuration: HTTPClientConfiguration
  private let environment: ClientEnvironment
  /// Handles without a transfer, with their live connections.
  private let idle = Mutex<[CurlHandle]>([])
  private static let idleLimit = 8

  /// Makes a client; connects to nothing yet.
  package init(
    _ configuration: HTTPClientConfiguration = HTTPClientConfiguration(),
    environment: ClientEnvironment = .live
  ) {
    self.configuration = configuration
    self.environment = environment
  }

  /// Sends a request and gives back the whole response, of whatever status.
  ///
  /// - Parameters:
  ///   - request: what to ask.
  ///   - isCancelled: asked while waiting, at least once a second.
  /// - Returns: the response of the last attempt.
  /// - Throws: `HTTPClientError` when the last attempt brought no response.
  package func send(
    _ request: HTTPRequest, isCancelled: @escaping CancellationCheck = { false }
  ) throws(HTTPClientError) -> HTTPResponse {
    try attemptAll(request, sink: nil, isCancelled: isCancelled).get()
  }

  /// Sends a request and hands the content of a 2xx response on as it comes.
  ///
  /// Nothing is repeated once the sink has been given a byte. The content of other statuses is in the
  /// response's body.
  ///
  /// - Parameters:
  ///   - request: what to ask.
  ///   - isCancelled: asked while waiting, at least once a second.
  ///   - sink: takes a piece, lent until it returns; false stops.
  /// - Returns: the response, without the streamed content.
  /// - Throws: `HTTPClientError`; after it, the sink may have been given part of the content.
  package func stream(
    _ request: HTTPRequest, isCancelled: @escaping CancellationCheck = { false },
    into sink: (UnsafeRawBufferPointer) -> Bool
  ) throws(HTTPClientError) -> HTTPResponse {
    let outcome = withoutActuallyEscaping(sink) { escapingSink in
      attemptAll(request, sink: escapingSink, isCancelled: isCancelled)
    }
    return try outcome.get()
  }

  /// Sends a request and throws `HTTPClientError.status` unless the answer is 2xx.
  ///
  /// - Parameters:
  ///   - request: what to ask.
  ///   - isCancelled: asked while waiting, at least once a second.
  /// - Returns: the response.
  /// - Throws: `HTTPClientError`.
  package func require(
    _ request: HTTPRequest, isCancelled: @escaping CancellationCheck = { false }
  ) throws(HTTPClientError) -> HTTPResponse {
    let response = try send(request, isCancelled: isCancelled)
    guard response.isSuccess else {
      throw .status(request: request.label, status: response.status, attempts: response.attempts)
    }
    return response
  }

  private typealias Outcome = Result<HTTPResponse, HTTPClientError>

  /// Tries until it works, cannot work, or the policy says enough.
  private func attemptAll(
    _ request: HTTPRequest, sink: ((UnsafeRawBufferPointer) -> Bool)?,
    isCancelled: @escaping CancellationCheck
  ) -> Outcome {
    if let defect = request.defect {
      return .failure(.invalidRequest(request: request.label, reason: defect))
    }
    guard let handle = takeHandle() else {
      return .failure(.invalidRequest(request: request.label, reason: "libcurl has no memory"))
    }
    defer { give(back: handle) }
    var attempt = 1
    while true {
      guard !isCancelled() else { return .failure(.cancelled(request: request.label)) }
      let transfer = HTTPTransfer(
        handle: handle, configuration: configuration, request: request, attempt: attempt)
      let (outcome, mayRepeat) = transfer.run(sink: sink, isCancelled: isCancelled)
      guard mayRepeat, request.mayRepeat, attempt < configuration.retries.attempts,
        let delay = delay(after: attempt, outcome: outcome)
      else { return outcome }
      environment.pause(delay, isCancelled)
      attempt += 1
    }
  }

  /// How long to wait before the next attempt; nil when the server asks for too long a wait.
  private func delay(after attempt: Int, outcome: Outcome) -> Duration? {
    let backOff = configuration.retries.delay(after: attempt, jitter: environment.jitter())
    guard case .success(let response) = outcome, let value = response.header("retry-after"),
      let asked = retryAfter(value, now: environment.now())
    else { return backOff }
    return asked <= configuration.retries.longestRetryAfter ? max(asked, backOff) : nil
  }

  private func takeHandle() -> CurlHandle? {
    idle.withLock { $0.popLast() } ?? CurlHandle()
  }

  private func give(back handle: CurlHandle) {
    handle.reset()
    idle.withLock { if $0.count < HTTPClient.idleLimit { $0.append(handle) } }
  }
}
