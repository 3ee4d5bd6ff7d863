internal import CCurl
internal import DaybreakCore

/// Sends mail by one server, over libcurl; blocking calls, a connection each.
package struct SMTPTransport: Sendable {
  package let server: SMTPServer

  /// Makes a transport; connects to nothing yet.
  package init(_ server: SMTPServer) { self.server = server }

  /// Sends one mail once.
  ///
  /// Recipients that the server refuses do not keep the mail from the others.
  ///
  /// - Parameters:
  ///   - content: the whole message, lines ended by CRLF; dots are doubled on the way.
  ///   - sender: the envelope's sender, an address without a name.
  ///   - recipients: the envelope's recipients, likewise; at least one.
  ///   - isCancelled: asked while waiting, at least once a second.
  /// - Returns: who was served and who was refused.
  /// - Throws: `SMTPError` when the server took nothing, or nobody knows.
  package func send(
    _ content: [UInt8], from sender: String, to recipients: [String],
    isCancelled: @escaping CancellationCheck = { false }
  ) throws(SMTPError) -> SMTPReceipt {
    let (address, security) = try server.checked()
    guard !recipients.isEmpty, ([sender] + recipients).allSatisfy(isPlainAddress) else {
      let reason = "sender or recipients are no plain mail addresses"
      throw .misconfigured(server: server.label, reason: reason)
    }
    let dialogue = SMTPDialogue(content: content, isCancelled: isCancelled)
    let outcome = withExtendedLifetime(dialogue) {
      converse(dialogue, address, security, sender: sender, recipients: recipients)
    }
    return try outcome.get()
  }

  /// Runs the conversation; the handle says QUIT when this function ends.
  private func converse(
    _ dialogue: SMTPDialogue, _ address: ParsedURL, _ security: SMTPSecurity, sender: String,
    recipients: [String]
  ) -> Result<SMTPReceipt, SMTPError> {
    guard let handle = CurlHandle() else {
      return .failure(.transient(server: server.label, reason: "libcurl has no memory"))
    }
    setServer(handle, address, security)
    handle.set(CURLOPT_MAIL_FROM, "<\(sender)>")
    var list = CurlList()
    for recipient in recipients { list.append("<\(recipient)>") }
    handle.set(CURLOPT_MAIL_RCPT, pointer: list.raw)
    handle.allowRefusedRecipients()
    handle.set(CURLOPT_UPLOAD, true)
    dialogue.attach(to: handle)
    let code = withExtendedLifetime(list) { handle.perform() }
    let refused = refusals(dialogue, recipients)
    if code == CURLE_OK {
      let names = Set(refused.map(\.recipient))
      let reply = dialogue.contentReply?.text ?? ""
      return .success(
        SMTPReceipt(
          accepted: recipients.filter { !names.contains($0) }, refused: refused, reply: reply))
    }
    if refused.count == recipients.count, let last = refused.last {
      return .success(SMTPReceipt(accepted: [], refused: refused, reply: last.text))
    }
    return .failure(failure(code, dialogue, reason: handle.reason(of: code)))
  }

  private func setServer(
    _ handle: CurlHandle, _ address: ParsedURL, _ security: SMTPSecurity
  ) {
    let greeting = server.clientName.map { "/\($0)" } ?? address.path
    handle.set(CURLOPT_URL, "\(address.scheme)://\(address.host):\(address.port)\(greeting)")
    handle.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    handle.set(CURLOPT_PROXY, "")
    switch security {
    case .none: handle.set(CURLOPT_USE_SSL, dbk_curl_ssl_none)
    case .starttls: handle.set(CURLOPT_USE_SSL, dbk_curl_ssl_try)
    case .required: handle.set(CURLOPT_USE_SSL, dbk_curl_ssl_all)
    }
    if let file = server.certificateAuthorities {
      handle.set(CURLOPT_CAINFO, file)
      handle.set(CURLOPT_CAPATH, pointer: nil)
    }
    if let credentials = server.credentials {
      handle.set(CURLOPT_USERNAME, credentials.user)
      handle.set(CURLOPT_PASSWORD, credentials.password)
      handle.set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN")
    }
    handle.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds: server.connectTimeout)
    handle.set(CURLOPT_TIMEOUT_MS, milliseconds: server.totalTimeout)
  }

  /// Who was refused: replies to RCPT come in the order of the recipients.
  private func refusals(_ dialogue: SMTPDialogue, _ recipients: [String]) -> [SMTPRefusal] {
    let replies = dialogue.replies.filter { $0.verb == "RCPT" }
    return zip(recipients, replies).compactMap { recipient, reply in
      reply.code >= 400
        ? SMTPRefusal(recipient: recipient, code: reply.code, text: reply.text) : nil
    }
  }

  /// Sorts a failed conversation by what another attempt could do about it.
  private func failure(_ code: CURLcode, _ dialogue: SMTPDialogue, reason: String) -> SMTPError {
    let label = server.label
    if let refusal = dialogue.refusal {
      if refusal.code < 500 { return .transient(server: label, reason: refusal.text) }
      // 530, 534, 535 and 538 speak of authentication (RFC 4954 §6); before MAIL nothing was said
      // about this mail.
      let isAboutUs = ["CONNECT", "EHLO", "HELO", "STARTTLS", "AUTH"].contains(refusal.verb)
      return isAboutUs || [530, 534, 535, 538].contains(refusal.code)
        ? .misconfigured(server: label, reason: refusal.text)
        : .permanent(server: label, reason: refusal.text)
    }
    if dialogue.isContentRead, dialogue.contentReply == nil {
      return .unclear(server: label, reason: "no reply after the mail was sent: \(reason)")
    }
    switch code {
    case CURLE_ABORTED_BY_CALLBACK: return .cancelled(server: label)
    case CURLE_USE_SSL_FAILED, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
      CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ISSUER_ERROR, CURLE_LOGIN_DENIED, CURLE_URL_MALFORMAT,
      CURLE_UNSUPPORTED_PROTOCOL, CURLE_NOT_BUILT_IN, CURLE_UNKNOWN_OPTION:
      return .misconfigured(server: label, reason: reason)
    default: return .transient(server: label, reason: reason)
    }
  }
}

/// Tells whether text can stand in an SMTP command as an address: printable ASCII without brackets,
/// one `@` inside.
private func isPlainAddress(_ text: String) -> Bool {
  let bytes = Array(text.utf8)
  let isPrintable = bytes.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3C && $0 != 0x3E }
  return isPrintable && (3...254).contains(bytes.count) && bytes.first != 0x40
    && bytes.last != 0x40 && bytes.filter { $0 == 0x40 }.count == 1
}
