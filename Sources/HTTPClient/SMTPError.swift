internal import DaybreakCore

/// Why a mail was not sent, sorted by what another attempt could do about it.
package enum SMTPError: DiagnosedError, Equatable {
  /// Nothing to do with this mail: settings, credentials or certificates; needs a person, then the
  /// same mail can go.
  case misconfigured(server: String, reason: String)
  /// Busy, greylisting (4yz), unreachable, or gone before it had the mail: may pass.
  case transient(server: String, reason: String)
  /// The server refused this mail for good (5yz).
  case permanent(server: String, reason: String)
  /// The whole mail was sent and no reply came: it may have been taken. Sending the same
  /// `Message-ID` again is right; a new one is not.
  case unclear(server: String, reason: String)
  /// The caller gave up before the mail was sent.
  case cancelled(server: String)

  package var summary: String {
    switch self {
    case .misconfigured(let server, let reason): "cannot send mail by \(server): \(reason)"
    case .transient(let server, let reason): "\(server) did not take the mail for now: \(reason)"
    case .permanent(let server, let reason): "\(server) refused the mail: \(reason)"
    case .unclear(let server, let reason): "\(server) may or may not have taken the mail: \(reason)"
    case .cancelled(let server): "sending mail by \(server) was cancelled"
    }
  }

  package var remedy: String? {
    let again = "`daybreak run JOB --date DATE --only notify`"
    switch self {
    case .misconfigured: return "mend the e-mail settings, then \(again)"
    case .transient, .unclear: return "\(again) sends the same mail again"
    case .permanent: return "ask the server's postmaster; the reply above is theirs"
    case .cancelled: return nil
    }
  }
}

/// A recipient that the server did not take.
package struct SMTPRefusal: Sendable, Equatable {
  package var recipient: String
  /// The server's reply code, 400 to 599.
  package var code: Int
  /// The server's words, made fit for display.
  package var text: String

  package init(recipient: String, code: Int, text: String) {
    self.recipient = recipient
    self.code = code
    self.text = text
  }

  /// Whether another attempt may succeed (4yz).
  package var mayPass: Bool { code < 500 }
}

/// What a server did with a mail: every recipient is in exactly one list.
package struct SMTPReceipt: Sendable, Equatable {
  /// Who gets it.
  package var accepted: [String]
  /// Who does not; when it is everybody, no mail was sent.
  package var refused: [SMTPRefusal]
  /// The server's last reply, with its queue number as a rule; made fit for display.
  package var reply: String

  package init(accepted: [String], refused: [SMTPRefusal], reply: String) {
    self.accepted = accepted
    self.refused = refused
    self.reply = reply
  }
}
