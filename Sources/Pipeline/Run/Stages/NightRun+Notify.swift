internal import DaybreakCore
internal import Foundation
internal import HTTPClient
internal import Notifications
internal import Rendering
internal import Storage

/// What the notify stage leaves in the ledger.
struct NotifyDetail: Codable {
  /// `sent`, `left pending`, `failed`, or why no mail was wanted.
  var email: String
}

extension NightRun {
  /// Sends the morning mail, once a run.
  func notify() throws {
    var detail = NotifyDetail(email: "not configured")
    if let settings = night.job.email {
      try sendWhatWasLeft(settings)
      detail.email = try sendMail(settings)
    }
    try store.withTenant(night.tenant) { session in
      try finishStage(.notify, in: session, detail: detail)
    }
  }

  /// Sends the mails of earlier nights that their own runs could not get rid of.
  private func sendWhatWasLeft(_ settings: EmailSettings) throws {
    let open = try store.withTenant(night.tenant) {
      try $0.runsWithOpenMessages(job: night.job.name)
    }
    for run in open where run.key.id != self.key.id {
      let delivery = MailDelivery(
        transport: try transport(settings), outbox: StoreOutbox(store: store, run: run.key))
      let key = OutboxKey(
        job: run.key.job, tenant: night.tenant, window: run.key.window, channel: "email")
      let outcome = try delivery.deliver(key, isCancelled: { Cancellation.isRequested })
      surroundings.log.note(
        "mail of an earlier night",
        [
          "tenant": "\(night.tenant)", "date": "\(run.key.night)",
          "outcome": Self.words(outcome),
        ])
    }
  }

  /// Puts the mail into the outbox and delivers it.
  ///
  /// - Returns: how it went, in words.
  private func sendMail(_ settings: EmailSettings) throws -> String {
    let report = try report()
    let rules = Notifications.NightFacts(
      anomalies: report.anomalies.count, newClusters: report.changes.new.count,
      failures: report.coverage.sourcesExpected - report.coverage.sourcesRead)
    let triggers = settings.occasions.compactMap {
      NotificationTrigger(rawValue: $0.rawValue)
    }
    guard rules.trigger(triggers) else { return "nothing to tell" }
    let key = OutboxKey(
      job: night.job.name, tenant: night.tenant, window: night.window, channel: "email")
    let outbox = StoreOutbox(store: store, run: self.key)
    _ = try outbox.enqueue(try message(report, settings, key))
    let delivery = MailDelivery(transport: try transport(settings), outbox: outbox)
    let outcome = try delivery.deliver(key, isCancelled: { Cancellation.isRequested })
    let words = Self.words(outcome)
    surroundings.log.note(
      "mail", ["tenant": "\(night.tenant)", "date": "\(night.date)", "outcome": words])
    return words
  }

  private func message(
    _ report: DayReport, _ settings: EmailSettings, _ key: OutboxKey
  ) throws -> OutboxMessage {
    let content = try EmailSummary(
      report, reportURL: settings.reportURL, templates: try templates()
    ).content()
    let moment = surroundings.now()
    return try MailMessage(
      from: try MailAddress(settings.from, setting: "notify.email.from"),
      to: try settings.to.map { try MailAddress($0, setting: "notify.email.to") },
      subject: content.subject, date: moment,
      offsetSeconds: night.job.calendar.offsetSeconds(at: moment), key: key,
      text: content.markdown, html: content.html
    ).outboxMessage()
  }

  private static func words(_ outcome: DeliveryOutcome) -> String {
    switch outcome {
    case .sent(let note): note.map { "sent; \($0)" } ?? "sent"
    case .alreadySettled(let state): "already \(state.rawValue)"
    case .leftPending(let reason): "left pending: \(reason)"
    case .failed(let reason): "failed: \(reason)"
    case .absent: "not in the outbox"
    }
  }
}

extension NightRun {
  /// The way to the mail server that the job names.
  private func transport(_ settings: EmailSettings) throws -> SMTPTransport {
    var server = SMTPServer(url: settings.url)
    server.security = settings.protection.flatMap { SMTPSecurity(rawValue: $0.rawValue) }
    server.certificateAuthorities = settings.authorityFile
    if let user = settings.username {
      server.credentials = try credentials(user, settings)
    }
    return SMTPTransport(server)
  }

  private func credentials(_ user: String, _ settings: EmailSettings) throws -> SMTPCredentials {
    if let variable = settings.passwordVariable {
      return try SMTPCredentials(
        user: user, passwordVariable: variable, environment: surroundings.variables)
    }
    guard let file = settings.passwordFile else { throw RunError.passwordMissing(user: user) }
    return try SMTPCredentials(user: user, passwordFile: file)
  }
}
