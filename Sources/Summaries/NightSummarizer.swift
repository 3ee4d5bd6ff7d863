package import DaybreakCore
internal import Foundation
package import HTTPClient
internal import Synchronization

/// What was spent on a model in one run.
package struct ModelSpending: Hashable, Sendable, Codable {
  /// Requests sent.
  package var requests = 0
  /// Answers from those at hand.
  package var keptAnswers = 0
  package var inputTokens: Int64 = 0
  package var outputTokens: Int64 = 0
  /// US dollars; nil without prices.
  package var cost: Double?

  package init() {}
}

/// What was said of a subject.
package struct SpokenSummary: Sendable {
  package var subject: SummarySubject
  package var analysis: Analysis
  /// Why the model did not speak; nil where it did.
  package var silence: SilenceReason?
  /// The error in words, for the log; nil where there was none.
  package var problem: String?

  package init(
    subject: SummarySubject, analysis: Analysis, silence: SilenceReason? = nil,
    problem: String? = nil
  ) {
    self.subject = subject
    self.analysis = analysis
    self.silence = silence
    self.problem = problem
  }
}

/// Carries out a plan: asks the model, checks what it says, and lets code speak where it does not.
package struct NightSummarizer: Sendable {
  private let plan: SummaryPlan
  private let night: NightContext
  private let model: ChatModel
  private let now: @Sendable () -> Timestamp
  private let isCancelled: CancellationCheck
  private let keep: @Sendable (KeptAnswer) -> Void
  private let ledger: SpendingLedger

  /// Makes a summarizer.
  ///
  /// - Parameters:
  ///   - plan: what to ask.
  ///   - night: its night.
  ///   - model: the plan's model.
  ///   - now: the clock, for the budget of time alone.
  ///   - isCancelled: asked while waiting.
  ///   - keep: takes each new answer as it comes, so that a run that is killed has not paid for nothing;
  ///     called from several threads.
  package init(
    _ plan: SummaryPlan, in night: NightContext, model: ChatModel,
    now: @escaping @Sendable () -> Timestamp, isCancelled: @escaping CancellationCheck = { false },
    keep: @escaping @Sendable (KeptAnswer) -> Void = { _ in }
  ) {
    self.plan = plan
    self.night = night
    self.model = model
    self.now = now
    self.isCancelled = isCancelled
    self.keep = keep
    ledger = SpendingLedger(plan.budget, prices: plan.configuration.prices)
  }

  /// What has been spent.
  package var spending: ModelSpending { ledger.spending }

  /// Asks for everything.
  ///
  /// - Returns: what was said, in the plan's order.
  /// - Throws: `SummaryError.cancelled` alone: whatever else fails, code speaks.
  package func run() async throws -> [SpokenSummary] {
    let deadline = plan.budget.seconds.map { now().advanced(bySeconds: Int64($0)) }
    let entries = plan.entries
    var results = [SpokenSummary?](repeating: nil, count: entries.count)
    try await withThrowingTaskGroup(of: (Int, SpokenSummary).self) { group in
      var next = 0
      func start() {
        guard next < entries.count else { return }
        let index = next
        next += 1
        group.addTask { (index, try await self.spoken(entries[index], deadline)) }
      }
      for _ in 0..<max(1, plan.budget.concurrency) { start() }
      while let (index, spoken) = try await group.next() {
        results[index] = spoken
        start()
      }
    }
    return results.compactMap { $0 }
  }

  private func spoken(
    _ entry: SummaryPlan.Entry, _ deadline: Timestamp?
  ) async throws(SummaryError) -> SpokenSummary {
    switch entry.fate {
    case .silent(let reason): return byCode(entry, reason)
    case .kept(let kept):
      ledger.noteKept()
      return try checked(kept.answer, kept.call, entry)
    case .asked: break
    }
    if isCancelled() { throw .cancelled }
    if let reason = ledger.reasonToStop(before: entry) { return byCode(entry, reason) }
    if let deadline, now() >= deadline { return byCode(entry, .timeBudget) }
    let outcome = await onOwnThread {
      model.ask(
        entry.prompt, mayRepair: { ledger.reasonToStop(before: entry) == nil },
        isCancelled: { isCancelled() || deadline.map { now() >= $0 } == true })
    }
    let call = ledger.note(outcome, promptDigest: entry.prompt.digest)
    switch outcome.result {
    case .success(let said):
      // A model can only repeat what it was sent, which is redacted; what is kept is so in any case.
      let answer = said.redacted(plan.redaction)
      keep(
        KeptAnswer(
          subject: entry.subject.cacheKey, provider: plan.configuration.interface.rawValue,
          model: plan.configuration.model, answer: answer, call: call))
      return try checked(answer, call, entry)
    case .failure(let error):
      if case .cancelled = error, isCancelled() { throw error }
      return byCode(entry, SilenceReason(error) ?? .timeBudget, problem: error)
    }
  }

  private func checked(
    _ answer: ModelAnswer, _ call: ModelCall, _ entry: SummaryPlan.Entry
  ) throws(SummaryError) -> SpokenSummary {
    do {
      let analysis = try AnswerCheck(entry.subject, in: night, prompt: entry.prompt)
        .analysis(answer, by: plan.configuration, call: call)
      return SpokenSummary(subject: entry.subject, analysis: analysis)
    } catch {
      return byCode(entry, SilenceReason(error) ?? .invalid, problem: error)
    }
  }

  /// What code says in the model's place.
  private func byCode(
    _ entry: SummaryPlan.Entry, _ reason: SilenceReason, problem: SummaryError? = nil
  ) -> SpokenSummary {
    let who = "\(plan.configuration.interface.rawValue) \(plan.configuration.model)"
    return SpokenSummary(
      subject: entry.subject,
      analysis: ExtractiveProvider().analysis(
        of: entry.subject, in: night, note: "\(who) did not speak: \(reason.words)."),
      silence: reason, problem: problem?.summary)
  }
}

