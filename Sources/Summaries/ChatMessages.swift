import Foundation
internal import HTTPClient

/// What a model said, whatever its interface.
struct ChatReply {
  /// How it came to an end.
  enum Ending: Equatable {
    case complete
    /// The limit on tokens was reached.
    case truncated
    /// The model, or a filter in front of it, would not answer.
    case refused
  }

  var text: String
  var ending: Ending
  /// nil when the server does not count.
  var inputTokens: Int64?
  var outputTokens: Int64?
}

/// Requests and answers of one interface.
struct ChatMessages {
  let configuration: ModelConfiguration
  /// Parameters that this server refused.
  let refusedParameters: Set<String>

  /// The name of the schema, and of Anthropic's tool.
  private static let schemaName = "log_summary"

  // MARK: Requests

  /// The request for an answer.
  func request(system: String, user: String) -> HTTPRequest {
    var headers = [
      HTTPHeader("Content-Type", "application/json"), HTTPHeader("Accept", "application/json"),
    ]
    if configuration.interface == .anthropic {
      headers.append(HTTPHeader("anthropic-version", "2023-06-01"))
      if let key = configuration.key {
        headers.append(HTTPHeader("x-api-key", key, isSecret: true))
      }
    } else if let key = configuration.key {
      headers.append(HTTPHeader("Authorization", "Bearer \(key)", isSecret: true))
    }
    // Asking changes nothing on the server; an attempt that failed is asked again.
    return HTTPRequest(
      .post, configuration.endpoint, headers: headers,
      body: JSONText.sorted(content(system: system, user: user)).bytes, isSafeToRepeat: true)
  }

  /// What is sent.
  func content(system: String, user: String) -> [String: JSONText] {
    var content: [String: JSONText] = ["model": .string(configuration.model)]
    let answerTokens = JSONText.integer(Int64(configuration.answerTokens))
    let messages: JSONText = [
      ["role": "system", "content": .string(system)], ["role": "user", "content": .string(user)],
    ]
    switch configuration.interface {
    case .ollama:
      content["messages"] = messages
      content["stream"] = false
      content["format"] = ModelAnswer.schema
      // Without num_ctx a prompt longer than the model's default is cut, without a word.
      content["options"] = [
        "temperature": .integer(0), "seed": .integer(1), "num_predict": answerTokens,
        "num_ctx": .integer(contextLength),
      ]
    case .vllm, .openai:
      content["messages"] = messages
      content["stream"] = false
      content["response_format"] = responseFormat
      let isNewer = configuration.isOpenAIItself || refusedParameters.contains("max_tokens")
      content[isNewer ? "max_completion_tokens" : "max_tokens"] = answerTokens
      content["temperature"] = .integer(0)
      content["seed"] = .integer(1)
    case .anthropic:
      content["system"] = .string(system)
      content["messages"] = [["role": "user", "content": .string(user)]]
      content["max_tokens"] = answerTokens
      content["temperature"] = .integer(0)
      content["tools"] = [
        [
          "name": .string(Self.schemaName), "description": "Hands over the answer.",
          "input_schema": ModelAnswer.schema,
        ]
      ]
      content["tool_choice"] = ["type": "tool", "name": .string(Self.schemaName)]
    }
    for parameter in ChatMessages.optional where refusedParameters.contains(parameter) {
      content[parameter] = nil
    }
    return content
  }

  /// The schema as OpenAI takes it, or as llama-cpp-python's server does, which knows no `json_schema`
  /// (https://llama-cpp-python.readthedocs.io/en/latest/, "JSON Schema Mode").
  private var responseFormat: JSONText {
    if refusedParameters.contains("response_format") {
      return ["type": "json_object", "schema": ModelAnswer.schema]
    }
    return [
      "type": "json_schema",
      "json_schema": [
        "name": .string(Self.schemaName), "strict": true, "schema": ModelAnswer.schema,
      ],
    ]
  }

  /// Prompt and answer, with room for a count of tokens that is not ours.
  private var contextLength: Int64 {
    let needed = Int64(configuration.promptTokens + configuration.answerTokens) * 5 / 4 + 256
    return (needed + 1023) / 1024 * 1024
  }

