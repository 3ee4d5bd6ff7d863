internal import CCurl
internal import DaybreakCore

/// What was said between us and a mail server: the replies with the command that each answers.
///
/// libcurl tells only the last code; which recipient was refused, and whether the server had the whole
/// mail when it hung up, are seen by listening to the conversation.
final class SMTPDialogue {
  /// The server's final line in answer to one command.
  struct Reply: Equatable {
    /// The command's verb; `CONNECT` for the greeting, `CONTENT` for the mail itself.
    var verb: String
    var code: Int
    var text: String
  }

  private(set) var replies: [Reply] = []
  /// Whether libcurl has taken the last byte of the mail.
  private(set) var isContentRead = false
  let isCancelled: CancellationCheck
  private let content: [UInt8]
  private var offset = 0
  private var verb = "CONNECT"

  init(content: [UInt8], isCancelled: @escaping CancellationCheck) {
    self.content = content
    self.isCancelled = isCancelled
  }

  /// The reply to the mail itself; nil when none came.
  var contentReply: Reply? { replies.first { $0.verb == "CONTENT" } }

  /// The latest reply that refuses something other than a recipient.
  var refusal: Reply? { replies.last { $0.code >= 400 && $0.verb != "RCPT" && $0.verb != "QUIT" } }

  /// Notes a command of ours: its verb alone, since AUTH carries secrets.
  func sent(_ bytes: UnsafeRawBufferPointer) {
    let word = String(decoding: bytes.prefix { $0 > 0x20 }.prefix(8), as: UTF8.self).uppercased()
    // Anything else is a line within AUTH.
    if ["EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"].contains(word) {
      verb = word
    }
  }

  /// Notes a line of the server; only the last line of a reply (`250 `, not `250-`) counts.
  func received(_ bytes: UnsafeRawBufferPointer) {
    let line = Array(bytes.prefix { $0 != 0x0D && $0 != 0x0A })
    guard line.count >= 3, line.count == 3 || line[3] == 0x20,
      let code = Int(String(decoding: line[..<3], as: UTF8.self)), (200...599).contains(code)
    else { return }
    replies.append(Reply(verb: verb, code: code, text: displayText(line, byteLimit: 200)))
    if verb == "DATA", code == 354 { verb = "CONTENT" }
  }

  /// Copies the next piece of the mail.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, content.count - offset)
    content.withUnsafeBytes { bytes in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
    }
    offset += count
    if offset == content.count { isContentRead = true }
    return count
  }

  /// Points a handle at the callbacks below; the dialogue must outlive the handle, which says QUIT.
  func attach(to handle: CurlHandle) {
    let context = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    handle.set(CURLOPT_READFUNCTION, readContent)
    handle.set(CURLOPT_READDATA, pointer: context)
    handle.set(CURLOPT_INFILESIZE_LARGE, offset: content.count)
    handle.set(CURLOPT_DEBUGDATA, pointer: context)
    handle.setDebug(overhear)
    handle.set(CURLOPT_XFERINFODATA, pointer: context)
    handle.setProgress(checkCancelled)
  }
}

private func dialogue(_ context: UnsafeMutableRawPointer?) -> SMTPDialogue? {
  context.map { Unmanaged<SMTPDialogue>.fromOpaque($0).takeUnretainedValue() }
}

/// libcurl's read callback.
private func readContent(
  _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  dialogue(context)?.read(
    into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count)) ?? 0
}

/// libcurl's debug callback: commands out, reply lines in; the rest is nobody's business.
private func overhear(
  _: UnsafeMutableRawPointer?, _ kind: curl_infotype, _ bytes: UnsafeMutablePointer<CChar>?,
  _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int32 {
  let piece = UnsafeRawBufferPointer(start: bytes, count: count)
  switch kind {
  case CURLINFO_HEADER_OUT: dialogue(context)?.sent(piece)
  case CURLINFO_HEADER_IN: dialogue(context)?.received(piece)
  default: break
  }
  return 0
}

/// libcurl's progress callback; anything but 0 stops.
private func checkCancelled(
  _ context: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> Int32 {
  dialogue(context)?.isCancelled() == true ? 1 : 0
}
