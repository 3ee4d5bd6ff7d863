package import DaybreakCore

/// The morning mail: `multipart/alternative` of the Markdown as text and its HTML.
///
/// Written by our own builder and not by libcurl's MIME functions: those draw the boundary at random
/// and write only while sending, and the outbox needs bytes that are the same at every attempt. Here
/// the boundary is derived from the content, and holds `=_`, which neither quoted-printable nor base64
/// can hold.
///
/// RFC 5322 (message), 2045 and 2046 (MIME), 2047 (encoded-words), 2919 (`List-Id`), 3834
/// (`Auto-Submitted`).
package struct MailMessage: Sendable {
  package var from: MailAddress
  package var to: [MailAddress]
  package var subject: String
  /// When the mail was written, and the seconds east of UTC to show it in.
  package var date: Timestamp
  package var offsetSeconds: Int
  /// Which message of which run: makes `Message-ID` and `List-Id`.
  package var key: OutboxKey
  /// Markdown.
  package var text: String
  /// The same as a whole HTML document; nil sends the text alone.
  package var html: String?

  /// How large a mail may be, in bytes: well below what mail clients cut (Gmail at about 102 KB).
  package static let byteLimit = 40 * 1024

  package init(
    from: MailAddress, to: [MailAddress], subject: String, date: Timestamp, offsetSeconds: Int,
    key: OutboxKey, text: String, html: String?
  ) {
    self.from = from
    self.to = to
    self.subject = subject
    self.date = date
    self.offsetSeconds = offsetSeconds
    self.key = key
    self.text = text
    self.html = html
  }

  /// The `Message-ID`, the same for the same key and sender's domain for ever: a mail that is sent
  /// again is recognised as the same mail.
  package var messageID: String {
    let id = naturalID(
      "message", key.job, key.tenant.description, String(key.window.start.nanoseconds),
      String(key.window.end.nanoseconds), key.channel)
    return "<daybreak.\(id.uuidString.lowercased())@\(from.domain)>"
  }

  /// Writes the whole message.
  ///
  /// - Parameter limit: how many bytes it may have.
  /// - Returns: headers and body, lines ended by CRLF, ASCII only.
  /// - Throws: `NotificationError.noRecipients`, `.tooLarge`.
  package func encoded(limit: Int = MailMessage.byteLimit) throws(NotificationError) -> [UInt8] {
    guard !to.isEmpty else { throw .noRecipients }
    let message = Array(headers.utf8) + content
    guard message.count <= limit else {
      throw .tooLarge(byteCount: message.count, byteLimit: limit)
    }
    return message
  }

  /// Writes the whole message; when it is too large, the text alone, cut after a line, and says so.
  ///
  /// A morning mail that is cut is worth more than one that is not sent.
  ///
  /// - Parameter limit: how many bytes it may have.
  /// - Returns: as `encoded`.
  /// - Throws: `NotificationError.noRecipients`; `.tooLarge` when not even the headers fit.
  package func encodedToFit(
    limit: Int = MailMessage.byteLimit
  ) throws(NotificationError) -> [UInt8] {
    do {
      return try encoded(limit: limit)
    } catch .tooLarge {
      var short = self
      short.html = nil
      let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      // Finds the largest number of lines that fits: size grows with every line.
      var (fitting, tooMany) = (0, lines.count + 1)
      while tooMany - fitting > 1 {
        let middle = fitting + (tooMany - fitting) / 2
        short.text = MailMessage.cut(lines, to: middle)
        if (try? short.encoded(limit: limit)) == nil { tooMany = middle } else { fitting = middle }
      }
      short.text = MailMessage.cut(lines, to: fitting)
      return try short.encoded(limit: limit)
    }
  }

  /// The message as the outbox takes it.
  ///
  /// - Returns: the message, cut to fit where needed.
  /// - Throws: as `encodedToFit`.
  package func outboxMessage() throws(NotificationError) -> OutboxMessage {
    OutboxMessage(
      key: key, messageID: messageID, sender: from.address, recipients: to.map(\.address),
      content: try encodedToFit())
  }

  private static func cut(_ lines: [Substring], to count: Int) -> String {
    guard count < lines.count else { return lines.joined(separator: "\n") }
    let kept = lines[..<count].joined(separator: "\n")
    return kept + "\n\n… cut here: the report itself has the rest.\n"
  }

  private var headers: String {
    HeaderText.mailboxes("From", [from])
      + HeaderText.mailboxes("To", to)
      + HeaderText.unstructured("Subject", subject)
      + "Date: \(mailDate(date, offsetSeconds: offsetSeconds))\r\n"
      + "Message-ID: \(messageID)\r\n"
      + "List-Id: Daybreak\r\n <\(listID)>\r\n"
      + "Auto-Submitted: auto-generated\r\n"
      + "MIME-Version: 1.0\r\n"
  }

  /// `nightly.acme.daybreak.example.org`: what mail filters sort by.
  private var listID: String {
    let labels = [key.job, key.tenant.description].map { label in
      let bytes = label.utf8.prefix(63).map { isAlphanumeric($0) ? $0 : 0x2D }
      return String(decoding: bytes, as: UTF8.self).lowercased()
    }
    return "\(labels[0]).\(labels[1]).daybreak.\(from.domain.lowercased())"
  }

  /// `Content-Type` and all that follows it.
  private var content: [UInt8] {
    guard let html else { return MailMessage.part("plain", text) }
    let digest = sha256(Array(text.utf8) + [0] + Array(html.utf8))
    let boundary = "=_daybreak_\(hex(digest[..<16]))"
    var bytes = Array(
      "Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"\r\n\r\n".utf8)
    // The line break before a boundary is the boundary's (RFC 2046 §5.1.1), not the text's.
    for (type, text) in [("plain", text), ("html", html)] {
      bytes += Array("--\(boundary)\r\n".utf8) + MailMessage.part(type, text)
      bytes += [0x0D, 0x0A]
    }
    return bytes + Array("--\(boundary)--\r\n".utf8)
  }

  /// One part: its headers, an empty line, its body.
  private static func part(_ type: String, _ text: String) -> [UInt8] {
    let (encoding, body) = TransferEncoding.shortest(text)
    let headers =
      "Content-Type: text/\(type); charset=utf-8\r\nContent-Transfer-Encoding: \(encoding)\r\n\r\n"
    return Array(headers.utf8) + body
  }
}
