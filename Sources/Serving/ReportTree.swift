internal import DaybreakCore
internal import Glibc

/// A folder of reports and the answers it gives.
struct ReportTree: Sendable {
  /// The folder's path; opened anew for each request, so that it may be replaced as a whole.
  let root: String
  let hostCheck: HostCheck

  /// Answers a request.
  ///
  /// - Parameter request: as it came.
  /// - Returns: the reply; never fails.
  func answer(_ request: Request) -> Reply {
    guard request.method == "GET" || request.method == "HEAD" else {
      return .page(
        405, "Method not allowed", "Reports can only be read.", headers: [("Allow", "GET, HEAD")])
    }
    let (authority, target) = ReportTree.split(request.target)
    let hosts = request.headers.filter { $0.name == "host" }
    guard hosts.count <= 1 else { return .page(400, "Bad request", "Several Host headers.") }
    guard hostCheck.allows(authority ?? hosts.first?.value) else {
      return .page(421, "Misdirected request", "This server does not answer to that host name.")
    }
    do throws(RequestPath.Refusal) {
      return try find(RequestPath(raw: target), request, rawTarget: target)
    } catch {
      switch error {
      case .malformed: return .page(400, "Bad request", "That address is malformed.")
      case .hidden: return ReportTree.notFound
      }
    }
  }

  private static var notFound: Reply {
    .page(404, "Not found", "There is no report at this address. <a href=\"/\">All reports</a>")
  }

  private static var busy: Reply {
    .page(503, "Busy", "Try again in a moment.", headers: [("Retry-After", "1")])
  }

  /// Parts the absolute form `http://host/path` (RFC 9112 §3.2.2) from its authority.
  private static func split(_ target: [UInt8]) -> (authority: String?, path: [UInt8]) {
    let scheme = Array("http://".utf8)
    let prefix = String(decoding: target.prefix(scheme.count), as: UTF8.self).lowercased()
    guard prefix == "http://" else { return (nil, target) }
    let rest = target.dropFirst(scheme.count)
    let authority = String(decoding: rest.prefix { $0 != 0x2F }, as: UTF8.self)
    let path = Array(rest.drop { $0 != 0x2F })
    return (authority, path.isEmpty ? [0x2F] : path)
  }

  /// Looks a path up: a file, the index of a folder, or a redirect to the folder's own address.
  private func find(_ path: RequestPath, _ request: Request, rawTarget: [UInt8]) -> Reply {
    let folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else {
      return errno == EMFILE || errno == ENFILE ? ReportTree.busy : ReportTree.notFound
    }
    defer { close(folder) }
    do throws(ReportFile.Failure) {
      let file = try ReportFile(path.relative, beneath: folder)
      guard file.isDirectory else {
        guard !path.namesDirectory else { return ReportTree.notFound }
        return reply(file, path.relative, type: ContentType.of(path.name), folder, request)
      }
      let index = path.segments.isEmpty ? "index.html" : path.relative + "/index.html"
      let page = try ReportFile(index, beneath: folder)
      guard !page.isDirectory else { return ReportTree.notFound }
      guard path.namesDirectory else {
        // Of printable ASCII as sent, one slash at its start: cannot name another site.
        let location = String(decoding: rawTarget, as: UTF8.self) + "/"
        return .page(
          301, "Moved", "A folder's address ends in /.", headers: [("Location", location)])
      }
      return reply(page, index, type: ContentType.of("index.html"), folder, request)
    } catch {
      switch error {
      case .notFound: return ReportTree.notFound
      case .busy: return ReportTree.busy
      }
    }
  }

  /// Serves a file, or its compressed twin where there is one that is not older and gzip is welcome.
  private func reply(
    _ file: ReportFile, _ path: String, type: String, _ folder: Int32, _ request: Request
  ) -> Reply {
    if let field = request.list("accept-encoding"), Conditions.acceptsGzip(field),
      let twin = try? ReportFile(path + ".gz", beneath: folder), !twin.isDirectory,
      twin.modified >= file.modified
    {
      let tag = file.entityTag(suffix: "-gz")
      var headers = ReportTree.fileHeaders(type, tag, file.modified)
      headers.append(("Content-Encoding", "gzip"))
      guard !isUnchanged(request, tag, file.modified) else {
        return Reply(304, headers: headers, content: .none)
      }
      let whole = 0..<twin.byteCount
      return Reply(200, headers: headers, content: .file(twin, whole))
    }
    let tag = file.entityTag()
    var headers = ReportTree.fileHeaders(type, tag, file.modified)
    guard !isUnchanged(request, tag, file.modified) else {
      return Reply(304, headers: headers, content: .none)
    }
    headers.append(("Accept-Ranges", "bytes"))
    let count = file.byteCount
    switch range(request, tag, file.modified, count) {
    case .whole: return Reply(200, headers: headers, content: .file(file, 0..<count))
    case .part(let part):
      headers.append(("Content-Range", "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(count)"))
      return Reply(206, headers: headers, content: .file(file, part))
    case .unsatisfiable:
      return Reply(416, headers: [("Content-Range", "bytes */\(count)")], content: .none)
    }
  }

  private static func fileHeaders(
    _ type: String, _ tag: String, _ modified: Timestamp
  ) -> [(name: String, value: String)] {
    [
      ("Content-Type", type), ("ETag", tag), ("Last-Modified", HTTPDate.text(modified)),
      // To be asked for again each time: a night's page changes when its run is repeated.
      ("Cache-Control", "no-cache"), ("Vary", "Accept-Encoding"),
    ]
  }

  /// Whether what the client has is still right: by tag, or by date where it names no tag.
  private func isUnchanged(_ request: Request, _ tag: String, _ modified: Timestamp) -> Bool {
    if let field = request.list("if-none-match") { return Conditions.matches(field, tag: tag) }
    guard let field = request.list("if-modified-since"), let since = HTTPDate.moment(field) else {
      return false
    }
    return modified.seconds <= since.seconds
  }

  /// The range to send; the whole when the client's `If-Range` no longer holds.
  private func range(
    _ request: Request, _ tag: String, _ modified: Timestamp, _ count: Int
  ) -> Conditions.ByteRange {
    guard request.method == "GET", let field = request.list("range") else { return .whole }
    if let condition = request.list("if-range") {
      guard condition == tag || condition == HTTPDate.text(modified) else { return .whole }
    }
    return Conditions.byteRange(field, of: count)
  }
}
