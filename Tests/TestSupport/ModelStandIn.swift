package import Foundation
internal import Synchronization

/// A server that answers as Ollama, vLLM, OpenAI and Anthropic document it, unless told to go wrong.
package final class ModelStandIn: Sendable {
  /// Whose interface it speaks, by the names that job files have for them.
  package enum Interface: String, Sendable {
    case ollama, vllm, openai, anthropic
  }

  /// One request as it arrived.
  package struct Request: Sendable {
    package var head: String
    package var body: Data
    package var number: Int

    package var path: String { head.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
    package var object: [String: Any] {
      (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:]
    }
    /// The text of the message with a role.
    package func message(_ role: String) -> String {
      if role == "system", let system = object["system"] as? String { return system }
      let messages = object["messages"] as? [[String: Any]] ?? []
      return messages.last { $0["role"] as? String == role }?["content"] as? String ?? ""
    }
    package func header(_ name: String) -> String? {
      head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("\(name):") }
        .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }
  }

  /// What comes back.
  package enum Reply: Sendable {
    case json(status: Int = 200, headers: [String: String] = [:], String)
    /// Half of the body, and the connection is gone.
    case torn(String)
    /// Nothing, for so many seconds.
    case silence(Double)
  }

  private let requests = Mutex<[Request]>([])
  private let server = Mutex<RawServer?>(nil)

  /// Starts a server.
  ///
  /// - Parameter answer: what comes back for a request.
  package init(_ answer: @escaping @Sendable (Request) -> Reply) {
    let raw = RawServer { [weak self] peer in
      let head = peer.readHead()
      var request = Request(head: head, body: Data(), number: 0)
      let length = request.header("content-length").flatMap { Int($0) } ?? 0
      while request.body.count < length {
        let piece = peer.read(length - request.body.count)
        if piece.isEmpty { return }
        request.body += piece
      }
      request.number = self?.requests.withLock { $0.count } ?? 0
      let asked = request
      self?.requests.withLock { $0.append(asked) }
      switch answer(request) {
      case .json(let status, let headers, let body):
        let lines = headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
        peer.write(
          "HTTP/1.1 \(status) Status\r\nContent-Type: application/json\r\n\(lines)"
            + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)")
      case .torn(let body):
        peer.write(
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
            + String(body.prefix(body.count / 2)))
      case .silence(let seconds): Thread.sleep(forTimeInterval: seconds)
      }
    }
    server.withLock { $0 = raw }
  }

  /// Where it is.
  package var url: String { server.withLock { $0?.url ?? "" } }
  /// Every request so far.
  package var received: [Request] { requests.withLock { $0 } }

  // MARK: Bodies as the providers document them

  /// An answer that holds, quoting the first sample of `Scene.outage()`'s payments.
  package static let goodAnswer = """
    {"summary":"payments ran out of database connections at 02:10.","root_cause":"The connection \
    pool may be too small.","confidence":0.93,"suggested_action":"Compare the pool's size.\\n2. Read \
    the deploy log.","evidence":[{"sample_id":"s1","quote":"Connection is not available, request \
    timed out after 30001ms"}]}
    """

  /// The whole body around an answer.
  package static func body(
    _ interface: Interface, _ answer: String, ending: Ending = .complete
  ) -> String {
    switch interface {
    case .ollama:
      json([
        "model": "m", "created_at": "2024-12-06T00:46:58.265747Z",
        "message": ["role": "assistant", "content": answer], "done": true,
        "done_reason": ending == .truncated ? "length" : "stop", "total_duration": 2_254_970_291,
        "prompt_eval_count": 900, "eval_count": 120,
      ])
    case .vllm, .openai:
      json([
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_741_570_283, "model": "m",
        "choices": [
          [
            "index": 0, "logprobs": NSNull(),
            "message": [
              "role": "assistant", "content": ending == .refused ? NSNull() : answer as Any,
              "refusal": ending == .refused
                ? "I'm sorry, I cannot help with that." as Any : NSNull(),
            ],
            "finish_reason": ending == .truncated ? "length" : "stop",
          ]
        ],
        "usage": ["prompt_tokens": 900, "completion_tokens": 120, "total_tokens": 1020],
      ])
    case .anthropic: anthropicBody(answer, ending)
    }
  }

  /// How the model comes to an end.
  package enum Ending: Sendable { case complete, truncated, refused }

  private static func anthropicBody(_ answer: String, _ ending: Ending) -> String {
    let input = (try? JSONSerialization.jsonObject(with: Data(answer.utf8))) as? [String: Any]
    let block: [String: Any] =
      ending == .refused
      ? ["type": "text", "text": "I can't help with that."]
      : input.map { ["type": "tool_use", "id": "toolu_1", "name": "log_summary", "input": $0] }
        ?? ["type": "text", "text": answer]
    let reasons = [Ending.complete: "tool_use", .truncated: "max_tokens", .refused: "refusal"]
    return json([
      "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [block],
      "stop_reason": reasons[ending] ?? "", "stop_sequence": NSNull(),
      "usage": [
        "input_tokens": 600, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 300,
        "output_tokens": 120,
      ],
    ])
  }

  /// An error's body.
  package static func errorBody(_ interface: Interface, _ type: String, _ message: String) -> String
  {
    switch interface {
    case .ollama: json(["error": message])
    case .vllm:
      json([
        "object": "error", "message": message, "type": type, "param": NSNull(), "code": 400,
      ])
    case .openai:
      json(["error": ["message": message, "type": type, "param": NSNull(), "code": type]])
    case .anthropic:
      json(["type": "error", "error": ["type": type, "message": message], "request_id": "req_1"])
    }
  }

  /// An object's text.
  package static func json(_ object: [String: Any]) -> String {
    let data = try? JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
    return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
