internal import DaybreakCore

/// Why a request brought no response.
///
/// Every case names the request as `HTTPRequest.label` shows it.
package enum HTTPClientError: DiagnosedError, Equatable {
  /// The request itself cannot be sent as it is.
  case invalidRequest(request: String, reason: String)
  /// The caller gave up.
  case cancelled(request: String)
  /// The sink of a streamed response asked to stop.
  case stoppedBySink(request: String)
  /// No connection: unknown name, refused, unreachable.
  case unreachable(request: String, reason: String, attempts: Int)
  /// A limit in time ran out.
  case timedOut(request: String, reason: String, attempts: Int)
  /// The connection broke before the response was whole.
  case interrupted(request: String, reason: String, attempts: Int)
  /// No trusted TLS connection.
  case untrusted(request: String, reason: String)
  /// The body, decoded, is larger than allowed.
  case bodyTooLarge(request: String, byteLimit: Int)
  /// The header section is larger than allowed.
  case headersTooLarge(request: String, byteLimit: Int)
  /// More redirects than allowed.
  case tooManyRedirects(request: String, limit: Int)
  /// A redirect to another scheme, or to something that is no URL.
  case refusedRedirect(request: String, target: String)
  /// A status other than 2xx, from `HTTPClient.require`.
  case status(request: String, status: Int, attempts: Int)

  package var summary: String {
    switch self {
    case .invalidRequest(let request, let reason): "cannot send \(request): \(reason)"
    case .cancelled(let request): "\(request) was cancelled"
    case .stoppedBySink(let request): "\(request) was stopped by its reader"
    case .unreachable(let request, let reason, let attempts),
      .timedOut(let request, let reason, let attempts),
      .interrupted(let request, let reason, let attempts):
      "\(request) failed\(HTTPClientError.count(attempts)): \(reason)"
    case .untrusted(let request, let reason): "\(request): no trusted TLS connection: \(reason)"
    case .bodyTooLarge(let request, let limit):
      "\(request): the response is larger than \(limit) bytes"
    case .headersTooLarge(let request, let limit):
      "\(request): the response's headers are larger than \(limit) bytes"
    case .tooManyRedirects(let request, let limit): "\(request): more than \(limit) redirects"
    case .refusedRedirect(let request, let target):
      "\(request): refused a redirect to \(target)"
    case .status(let request, let status, let attempts):
      "\(request) answered \(status)\(HTTPClientError.count(attempts))"
    }
  }

  package var remedy: String? {
    switch self {
    case .unreachable: "check the address and that the server runs"
    case .untrusted:
      "name the server's certificate authority in the job; checks cannot be turned off"
    case .refusedRedirect, .tooManyRedirects: "name the final address in the job"
    case .status(_, 401, _), .status(_, 403, _): "check the credentials"
    case .status(_, 429, _): "ask less often, or raise the server's limit"
    default: nil
    }
  }

  private static func count(_ attempts: Int) -> String {
    attempts > 1 ? " after \(attempts) attempts" : ""
  }
}