/// Runs blocking work on a thread of its own: the client's calls would hold one of the few threads that
/// tasks share.
private func onOwnThread<Output: Sendable>(_ body: @escaping @Sendable () -> Output) async -> Output
{
  await withCheckedContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: body()) }
  }
}

/// Counts what is spent, and says when to stop asking.
private final class SpendingLedger: Sendable {
  private struct State {
    var spending = ModelSpending()
    /// Answers in a row that did not come.
    var failures = 0
    /// Why nothing more will come from this server.
    var isHopeless: SilenceReason?
  }

  private let state = Mutex(State())
  private let budget: SummaryBudget
  private let prices: ModelPrices?

  /// After so many failures in a row the server counts as down for the night.
  private static let failureLimit = 2

  init(_ budget: SummaryBudget, prices: ModelPrices?) {
    self.budget = budget
    self.prices = prices
    if prices != nil { state.withLock { $0.spending.cost = 0 } }
  }

  var spending: ModelSpending { state.withLock { $0.spending } }

  func noteKept() { state.withLock { $0.spending.keptAnswers += 1 } }

  /// Why not to send a request; nil to send it.
  ///
  /// Plans keep to the budget by estimates; this holds what servers counted against it.
  func reasonToStop(before entry: SummaryPlan.Entry) -> SilenceReason? {
    state.withLock { state in
      if let reason = state.isHopeless { return reason }
      let spent = state.spending.inputTokens + state.spending.outputTokens
      if let limit = budget.tokens, spent + entry.tokens > limit { return .tokenBudget }
      let cost = (state.spending.cost ?? 0) + (entry.cost ?? 0)
      if let limit = budget.cost, cost > limit { return .costBudget }
      return nil
    }
  }

  /// Adds what a request took.
  func note(_ outcome: ChatModel.Outcome, promptDigest: String) -> ModelCall {
    let cost = prices?.cost(input: outcome.inputTokens, output: outcome.outputTokens)
    state.withLock { state in
      state.spending.requests += outcome.requests
      state.spending.inputTokens += outcome.inputTokens
      state.spending.outputTokens += outcome.outputTokens
      if let cost { state.spending.cost = (state.spending.cost ?? 0) + cost }
      Self.judge(outcome, &state)
    }
    return ModelCall(
      promptDigest: promptDigest, inputTokens: outcome.inputTokens,
      outputTokens: outcome.outputTokens, cost: cost,
      latencyMilliseconds: outcome.latencyMilliseconds)
  }

  private static func judge(_ outcome: ChatModel.Outcome, _ state: inout State) {
    guard case .failure(let error) = outcome.result else {
      state.failures = 0
      return
    }
    switch error {
    case .unreachable, .overloaded:
      state.failures += 1
      if state.failures >= failureLimit { state.isHopeless = SilenceReason(error) }
    // Neither key, address nor model will be another for the next prompt.
    case .rejected(_, 401, _), .rejected(_, 403, _), .rejected(_, 404, _), .misconfigured:
      state.isHopeless = SilenceReason(error)
    default: state.failures = 0
    }
  }
}
