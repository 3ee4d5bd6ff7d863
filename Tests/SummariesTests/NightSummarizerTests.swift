import DaybreakCore
import Foundation
import HTTPClient
import Synchronization
import TestSupport
import Testing

@testable import Summaries

@Suite struct NightSummarizerTests {
  let scene: Scene
  let night: NightContext

  init() throws {
    scene = try Scene()
    night = scene.outage()
  }

  /// The incident, then every pattern; all of them quote the same words.
  var subjects: [SummarySubject] {
    [.incident(night.incidents[0])] + (0..<3).map { _ in .cluster(night.clusters[1]) }
  }

  func plan(
    _ server: ModelStandIn, budget: SummaryBudget = SummaryBudget(), kept: [KeptAnswer] = [],
    prices: ModelPrices? = ModelPrices(input: 2, output: 8)
  ) -> SummaryPlan {
    var configuration = ModelConfiguration(.openai, url: server.url, model: "m", prices: prices)
    configuration.client.timeouts = HTTPTimeouts(total: .seconds(20), stalled: nil)
    return SummaryPlan(
      subjects, in: night, configuration: configuration, budget: budget,
      redaction: RedactionOptions(), kept: kept)
  }

  func summarizer(
    _ plan: SummaryPlan, now: @escaping @Sendable () -> Timestamp = { Timestamp(nanoseconds: 0) },
    isCancelled: @escaping CancellationCheck = { false },
    keep: @escaping @Sendable (KeptAnswer) -> Void = { _ in }
  ) throws -> NightSummarizer {
    NightSummarizer(
      plan, in: night, model: try ChatModel(plan.configuration, environment: Pauses().environment),
      now: now, isCancelled: isCancelled, keep: keep)
  }

  func good() -> ModelStandIn {
    ModelStandIn { _ in .json(ModelStandIn.body(ModelInterface.openai, ModelStandIn.goodAnswer)) }
  }

  @Test func `lets the model speak of all, and counts what it takes`() async throws {
    let server = good()
    let summarizer = try summarizer(plan(server, budget: SummaryBudget(concurrency: 3)))
    let spoken = try await summarizer.run()
    #expect(spoken.map(\.subject) == subjects)
    #expect(spoken.allSatisfy { $0.analysis.provider == "openai" && $0.silence == nil })
    #expect(spoken[1].analysis.call?.cost == 0.00276)
    let spending = summarizer.spending
    #expect(spending.requests == 4 && spending.inputTokens == 3600 && spending.outputTokens == 480)
  }

