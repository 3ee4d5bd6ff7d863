internal import CHTTPServer
internal import DaybreakCore

/// What the callbacks of libmicrohttpd work on; kept alive by `ReportServer` until the daemon is gone.
final class ServerContext: Sendable {
  let tree: ReportTree
  let connections: ConnectionTable
  let log: @Sendable (String) -> Void

  init(tree: ReportTree, connections: ConnectionTable, log: @escaping @Sendable (String) -> Void) {
    self.tree = tree
    self.connections = connections
    self.log = log
  }
}

private func serverContext(_ raw: UnsafeMutableRawPointer?) -> ServerContext? {
  raw.map { Unmanaged<ServerContext>.fromOpaque($0).takeUnretainedValue() }
}

/// Answers a request: called once when its head is there, then until its body has been read.
func answerRequest(
  _ raw: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?,
  _ uploadSize: UnsafeMutablePointer<Int>?,
  _ requestState: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let context = serverContext(raw), let connection, let url, let method else {
    return dbk_http_result(0)
  }
  let verb = String(cString: method)
  if requestState?.pointee == nil {
    requestState?.pointee = raw
    context.connections.changed(Int(bitPattern: connection), isResponding: true)
    // Anything but reading is refused before its body comes.
    if verb == "GET" || verb == "HEAD" { return dbk_http_result(1) }
  } else if let uploadSize, uploadSize.pointee > 0 {
    uploadSize.pointee = 0
    return dbk_http_result(1)
  }
  var request = Request(method: verb, target: bytes(of: url), headers: [])
  withUnsafeMutablePointer(to: &request) {
    dbk_http_headers(connection, collectHeader, $0)
  }
  let reply = context.tree.answer(request)
  context.log(accessLine(request, status: reply.status, byteCount: reply.byteCount))
  return queue(reply, on: connection)
}

/// Notes one header field of a request.
private func collectHeader(
  _ raw: UnsafeMutableRawPointer?, _: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ value: UnsafePointer<CChar>?
) -> MHD_Result {
  guard let name, let value else { return dbk_http_result(1) }
  raw?.assumingMemoryBound(to: Request.self).pointee.headers.append(
    (name: String(cString: name).lowercased(), value: String(cString: value)))
  return dbk_http_result(1)
}

private func bytes(of text: UnsafePointer<CChar>) -> [UInt8] {
  var bytes: [UInt8] = []
  var next = text
  while next.pointee != 0 {
    bytes.append(UInt8(bitPattern: next.pointee))
    next += 1
  }
  return bytes
}

/// A request is done, however it ended.
func requestCompleted(
  _ raw: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _: MHD_RequestTerminationCode
) {
  serverContext(raw)?.connections.changed(Int(bitPattern: connection), isResponding: false)
}

/// A connection has come or is about to go.
func connectionChanged(
  _ raw: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ change: MHD_ConnectionNotificationCode
) {
  guard let connections = serverContext(raw)?.connections else { return }
  if dbk_http_is_start(change) != 0 {
    connections.opened(Int(bitPattern: connection), socket: dbk_http_socket(connection))
  } else {
    connections.closed(Int(bitPattern: connection))
  }
}

/// Hands a reply over; files go out by sendfile(2).
private func queue(_ reply: Reply, on connection: OpaquePointer) -> MHD_Result {
  let response: OpaquePointer?
  switch reply.content {
  case .none: response = dbk_http_response(0, nil)
  case .bytes(let bytes):
    response = dbk_http_response(bytes.count, bytes)
  case .file(let file, let range): response = fileResponse(file, range)
  }
  guard let response else { return dbk_http_result(0) }
  defer { MHD_destroy_response(response) }
  for (name, value) in reply.headers { MHD_add_response_header(response, name, value) }
  for (name, value) in Reply.securityHeaders { MHD_add_response_header(response, name, value) }
  return MHD_queue_response(connection, UInt32(reply.status), response)
}

/// A response that owns a descriptor of its own and closes it.
private func fileResponse(_ file: ReportFile, _ range: Range<Int>) -> OpaquePointer? {
  guard let descriptor = file.duplicate() else { return nil }
  return MHD_create_response_from_fd_at_offset64(
    UInt64(range.count), descriptor, UInt64(range.lowerBound))
}
