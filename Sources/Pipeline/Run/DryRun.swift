package import DaybreakCore
internal import Foundation
internal import Storage
internal import Summaries

/// Tells what a job's model would be sent for nights whose earlier stages are done, and what it would
/// cost; sends and writes nothing.
package struct DryRun {
  private let job: Job
  private let surroundings: Surroundings

  package init(job: Job, surroundings: Surroundings) {
    self.job = job
    self.surroundings = surroundings
  }

  /// One prompt that a night has.
  struct Prompt: Encodable {
    let subject: String
    let fate: String
    let tokens: Int64
    let cost: Double?
    let system: String
    let user: String
    /// What did not fit into the prompt.
    let leftOut: [String]
  }

  /// What one night of one tenant would send.
  struct Night: Encodable {
    let tenant: String
    let date: String
    /// Why nothing can be told; nil when it can.
    let problem: String?
    let provider: String
    let model: String?
    /// The most tokens and US dollars that the night would take, about.
    let tokens: Int64
    let cost: Double?
    let prompts: [Prompt]
  }

  /// Plans every night and tenant of a request.
  ///
  /// - Parameters:
  ///   - nights: which.
  ///   - asJSON: whether a program reads it.
  /// - Returns: the text to print.
  /// - Throws: what the store throws.
  package func text(_ nights: ClosedRange<CivilDate>, asJSON: Bool) throws -> String {
    let access = try StoreAccess(job.store, surroundings: surroundings)
    defer { access.close() }
    var plans: [Night] = []
    for date in RunRequest(nights: nights).dates {
      for tenant in job.tenants {
        try Cancellation.check()
        let night = Pipeline.Night(job: job, tenant: tenant, date: date)
        plans.append(
          try NightRun(night: night, store: access.store, surroundings: surroundings).dryRun())
      }
    }
    guard asJSON else { return plans.map(DryRunText.night).joined(separator: "\n") }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(plans), as: UTF8.self) + "\n"
  }
}

extension NightRun {
  /// What this night would send.
  fileprivate func dryRun() throws -> DryRun.Night {
    let settings = night.job.summaries
    func answer(_ plan: SummaryPlan?, problem: String? = nil) -> DryRun.Night {
      DryRun.Night(
        tenant: night.tenant.description, date: night.date.description, problem: problem,
        provider: settings.provider.rawValue, model: settings.model?.name,
        tokens: plan?.tokens ?? 0, cost: plan?.cost,
        prompts: (plan?.entries ?? []).map(DryRun.Prompt.init))
    }
    guard let model = settings.model else {
      return answer(nil, problem: "nothing is sent: `provider: extractive` uses no model")
    }
    let context: NightContext? = try store.withTenant(night.tenant) { session in
      let finished = try session.stages(of: key).filter { $0.status == .finished }.map(\.stage)
      let needed = Stage.allCases.prefix { $0 != .summarize }
      guard needed.allSatisfy({ finished.contains($0.rawValue) }) else { return nil }
      return try summaryContext(session)
    }
    guard let context else {
      return answer(
        nil, problem: "not known yet: the stages before summarize are not finished for this night")
    }
    return answer(try summaryPlan(model, summarySubjects(context), context))
  }
}

extension DryRun.Prompt {
  fileprivate init(_ entry: SummaryPlan.Entry) {
    switch entry.subject {
    case .incident(let incident):
      subject =
        "incident \(incident.severity.rawValue) of \(displayText(incident.firstMover.service))"
    case .cluster(let cluster):
      let observation = cluster.observation
      subject =
        "\(observation.level.name) in \(displayText(observation.identity.service)), "
        + "\(observation.count) events, \(observation.fingerprint.description.prefix(8))"
    }
    switch entry.fate {
    case .asked: fate = "would be sent"
    case .kept: fate = "answer at hand"
    case .silent(let reason): fate = "not sent: \(reason.words)"
    }
    tokens = entry.tokens
    cost = entry.cost
    system = entry.prompt.system
    user = entry.prompt.user
    leftOut = entry.prompt.dropped
  }
}

/// A dry run in words.
private enum DryRunText {
  static func night(_ night: DryRun.Night) -> String {
    var lines = ["\(night.tenant) \(night.date): \(night.provider) \(night.model ?? "")"]
    if let problem = night.problem { return "\(lines[0]): \(problem)\n" }
    let sent = night.prompts.filter { $0.fate == "would be sent" }
    lines.append(
      "  \(sent.count) of \(night.prompts.count) prompts would be sent: at most about "
        + "\(night.tokens) tokens in and out\(money(night.cost))")
    for (index, prompt) in night.prompts.enumerated() {
      let size = prompt.tokens > 0 ? ", about \(prompt.tokens) tokens\(money(prompt.cost))" : ""
      lines.append("  \(index + 1). \(prompt.subject): \(prompt.fate)\(size)")
      if !prompt.leftOut.isEmpty {
        lines.append("     left out to keep to prompt_tokens: \(counted(prompt.leftOut))")
      }
    }
    if let first = sent.first {
      lines += ["", "--- sent with every prompt, but for its marker", displayText(first.system)]
    }
    for (index, prompt) in night.prompts.enumerated() where prompt.fate == "would be sent" {
      lines += ["", "--- prompt \(index + 1): \(prompt.subject)", displayText(prompt.user)]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func counted(_ names: [String]) -> String {
    var order: [String] = []
    for name in names where !order.contains(name) { order.append(name) }
    return order.map { name in "\(name) × \(names.count { $0 == name })" }.joined(separator: ", ")
  }

  private static func money(_ dollars: Double?) -> String {
    guard let dollars else { return "" }
    let thousandths = Int64((dollars * 10_000).rounded(.up))
    let digits = String(thousandths % 10_000)
    let padding = String(repeating: "0", count: 4 - digits.count)
    return ", at most about $\(thousandths / 10_000).\(padding)\(digits)"
  }
}
