internal import DaybreakCore

/// One line of JSON for a request: no query, no address, no header.
///
/// - Parameters:
///   - request: the request.
///   - status: of its response.
///   - byteCount: of the response's content.
/// - Returns: the line, without a newline.
func accessLine(_ request: Request, status: Int, byteCount: Int) -> String {
  let isKnown = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"].contains(
    request.method)
  let path = displayText(request.target.prefix { $0 != 0x3F }, byteLimit: 512)
  return "{\"event\":\"request\",\"method\":\"\(isKnown ? request.method : "other")\","
    + "\"path\":\"\(jsonEscaped(path))\",\"status\":\(status),\"bytes\":\(byteCount)}"
}

private func jsonEscaped(_ text: String) -> String {
  var escaped = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": escaped += "\\\""
    case "\\": escaped += "\\\\"
    case "\n": escaped += "\\n"
    case "\t": escaped += "\\t"
    default: escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}
