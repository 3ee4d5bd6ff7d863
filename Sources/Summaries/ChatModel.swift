internal import DaybreakCore
internal import Foundation
package import HTTPClient
internal import Synchronization

/// Asks one model; knows its interface, its errors and how to mend an answer.
package final class ChatModel: Sendable {
  package let configuration: ModelConfiguration
  private let client: HTTPClient
  private let environment: ClientEnvironment
  /// Parameters that this server turned out not to take.
  private let refusedParameters = Mutex<Set<String>>([])

  /// Makes a model; asks nothing yet.
  ///
  /// - Parameters:
  ///   - configuration: the model and the way to it.
  ///   - environment: what the HTTP client takes from the world.
  /// - Throws: `SummaryError.misconfigured`.
  package init(
    _ configuration: ModelConfiguration, environment: ClientEnvironment = .live
  ) throws(SummaryError) {
    let url = configuration.url
    if !url.hasPrefix("http://") && !url.hasPrefix("https://") {
      throw .misconfigured(
        provider: configuration.interface.rawValue, reason: "its address is no http or https URL")
    }
    if configuration.model.isEmpty {
      throw .misconfigured(provider: configuration.label, reason: "no model is named")
    }
    self.configuration = configuration
    self.environment = environment
    client = HTTPClient(configuration.client, environment: environment)
  }

  /// What was said, and what it took, attempts that came to nothing included.
  package struct Outcome: Sendable {
    package var result: Result<ModelAnswer, SummaryError>
    /// Tokens of all requests that were answered; counted by the server, else estimated.
    package var inputTokens: Int64
    package var outputTokens: Int64
    package var latencyMilliseconds: Int64
    /// Requests that were sent, repeats by the HTTP client not counted.
    package var requests: Int
  }

  /// Asks, and asks once more where the answer is cut off or not what was asked for.
  ///
  /// Blocks; the caller brings a thread of its own.
  ///
  /// - Parameters:
  ///   - prompt: what to ask.
  ///   - mayRepair: whether the budget allows a second request.
  ///   - isCancelled: asked while waiting, at least once a second.
  /// - Returns: the answer, unchecked against the lines, or why there is none.
  package func ask(
    _ prompt: SummaryPrompt, mayRepair: () -> Bool = { true },
    isCancelled: @escaping CancellationCheck = { false }
  ) -> Outcome {
    let start = environment.now()
    var outcome = Outcome(
      result: .failure(.cancelled), inputTokens: 0, outputTokens: 0, latencyMilliseconds: 0,
      requests: 0)
    var user = prompt.user
    for attempt in 1...2 {
      do {
        outcome.result = .success(
          try answer(system: prompt.system, user: user, isCancelled, &outcome))
        break
      } catch {
        outcome.result = .failure(error)
        guard attempt == 1, mayRepair(), let request = Self.repairRequest(for: error) else { break }
        user = prompt.user + "\n\n" + request
      }
    }
    let elapsed = environment.now().nanoseconds - start.nanoseconds
    outcome.latencyMilliseconds = max(0, elapsed / 1_000_000)
    return outcome
  }

  /// What to add to a prompt whose answer could not be used; nil when asking again is of no use.
  private static func repairRequest(for error: SummaryError) -> String? {
    let end = "Answer again with nothing but the one JSON object that was asked for."
    return switch error {
    case .truncated:
      "An earlier answer was too long and was cut off. Be much shorter: one sentence in each text, "
        + "one quote. \(end)"
    case .invalid(_, let reason): "An earlier answer could not be used: \(reason). \(end)"
    default: nil
    }
  }

  /// One request and its answer.
  private func answer(
    system: String, user: String, _ isCancelled: @escaping CancellationCheck,
    _ outcome: inout Outcome
  ) throws(SummaryError) -> ModelAnswer {
    let label = configuration.label
    let (messages, response) = try send(system: system, user: user, isCancelled, &outcome)
    do throws(AnswerDefect) {
      let reply = try messages.reply(response.body)
      outcome.inputTokens += reply.inputTokens ?? estimatedTokens(system) + estimatedTokens(user)
      outcome.outputTokens += reply.outputTokens ?? estimatedTokens(reply.text)
      if reply.ending != .refused { return try Self.read(reply) }
    } catch {
      switch error {
      case .truncated: throw .truncated(provider: label)
      case .invalid(let reason): throw .invalid(provider: label, reason: reason)
      }
    }
    throw .refused(provider: label)
  }

  private static func read(_ reply: ChatReply) throws(AnswerDefect) -> ModelAnswer {
    guard reply.ending == .truncated else { return try ModelAnswer(reply.text) }
    // A whole object may stand in front of what was cut off.
    guard let answer = try? ModelAnswer(reply.text) else { throw .truncated }
    return answer
  }

  /// Sends a request, once more without each parameter that the server says it does not take.
  private func send(
    system: String, user: String, _ isCancelled: @escaping CancellationCheck,
    _ outcome: inout Outcome
  ) throws(SummaryError) -> (ChatMessages, HTTPResponse) {
    while true {
      let messages = ChatMessages(
        configuration: configuration, refusedParameters: refusedParameters.withLock { $0 })
      outcome.requests += 1
      let response = try response(
        to: messages.request(system: system, user: user), isCancelled: isCancelled)
      if response.isSuccess { return (messages, response) }
      if let parameter = ChatMessages.refusedParameter(response),
        refusedParameters.withLock({ $0.insert(parameter).inserted })
      {
        continue
      }
      throw refusal(response)
    }
  }

  private func response(
    to request: HTTPRequest, isCancelled: @escaping CancellationCheck
  ) throws(SummaryError) -> HTTPResponse {
    do {
      return try client.send(request, isCancelled: isCancelled)
    } catch {
      if case .cancelled = error { throw .cancelled }
      throw .unreachable(provider: configuration.label, reason: error.summary)
    }
  }

  /// What a status other than 2xx means.
  ///
  /// Of the body only a short code is told on: messages of providers repeat parts of what they were sent.
  private func refusal(_ response: HTTPResponse) -> SummaryError {
    let label = configuration.label
    switch response.status {
    case 408, 429, 500...: return .overloaded(provider: label, status: response.status)
    default:
      let object = ReceivedObject(response.body)
      let error = object?.object("error") ?? object
      let code = (error?.string("code") ?? error?.string("type")).flatMap { code in
        let isPlain = code.utf8.allSatisfy {
          (0x61...0x7A).contains($0 | 0x20) || $0 == 0x5F || (0x30...0x39).contains($0)
        }
        return isPlain && (1...60).contains(code.utf8.count) ? code : nil
      }
      return .rejected(provider: label, status: response.status, code: code)
    }
  }
}

/// About how many tokens a text has: a token for every three bytes.
///
/// English prose has about four bytes a token; log lines, full of digits and punctuation, two to three
/// in the encodings of common models. Only an estimate, for budgets and where a server does not count.
package func estimatedTokens(_ text: String) -> Int64 { (Int64(text.utf8.count) + 2) / 3 }
