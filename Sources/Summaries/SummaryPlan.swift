package import DaybreakCore

/// What a night may spend on a model.
package struct SummaryBudget: Hashable, Sendable {
  /// Tokens sent and received; nil sets no limit.
  package var tokens: Int64?
  /// US dollars by the configuration's prices.
  package var cost: Double?
  /// Seconds from the first request on.
  package var seconds: Int?
  /// Requests at a time.
  package var concurrency: Int

  package init(
    tokens: Int64? = nil, cost: Double? = nil, seconds: Int? = nil, concurrency: Int = 1
  ) {
    self.tokens = tokens
    self.cost = cost
    self.seconds = seconds
    self.concurrency = concurrency
  }
}

/// An answer that was paid for, to be used again.
package struct KeptAnswer: Hashable, Sendable {
  /// What it is about: `SummarySubject.cacheKey`.
  package var subject: String
  package var provider: String
  package var model: String
  package var answer: ModelAnswer
  package var call: ModelCall

  package init(
    subject: String, provider: String, model: String, answer: ModelAnswer, call: ModelCall
  ) {
    self.subject = subject
    self.provider = provider
    self.model = model
    self.answer = answer
    self.call = call
  }
}

/// What would be asked in a night: every prompt, in order, and what it costs at most.
///
/// The same night, budget and answers at hand give the same plan; running it can only spend less, or stop.
package struct SummaryPlan: Sendable {
  /// What becomes of one subject.
  package enum Fate: Sendable {
    case asked
    /// An answer to the same prompt by the same model is at hand.
    case kept(KeptAnswer)
    /// The budget does not reach it.
    case silent(SilenceReason)
  }

  /// One subject and its prompt.
  package struct Entry: Sendable {
    package var subject: SummarySubject
    package var prompt: SummaryPrompt
    package var fate: Fate
    /// The most tokens that it may take, about; 0 for what is not asked.
    package var tokens: Int64
    /// US dollars, at most about; nil without prices.
    package var cost: Double?
  }

  package var entries: [Entry] = []
  package let configuration: ModelConfiguration
  package let budget: SummaryBudget
  /// What must neither leave nor be kept.
  let redaction: RedactionOptions

  /// The most tokens that all of it may take, about.
  package var tokens: Int64 { entries.reduce(0) { $0 + $1.tokens } }
  /// US dollars; nil without prices.
  package var cost: Double? {
    configuration.prices == nil ? nil : entries.reduce(0) { $0 + ($1.cost ?? 0) }
  }

  /// Plans a night.
  ///
  /// - Parameters:
  ///   - subjects: the most severe first; what the budget does not reach is left to code.
  ///   - night: their night.
  ///   - configuration: the model.
  ///   - template: what stands around the facts.
  ///   - budget: what may be spent.
  ///   - redaction: what must not leave.
  ///   - kept: answers at hand, by whatever model.
  package init(
    _ subjects: [SummarySubject], in night: NightContext, configuration: ModelConfiguration,
    template: PromptTemplate = .builtin, budget: SummaryBudget, redaction: RedactionOptions,
    kept: [KeptAnswer] = []
  ) {
    self.configuration = configuration
    self.budget = budget
    self.redaction = redaction
    let usable = kept.filter {
      $0.provider == configuration.interface.rawValue && $0.model == configuration.model
    }
    let byPrompt = Dictionary(
      usable.map { ("\($0.subject) \($0.call.promptDigest)", $0) },
      uniquingKeysWith: { first, _ in first })
    for subject in subjects {
      let prompt = SummaryPrompt(
        about: subject, in: night, template: template, tokenLimit: configuration.promptTokens,
        redaction: redaction)
      let atHand = byPrompt["\(subject.cacheKey) \(prompt.digest)"]
      entries.append(entry(subject, prompt, atHand))
    }
  }

  private func entry(
    _ subject: SummarySubject, _ prompt: SummaryPrompt, _ atHand: KeptAnswer?
  ) -> Entry {
    if let atHand {
      return Entry(
        subject: subject, prompt: prompt, fate: .kept(atHand), tokens: 0,
        cost: configuration.prices.map { _ in 0 })
    }
    let output = Int64(configuration.answerTokens)
    let cost = configuration.prices?.cost(input: prompt.tokens, output: output)
    let most = Entry(
      subject: subject, prompt: prompt, fate: .asked, tokens: prompt.tokens + output, cost: cost)
    var reason: SilenceReason?
    // An answer without a quote is thrown away: a silence, or a night whose samples are gone, has none.
    if prompt.samples.isEmpty { reason = .noLines }
    if let limit = budget.tokens, tokens + most.tokens > limit { reason = .tokenBudget }
    if let limit = budget.cost, (self.cost ?? 0) + (cost ?? 0) > limit { reason = .costBudget }
    guard let reason else { return most }
    return Entry(
      subject: subject, prompt: prompt, fate: .silent(reason), tokens: 0,
      cost: configuration.prices.map { _ in 0 })
  }
}
