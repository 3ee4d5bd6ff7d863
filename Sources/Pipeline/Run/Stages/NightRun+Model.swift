internal import DaybreakCore
internal import Foundation
internal import HTTPClient
internal import Storage
internal import Summaries

extension NightRun {
  /// Asks the job's model for everything that the budget reaches; code speaks of the rest.
  ///
  /// - Throws: `RunCancelled`, or what the store throws; a model that fails is no error.
  func askModel(
    _ settings: ModelSettings, _ subjects: [SummarySubject], _ context: NightContext
  ) async throws -> ([SpokenSummary], SummaryDetail.ModelUse) {
    let plan: SummaryPlan
    let model: ChatModel
    do {
      model = try ChatModel(try modelConfiguration(settings, withKey: true))
      plan = try summaryPlan(settings, subjects, context)
    } catch let error as SummaryError {
      return speakWithoutModel(settings, subjects, context, error)
    }
    let (store, night, log) = (store, night, surroundings.log)
    let summarizer = NightSummarizer(
      plan, in: context, model: model, now: surroundings.now,
      isCancelled: { Cancellation.isRequested },
      keep: { answer in
        do {
          try store.withTenant(night.tenant) { session in
            try session.keepAnswer(try Self.stored(answer), of: night.window)
          }
        } catch {
          log.note("an answer was not kept", ["problem": String(describing: error)])
        }
      })
    do {
      let spoken = try await summarizer.run()
      let use = modelUse(settings, spoken, summarizer.spending)
      noteModelUse(use, spoken)
      return (spoken, use)
    } catch SummaryError.cancelled {
      throw RunCancelled()
    }
  }

  /// What would be asked, with the answers that are at hand.
  func summaryPlan(
    _ settings: ModelSettings, _ subjects: [SummarySubject], _ context: NightContext
  ) throws -> SummaryPlan {
    let template = try settings.promptFile.map { try PromptTemplate(file: $0) } ?? .builtin
    let configuration = try modelConfiguration(settings, withKey: false)
    let budget = SummaryBudget(
      tokens: settings.tokenLimit.map(Int64.init), cost: settings.costLimit,
      seconds: settings.secondLimit, concurrency: settings.concurrency)
    let redaction = night.job.redaction
    let bare = SummaryPlan(
      subjects, in: context, configuration: configuration, template: template, budget: budget,
      redaction: redaction)
    let kept = try store.withTenant(night.tenant) { session in
      try session.keptAnswers(
        provider: configuration.interface.rawValue, model: configuration.model,
        promptDigests: bare.entries.map(\.prompt.digest))
    }
    guard !kept.isEmpty else { return bare }
    return SummaryPlan(
      subjects, in: context, configuration: configuration, template: template, budget: budget,
      redaction: redaction, kept: kept.compactMap(Self.kept))
  }

  // MARK: Settings

  private func modelConfiguration(
    _ settings: ModelSettings, withKey: Bool
  ) throws(SummaryError) -> ModelConfiguration {
    guard let interface = ModelInterface(rawValue: night.job.summaries.provider.rawValue) else {
      preconditionFailure("a job with a model names a provider of models")
    }
    let prices: ModelPrices? =
      if let input = settings.inputPrice, let output = settings.outputPrice {
        ModelPrices(input: input, output: output)
      } else { nil }
    var configuration = ModelConfiguration(
      interface, url: settings.url, model: settings.name,
      key: withKey ? try modelKey(settings) : nil, answerTokens: settings.answerTokens,
      promptTokens: settings.promptTokens, prices: prices)
    configuration.client.timeouts.total = .seconds(settings.timeoutSeconds)
    configuration.client.certificateAuthorities = settings.authorityFile
    configuration.client.userAgent = "daybreak/\(daybreakVersion)"
    switch settings.proxy {
    case .none: configuration.client.proxy = .none
    case .environment: configuration.client.proxy = .environment
    case .url(let url): configuration.client.proxy = .url(url)
    }
    return configuration
  }

