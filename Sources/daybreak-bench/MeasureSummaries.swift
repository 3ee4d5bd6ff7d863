import DaybreakCore
import DemoShop
import Foundation
import HTTPClient
import Summaries

/// How a provider did on one simulated incident.
private struct SummaryScore {
  /// Whether the night has an incident that holds the planted one.
  var isDetected = false
  /// Whether the pattern of the planted cause comes first.
  var isRightFirst = false
  /// Whether the words name the service and the cause.
  var namesCause = false
  /// Whether the provider spoke, and not code in its place.
  var spoke = true
  var quotesClaimed = 0
  var quotesHeld = 0
  /// Figures that stand nowhere in what the provider was given.
  var strayFigures = 0
  var tokens: Int64 = 0
}

/// Runs simulated incidents with known cause through a provider and writes one row of a Markdown table.
func measureSummaries(_ call: Call) throws {
  let seeds = try call.number("seeds", default: 100)
  let model = try chatModel(call)
  // Five shops, and every incident in one of them: drawing two weeks takes longer than all the rest.
  let shops = try (1...5).map { try SimulatedShop(seed: UInt64($0)) }
  var scores: [SummaryScore] = []
  let clock = ContinuousClock()
  let start = clock.now
  for seed in 1...seeds {
    let shop = shops[seed % shops.count]
    let incident = SimulatedIncident(in: shop.window, seed: UInt64(seed))
    scores.append(score(shop.night(with: incident), incident, model))
    if try call.flag("verbose"), let last = scores.last {
      print("\(seed)\t\(incident.service.service)\t\(incident.causeLine)\t\(last)")
    }
  }
  let seconds = (clock.now - start) / .seconds(1)
  let row = row(model, scores, seconds: seconds)
  try Data((row + "\n").utf8).write(to: URL(filePath: call.file))
  print("{\"seeds\": \(seeds), \"right_first\": \(scores.count(where: \.isRightFirst))}")
}

private func chatModel(_ call: Call) throws -> ChatModel? {
  let name = try call.text("provider", default: "extractive")
  guard name != "extractive" else { return nil }
  guard let interface = ModelInterface(rawValue: name) else {
    throw UsageError(reason: "there is no provider `\(name)`")
  }
  let variable = try call.text("key-env", default: "")
  let url = try call.text("url", default: interface.usualURL)
  return try ChatModel(
    ModelConfiguration(
      interface, url: url, model: try call.text("model"),
      key: ProcessInfo.processInfo.environment[variable]))
}

private func score(
  _ night: NightContext, _ incident: SimulatedIncident, _ model: ChatModel?
) -> SummaryScore {
  var score = SummaryScore()
  let start = night.window.start.advanced(bySeconds: Int64(incident.minutes.lowerBound) * 60)
  let end = night.window.start.advanced(bySeconds: Int64(incident.minutes.upperBound) * 60)
  // The report's first incident, if it is the planted one.
  guard let found = night.incidents.first, found.start < end, found.end > start else {
    return score
  }
  score.isDetected = true
  let subject = SummarySubject.incident(found)
  let ranked = rankedClusters(for: found, in: night)
  let words = incident.causeLine.split(separator: "<n>")[0].trimmingCharacters(in: .whitespaces)
  if let first = ranked.first {
    score.isRightFirst =
      first.observation.identity == incident.service
      && first.observation.samples.contains { $0.text.hasPrefix(words) }
  }
  let analysis = analysis(subject, night, model, &score)
  let text = "\(analysis.summary) \(analysis.hypothesis ?? "")".lowercased()
  score.namesCause =
    text.contains(incident.service.service) && incident.keywords.contains { text.contains($0) }
  return score
}

private func analysis(
  _ subject: SummarySubject, _ night: NightContext, _ model: ChatModel?, _ score: inout SummaryScore
) -> Analysis {
  let code = ExtractiveProvider().analysis(of: subject, in: night)
  guard let model else {
    score.quotesClaimed = code.evidence.count
    score.quotesHeld = code.evidence.count
    return code
  }
  let prompt = SummaryPrompt(
    about: subject, in: night, tokenLimit: model.configuration.promptTokens)
  let outcome = model.ask(prompt)
  score.tokens = outcome.inputTokens + outcome.outputTokens
  guard case .success(let answer) = outcome.result else {
    score.spoke = false
    return code
  }
  let check = AnswerCheck(subject, in: night, prompt: prompt)
  score.quotesClaimed = answer.evidence.count
  score.quotesHeld = check.evidence(answer).count
  score.strayFigures = check.figuresNotGiven(in: [answer.summary, answer.rootCause ?? ""]).count
  let call = ModelCall(
    promptDigest: prompt.digest, inputTokens: outcome.inputTokens,
    outputTokens: outcome.outputTokens, cost: nil, latencyMilliseconds: 0)
  guard let analysis = try? check.analysis(answer, by: model.configuration, call: call) else {
    score.spoke = false
    return code
  }
  return analysis
}

/// One row of the table that script/bench prints the head of.
private func row(_ model: ChatModel?, _ scores: [SummaryScore], seconds: Double) -> String {
  func count(_ test: (SummaryScore) -> Bool) -> String { "\(scores.count(where: test))" }
  let claimed = scores.reduce(0) { $0 + $1.quotesClaimed }
  let held = scores.reduce(0) { $0 + $1.quotesHeld }
  let name =
    model.map { "\($0.configuration.interface.rawValue) \($0.configuration.model)" }
    ?? "extractive"
  let cells = [
    name, "\(scores.count)", count(\.isDetected), count(\.isRightFirst), count(\.namesCause),
    count(\.spoke), "\(held) of \(claimed)", "\(scores.reduce(0) { $0 + $1.strayFigures })",
    "\(scores.reduce(0) { $0 + $1.tokens })",
    String(format: "%.1f", seconds),
  ]
  return "| \(cells.joined(separator: " | ")) |"
}
