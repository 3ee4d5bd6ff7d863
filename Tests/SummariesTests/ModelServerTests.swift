import DaybreakCore
import Foundation
import HTTPClient
import Testing

@testable import Summaries

private let modelServer = ProcessInfo.processInfo.environment["DAYBREAK_MODEL_SERVER"]

/// A real server with schema-constrained output, which `script/soak models` builds and starts: its model
/// babbles, and every answer has the form that was asked for.
@Suite(.enabled(if: modelServer != nil, "script/soak models starts the server"))
struct ModelServerTests {
  private func configuration(_ interface: ModelInterface) -> ModelConfiguration {
    ModelConfiguration(interface, url: modelServer, model: "tiny", promptTokens: 4000)
  }

  private func prompts() throws -> [SummaryPrompt] {
    let night = try Scene().outage()
    return night.clusters.map { SummaryPrompt(about: .cluster($0), in: night) }
      + [SummaryPrompt(about: .incident(night.incidents[0]), in: night)]
  }

  @Test(arguments: [ModelInterface.openai, .vllm])
  func `every answer has the schema's form`(interface: ModelInterface) throws {
    let model = try ChatModel(configuration(interface))
    for prompt in try prompts() {
      let outcome = model.ask(prompt)
      let answer = try outcome.result.get()
      #expect(!answer.summary.isEmpty)
      #expect(outcome.inputTokens > 500 && outcome.outputTokens > 20)
    }
  }

  @Test func `says when an answer was cut off`() throws {
    var configuration = configuration(.openai)
    configuration.answerTokens = 10
    let outcome = try ChatModel(configuration).ask(try prompts()[0])
    #expect(outcome.result.failure == .truncated(provider: configuration.label))
    #expect(outcome.outputTokens == 20)
  }

  @Test func `takes a prompt that is too long for the model for one that is not taken`() throws {
    let night = try Scene().outage()
    var prompt = SummaryPrompt(about: .cluster(night.clusters[0]), in: night)
    prompt.user += String(repeating: " and so on", count: 4000)
    let outcome = try ChatModel(configuration(.openai)).ask(prompt)
    guard case .rejected(_, 400, _)? = outcome.result.failure else {
      Issue.record("\(outcome.result)")
      return
    }
  }

  @Test func `babble without a quote that holds is not shown`() async throws {
    let night = try Scene().outage()
    let configuration = configuration(.openai)
    let plan = SummaryPlan(
      [.cluster(night.clusters[1])], in: night, configuration: configuration,
      budget: SummaryBudget(), redaction: RedactionOptions())
    let spoken = try await NightSummarizer(
      plan, in: night, model: try ChatModel(configuration),
      now: { Timestamp(nanoseconds: 0) }
    ).run()
    #expect(spoken.map(\.silence) == [.unsupported])
  }
}