  private func modelKey(_ settings: ModelSettings) throws(SummaryError) -> String? {
    func misconfigured(_ reason: String) -> SummaryError {
      .misconfigured(provider: night.job.summaries.provider.rawValue, reason: reason)
    }
    if let variable = settings.keyVariable {
      guard let key = surroundings.variables[variable], !key.isEmpty else {
        throw misconfigured("the environment variable \(variable) holds no key")
      }
      return key
    }
    guard let file = settings.keyFile else { return nil }
    do {
      return try readSecret(file: file)
    } catch {
      throw misconfigured("key file \(displayText(file)): \(error.reason)")
    }
  }

  // MARK: Results

  /// What code says of everything when the model cannot even be asked.
  private func speakWithoutModel(
    _ settings: ModelSettings, _ subjects: [SummarySubject], _ context: NightContext,
    _ error: SummaryError
  ) -> ([SpokenSummary], SummaryDetail.ModelUse) {
    let reason = SilenceReason.misconfigured
    let who = "\(night.job.summaries.provider.rawValue) \(settings.name)"
    let spoken = subjects.map { subject in
      SpokenSummary(
        subject: subject,
        analysis: ExtractiveProvider().analysis(
          of: subject, in: context, note: "\(who) did not speak: \(reason.words)."),
        silence: reason, problem: error.summary)
    }
    let use = modelUse(settings, spoken, ModelSpending())
    noteModelUse(use, spoken)
    return (spoken, use)
  }

  /// What the report says of the model: answers shown and what these took, whenever they were given, so
  /// that a night that is done again from answers at hand has the same page.
  private func modelUse(
    _ settings: ModelSettings, _ spoken: [SpokenSummary], _ spending: ModelSpending
  ) -> SummaryDetail.ModelUse {
    let calls = spoken.compactMap(\.analysis.call)
    let costs = calls.compactMap(\.cost)
    return SummaryDetail.ModelUse(
      provider: night.job.summaries.provider.rawValue, model: settings.name,
      answers: calls.count, inputTokens: calls.reduce(0) { $0 + $1.inputTokens },
      outputTokens: calls.reduce(0) { $0 + $1.outputTokens },
      cost: settings.inputPrice == nil ? nil : costs.reduce(0, +),
      silences: Dictionary(
        spoken.compactMap { $0.silence.map { ($0.rawValue, 1) } }, uniquingKeysWith: +),
      spending: spending)
  }

  private func noteModelUse(_ use: SummaryDetail.ModelUse, _ spoken: [SpokenSummary]) {
    surroundings.log.step(
      "model asked",
      [
        "model": "\(use.provider) \(use.model)", "requests": String(use.spending.requests),
        "at_hand": String(use.spending.keptAnswers),
        "input_tokens": String(use.spending.inputTokens),
        "output_tokens": String(use.spending.outputTokens),
      ])
    for reason in SilenceReason.allCases {
      guard let count = use.silences[reason.rawValue] else { continue }
      let problem = spoken.first { $0.silence == reason }?.problem
      surroundings.log.note(
        "the model did not speak",
        ["why": reason.words, "times": String(count), "first_problem": problem ?? "none"])
    }
  }

  private static func stored(_ answer: KeptAnswer) throws -> StoredAnswer {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return StoredAnswer(
      subject: answer.subject, provider: answer.provider, model: answer.model,
      answer: String(decoding: try encoder.encode(answer.answer), as: UTF8.self),
      call: answer.call)
  }

  /// An answer that the store kept; nil where it was written by another version in another form.
  private static func kept(_ stored: StoredAnswer) -> KeptAnswer? {
    guard
      let answer = try? JSONDecoder().decode(ModelAnswer.self, from: Data(stored.answer.utf8))
    else { return nil }
    return KeptAnswer(
      subject: stored.subject, provider: stored.provider, model: stored.model, answer: answer,
      call: stored.call)
  }
}