  // MARK: Refused parameters

  /// Parameters without which an answer is as good.
  private static let optional = ["temperature", "seed"]

  /// The parameter of ours that a server says it does not take; nil for other complaints.
  ///
  /// OpenAI names it in `error.param` with status 400; Anthropic and others in the message;
  /// llama-cpp-python answers 500 to a response format that it does not know.
  static func refusedParameter(_ response: HTTPResponse) -> String? {
    guard [400, 422, 500].contains(response.status), let object = ReceivedObject(response.body)
    else { return nil }
    let error = object.object("error") ?? object
    let names = optional + ["max_tokens", "response_format"]
    if let named = error.string("param"), names.contains(named) { return named }
    guard let message = error.string("message"), message.count < 2000 else { return nil }
    if message.contains("response_format"), message.contains("json_schema") {
      return "response_format"
    }
    // Our own prompt may stand in the message: it must speak of the parameter in so many words.
    return names.first { name in
      ["'\(name)'", "`\(name)`", "\"\(name)\""].contains { message.contains($0) }
        && ["not supported", "unsupported", "deprecated"].contains {
          message.lowercased().contains($0)
        }
    }
  }

  // MARK: Answers

  /// Reads an answer of status 2xx.
  ///
  /// - Throws: `AnswerDefect.invalid` when it is not of the interface.
  func reply(_ body: [UInt8]) throws(AnswerDefect) -> ChatReply {
    guard let object = ReceivedObject(body) else {
      throw .invalid("the server's answer is no JSON object")
    }
    switch configuration.interface {
    case .ollama: return try ollamaReply(object)
    case .vllm, .openai: return try completionReply(object)
    case .anthropic: return try anthropicReply(object)
    }
  }

  private func ollamaReply(_ object: ReceivedObject) throws(AnswerDefect) -> ChatReply {
    guard let text = object.object("message")?.string("content"),
      object.members["done"] as? Bool == true
    else { throw .invalid("the server's answer has no whole `message`") }
    return ChatReply(
      text: text, ending: object.string("done_reason") == "length" ? .truncated : .complete,
      // Left out where the whole prompt was in Ollama's own cache.
      inputTokens: object.count("prompt_eval_count"), outputTokens: object.count("eval_count"))
  }

  private func completionReply(_ object: ReceivedObject) throws(AnswerDefect) -> ChatReply {
    guard let choice = object.objects("choices").first, let message = choice.object("message")
    else { throw .invalid("the server's answer has no `choices`") }
    let usage = object.object("usage")
    var reply = ChatReply(
      text: message.string("content") ?? "", ending: .complete,
      inputTokens: usage?.count("prompt_tokens"), outputTokens: usage?.count("completion_tokens"))
    switch choice.string("finish_reason") {
    case "length": reply.ending = .truncated
    case "content_filter": reply.ending = .refused
    default:
      if let refusal = message.string("refusal"), !refusal.isEmpty { reply.ending = .refused }
    }
    return reply
  }

  private func anthropicReply(_ object: ReceivedObject) throws(AnswerDefect) -> ChatReply {
    guard object.members["content"] is [Any] else {
      throw .invalid("the server's answer has no `content`")
    }
    let usage = object.object("usage")
    let input = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"]
      .compactMap { usage?.count($0) }
    let blocks = object.objects("content")
    let tool = blocks.first { $0.string("type") == "tool_use" }?.object("input")
    let text = tool.flatMap { try? JSONSerialization.data(withJSONObject: $0.members) }
      .map { String(decoding: $0, as: UTF8.self) }
    let words = blocks.compactMap { $0.string("text") }.joined()
    var reply = ChatReply(
      text: text ?? words, ending: .complete,
      inputTokens: input.isEmpty ? nil : input.reduce(0, +),
      outputTokens: usage?.count("output_tokens"))
    switch object.string("stop_reason") {
    case "max_tokens", "model_context_window_exceeded": reply.ending = .truncated
    case "refusal": reply.ending = .refused
    default: break
    }
    return reply
  }
}