  @Test func `keeps to the tokens, the most severe first`() async throws {
    let server = good()
    let all = plan(server)
    let budget = SummaryBudget(tokens: all.entries[0].tokens + all.entries[1].tokens)
    let spoken = try await summarizer(plan(server, budget: budget)).run()
    #expect(spoken.map(\.silence) == [nil, nil, .tokenBudget, .tokenBudget])
    #expect(
      spoken[3].analysis.note == "openai m did not speak: the night's tokens were used up.")
    #expect(spoken[3].analysis.provider == "extractive")
    #expect(server.received.count == 2)
  }

  @Test func `keeps to the money`() async throws {
    let server = good()
    let first = try #require(plan(server).entries[0].cost)
    let spoken = try await summarizer(plan(server, budget: SummaryBudget(cost: first * 1.5))).run()
    #expect(spoken.map(\.silence) == [nil, .costBudget, .costBudget, .costBudget])
  }

  @Test func `stops where the server counts more tokens than were planned`() async throws {
    let body = ModelStandIn.body(ModelInterface.openai, ModelStandIn.goodAnswer).replacing(
      "\"prompt_tokens\":900", with: "\"prompt_tokens\":900000")
    let server = ModelStandIn { _ in .json(body) }
    let spoken = try await summarizer(plan(server, budget: SummaryBudget(tokens: 100_000))).run()
    #expect(spoken.map(\.silence) == [nil, .tokenBudget, .tokenBudget, .tokenBudget])
  }

  @Test func `keeps to the time`() async throws {
    let clock = Mutex<Int64>(0)
    let server = ModelStandIn { _ in
      clock.withLock { $0 += 25 }
      return .json(ModelStandIn.body(ModelInterface.openai, ModelStandIn.goodAnswer))
    }
    let spoken = try await summarizer(
      plan(server, budget: SummaryBudget(seconds: 60)),
      now: { Timestamp(nanoseconds: clock.withLock { $0 } * 1_000_000_000) }
    ).run()
    #expect(spoken.map(\.silence) == [nil, nil, .timeBudget, .timeBudget])
  }

  @Test func `asks a server that is down twice and then no more`() async throws {
    let server = ModelStandIn { _ in
      .json(status: 503, ModelStandIn.errorBody(ModelInterface.openai, "server_error", "down"))
    }
    let spoken = try await summarizer(plan(server)).run()
    #expect(spoken.map(\.silence) == [.overloaded, .overloaded, .overloaded, .overloaded])
    #expect(server.received.count == 6)
    #expect(spoken.allSatisfy { $0.analysis.provider == "extractive" })
    #expect(spoken[0].analysis.note == "openai m did not speak: it was too busy.")
  }

  @Test func `asks no more after a key was refused`() async throws {
    let server = ModelStandIn { _ in
      .json(status: 401, ModelStandIn.errorBody(ModelInterface.openai, "invalid_api_key", "no"))
    }
    let spoken = try await summarizer(plan(server)).run()
    #expect(server.received.count == 1 && spoken.allSatisfy { $0.silence == .rejected })
    #expect(spoken[0].problem?.contains("401 (invalid_api_key)") == true)
  }

  @Test func `asks nothing for which an answer is at hand`() async throws {
    let server = good()
    let kept = Mutex<[KeptAnswer]>([])
    let first = try await summarizer(
      plan(server), keep: { answer in kept.withLock { $0.append(answer) } }
    ).run()
    let again = plan(server, kept: kept.withLock { $0 })
    #expect(again.tokens == 0 && again.cost == 0)
    let summarizer = try summarizer(again)
    let second = try await summarizer.run()
    // The three patterns are one here, and so is their answer.
    #expect(second.map(\.analysis.summary) == first.map(\.analysis.summary))
    #expect(second.map(\.analysis.confidence) == first.map(\.analysis.confidence))
    #expect(summarizer.spending.requests == 0 && summarizer.spending.keptAnswers == 4)
    #expect(server.received.count == 4)
  }

  @Test func `asks anew for another model, prompt or subject`() {
    let server = good()
    let plan = plan(server)
    let call = ModelCall(
      promptDigest: plan.entries[1].prompt.digest, inputTokens: 1, outputTokens: 1, cost: nil,
      latencyMilliseconds: 1)
    guard let answer = try? ModelAnswer(ModelStandIn.goodAnswer) else { return }
    let fitting = KeptAnswer(
      subject: subjects[1].cacheKey, provider: "openai", model: "m", answer: answer, call: call)
    #expect(isAsked(self.plan(server, kept: [fitting])) == false)
    var other = fitting
    other.model = "n"
    #expect(isAsked(self.plan(server, kept: [other])))
    other = fitting
    other.call.promptDigest = "0"
    #expect(isAsked(self.plan(server, kept: [other])))
    other = fitting
    other.subject = "cluster:0"
    #expect(isAsked(self.plan(server, kept: [other])))
  }

  private func isAsked(_ plan: SummaryPlan) -> Bool {
    if case .asked = plan.entries[1].fate { true } else { false }
  }

  @Test func `lets code speak where an answer cites nothing that is there`() async throws {
    let server = ModelStandIn { _ in
      .json(
        ModelStandIn.body(
          ModelInterface.openai, ModelStandIn.goodAnswer.replacing("30001ms", with: "99999ms")))
    }
    let spoken = try await summarizer(plan(server)).run()
    #expect(spoken.allSatisfy { $0.silence == .unsupported && $0.analysis.hypothesis != "" })
    #expect(spoken[0].analysis.provider == "extractive")
  }

  @Test func `does not ask for what has no line to quote`() async throws {
    let server = good()
    let plan = SummaryPlan(
      [.cluster(night.clusters[2])], in: night, configuration: plan(server).configuration,
      budget: SummaryBudget(), redaction: RedactionOptions())
    let spoken = try await summarizer(plan).run()
    #expect(spoken.map(\.silence) == [.noLines] && server.received.isEmpty)
  }

  @Test func `stops when asked to`() async throws {
    let summarizer = try summarizer(plan(good()), isCancelled: { true })
    await #expect(throws: SummaryError.cancelled) { try await summarizer.run() }
  }
}
