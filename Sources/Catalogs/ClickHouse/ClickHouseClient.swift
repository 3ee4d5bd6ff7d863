internal import DaybreakCore
internal import Foundation
package import HTTPClient

/// Speaks ClickHouse's HTTP interface: every statement a POST, every value a parameter.
///
/// Answers are collected on the server (`wait_end_of_query`), so that a failure never comes behind a
/// status of 200. Source: ClickHouse documentation, "HTTP interface".
package struct ClickHouseClient: Sendable {
  package let target: ClickHouseTarget
  private let http: HTTPClient
  private let isCancelled: CancellationCheck

  /// Makes a client; connects to nothing yet.
  ///
  /// - Parameters:
  ///   - target: the server and database.
  ///   - http: the client that sends; nil for one that waits for long statements and never repeats an
  ///     insertion on its own account.
  ///   - isCancelled: asked while waiting, at least once a second.
  package init(
    _ target: ClickHouseTarget, http: HTTPClient? = nil,
    isCancelled: @escaping CancellationCheck = { false }
  ) {
    self.target = target
    self.isCancelled = isCancelled
    if let http {
      self.http = http
    } else {
      var configuration = HTTPClientConfiguration()
      configuration.timeouts = HTTPTimeouts(total: nil, stalled: nil)
      // The server answers 500 to nearly every error, so what may pass is told here by its number.
      configuration.retries = .never
      configuration.bodyLimit = 256 << 20
      self.http = HTTPClient(configuration)
    }
  }

  /// The same client with another database.
  package func withDatabase(_ name: String?) -> ClickHouseClient {
    ClickHouseClient(target.withDatabase(name), http: http, isCancelled: isCancelled)
  }

  /// Whether a server answers at all: the handler `/ping`, which asks for no password.
  ///
  /// - Throws: `ClickHouseError.unreachable`.
  package func ping() throws(ClickHouseError) {
    let request = HTTPRequest(
      .get, target.origin + "/ping", timeouts: HTTPTimeouts(total: .seconds(10)))
    let response = try send(request)
    guard response.isSuccess, response.body.starts(with: Array("Ok.".utf8)) else {
      throw .unexpectedAnswer(statement: "/ping", reason: "status \(response.status)")
    }
  }

  /// Runs a statement for its effect.
  ///
  /// - Parameters:
  ///   - name: what it does, for messages.
  ///   - sql: one statement, with `{name:Type}` where values belong.
  ///   - parameters: the values as text, by name.
  ///   - settings: settings of this statement.
  ///   - mayRepeat: whether running it twice is as good as once.
  /// - Returns: what it touched.
  /// - Throws: `ClickHouseError`.
  @discardableResult
  package func execute(
    named name: String, _ sql: String, parameters: [String: String] = [:],
    settings: [String: String] = [:], mayRepeat: Bool = false
  ) throws(ClickHouseError) -> ClickHouseSummary {
    let response = try post(
      name, query: nil, body: Array(sql.utf8), parameters, settings, mayRepeat: mayRepeat)
    return ClickHouseSummary(header: response.header("x-clickhouse-summary"))
  }

  /// Runs a query and reads each row as JSON (`JSONEachRow`), numbers of 64 bits as numbers.
  ///
  /// - Parameters:
  ///   - name: what it does, for messages.
  ///   - sql: one query without FORMAT.
  ///   - type: a row; its keys are the columns' names.
  ///   - parameters: the values as text, by name.
  /// - Returns: the rows.
  /// - Throws: `ClickHouseError`.
  package func query<Row: Decodable>(
    named name: String, _ sql: String, as type: Row.Type, parameters: [String: String] = [:]
  ) throws(ClickHouseError) -> [Row] {
    let settings = [
      "default_format": "JSONEachRow", "output_format_json_quote_64bit_integers": "0",
      "date_time_output_format": "iso",
    ]
    let response = try post(
      name, query: nil, body: Array(sql.utf8), parameters, settings, mayRepeat: true)
    let decoder = JSONDecoder()
    do {
      return try response.body.split(separator: 0x0A).map {
        try decoder.decode(Row.self, from: Data($0))
      }
    } catch {
      throw .unexpectedAnswer(statement: name, reason: "a row has other columns than expected")
    }
  }

  /// Runs a query and reads its rows as text (`TabSeparated`).
  ///
  /// - Throws: `ClickHouseError`.
  package func rows(
    named name: String, _ sql: String, parameters: [String: String] = [:]
  ) throws(ClickHouseError) -> ClickHouseRows {
    let response = try post(
      name, query: nil, body: Array(sql.utf8), parameters, ["default_format": "TabSeparated"],
      mayRepeat: true)
    return ClickHouseRows(
      rows: TabSeparated.rows(of: response.body),
      summary: ClickHouseSummary(header: response.header("x-clickhouse-summary")))
  }

  /// Inserts data in a format of ClickHouse's.
  ///
  /// - Parameters:
  ///   - name: what it does, for messages.
  ///   - sql: `INSERT INTO table (columns) FORMAT JSONEachRow`.
  ///   - data: what the format says.
  ///   - token: names this insertion: sent again with it, it counts once
  ///     (`insert_deduplication_token`). Without one nothing is sent again.
  ///   - settings: further settings.
  /// - Returns: what it wrote.
  /// - Throws: `ClickHouseError`.
  @discardableResult
  package func insert(
    named name: String, _ sql: String, data: [UInt8], token: String? = nil,
    settings: [String: String] = [:]
  ) throws(ClickHouseError) -> ClickHouseSummary {
    var settings = settings
    if let token { settings["insert_deduplication_token"] = token }
    let response = try post(
      name, query: sql, body: data, [:], settings, mayRepeat: token != nil)
    return ClickHouseSummary(header: response.header("x-clickhouse-summary"))
  }

  // MARK: Messages

  private func post(
    _ name: String, query: String?, body: [UInt8], _ parameters: [String: String],
    _ settings: [String: String], mayRepeat: Bool
  ) throws(ClickHouseError) -> HTTPResponse {
    var items: [(name: String, value: String)] = []
    if let database = target.database { items.append(("database", database)) }
    if let query { items.append(("query", query)) }
    items.append(("wait_end_of_query", "1"))
    items += settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    items += parameters.sorted { $0.key < $1.key }
      .map { ("param_\($0.key)", TabSeparated.escaped($0.value)) }
    let text = items.map { "\($0.name)=\(percentEncoded($0.value))" }.joined(separator: "&")
    var headers: [HTTPHeader] = [HTTPHeader("Content-Type", "text/plain; charset=UTF-8")]
    if let user = target.user { headers.append(HTTPHeader("X-ClickHouse-User", user)) }
    if let password = target.password {
      headers.append(HTTPHeader("X-ClickHouse-Key", password, isSecret: true))
    }
    let request = HTTPRequest(
      .post, "\(target.origin)/?\(text)", headers: headers, body: body)
    var attempt = 1
    while true {
      do throws(ClickHouseError) {
        return try answer(to: request, name)
      } catch {
        guard mayRepeat, attempt < Self.retries.attempts, error.mayPass, !isCancelled() else {
          throw error
        }
        let environment = ClientEnvironment.live
        environment.pause(
          Self.retries.delay(after: attempt, jitter: environment.jitter()), isCancelled)
        attempt += 1
      }
    }
  }

  private static let retries = RetryPolicy(attempts: 3)

  /// Sends a request once, and makes an error of a refusal.
  private func answer(
    to request: HTTPRequest, _ name: String
  ) throws(ClickHouseError) -> HTTPResponse {
    let response = try send(request)
    let code = response.header("x-clickhouse-exception-code")
    guard response.isSuccess, code == nil else {
      let exception = ClickHouseException(body: response.body, header: code)
      guard exception.code != 0 else {
        let isPassing = [502, 503, 504].contains(response.status)
        throw isPassing
          ? .unreachable(target: target.description, reason: "status \(response.status)")
          : .unexpectedAnswer(statement: name, reason: "status \(response.status)")
      }
      throw .refused(
        statement: name, code: exception.code, name: exception.name,
        reason: displayText(Array(exception.reason.utf8), byteLimit: 600))
    }
    return response
  }

  private func send(_ request: HTTPRequest) throws(ClickHouseError) -> HTTPResponse {
    do throws(HTTPClientError) {
      return try http.send(request, isCancelled: isCancelled)
    } catch {
      throw .unreachable(target: target.description, reason: error.summary)
    }
  }
}

/// Percent-encodes all but the unreserved characters (RFC 3986 §2.3).
private func percentEncoded(_ text: String) -> String {
  var encoded = ""
  for byte in text.utf8 {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
      encoded.unicodeScalars.append(Unicode.Scalar(byte))
    default:
      let hex = String(byte, radix: 16, uppercase: true)
      encoded += "%" + (hex.count == 1 ? "0" : "") + hex
    }
  }
  return encoded
}

/// Quotes a name for ClickHouse: a backquote in it gets a backslash.
package func clickHouseIdentifier(_ name: String) -> String {
  let escaped = name.reduce(into: "") { text, character in
    if character == "`" || character == "\\" { text.append("\\") }
    text.append(character)
  }
  return "`\(escaped)`"
}
