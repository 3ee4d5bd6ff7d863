import DaybreakCore
import Foundation
import HTTPClient
import Synchronization
import TestSupport
import Testing

@testable import Embedding

/// A server that answers as Ollama and OpenAI document it, unless told to go wrong.
final class EncoderServer: Sendable {
  /// One request as it arrived.
  struct Request: Sendable {
    var head: String
    var model: String
    var input: [String]
  }

  private let requests = Mutex<[Request]>([])
  private let server = Mutex<RawServer?>(nil)

  /// Starts a server.
  ///
  /// - Parameter answer: the status line's end, further headers and the body for a request.
  init(_ answer: @escaping @Sendable (Request, Int) -> (status: String, body: String)) {
    let raw = RawServer { [weak self] peer in
      let head = peer.readHead()
      let length = EncoderServer.contentLength(head)
      var body: [UInt8] = []
      while body.count < length {
        let piece = peer.read(length - body.count)
        if piece.isEmpty { return }
        body += piece
      }
      let object = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any]
      let request = Request(
        head: head, model: object?["model"] as? String ?? "",
        input: object?["input"] as? [String] ?? [])
      self?.requests.withLock { $0.append(request) }
      let (status, text) = answer(request, peer.number)
      peer.write(
        "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\n"
          + "Content-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n\(text)")
    }
    server.withLock { $0 = raw }
  }

  var url: String { server.withLock { $0?.url ?? "" } }
  var received: [Request] { requests.withLock { $0 } }

  private static func contentLength(_ head: String) -> Int {
    head.split(separator: "\r\n").lazy.map { $0.lowercased() }
      .first { $0.hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
  }

  /// A vector that tells texts apart: their length, and 1.
  static func vector(_ text: String, dimension: Int = 3) -> String {
    let numbers = ["\(text.utf8.count)", "1"] + Array(repeating: "0", count: dimension - 2)
    return "[\(numbers.joined(separator: ","))]"
  }

  static func ollama(_ request: Request, model: String? = nil, dimension: Int = 3) -> String {
    let vectors = request.input.map { vector($0, dimension: dimension) }
    return """
      {"model":"\(model ?? request.model)","embeddings":[\(vectors.joined(separator: ","))],\
      "total_duration":14143917,"load_duration":1019500,"prompt_eval_count":8}
      """
  }

  /// The items in reverse: the index says which text is meant, not the place.
  static func openAI(_ request: Request, model: String? = nil) -> String {
    let items = request.input.enumerated().reversed().map { index, text in
      #"{"object":"embedding","index":\#(index),"embedding":\#(vector(text))}"#
    }
    return """
      {"object":"list","data":[\(items.joined(separator: ","))],\
      "model":"\(model ?? request.model)","usage":{"prompt_tokens":5,"total_tokens":5}}
      """
  }
}

@Suite struct RemoteEncoderTests {
  typealias Interface = RemoteEncoderConfiguration.Interface

  /// An encoder that waits for nothing.
  func encoder(
    _ interface: Interface, _ url: String, model: String = "all-minilm", dimension: Int? = nil,
    key: String? = nil, change: (inout RemoteEncoderConfiguration) -> Void = { _ in }
  ) throws -> RemoteEncoder {
    var configuration = RemoteEncoderConfiguration(
      interface, url: url, model: model, dimension: dimension, key: key)
    change(&configuration)
    let environment = ClientEnvironment(
      jitter: { 0 }, pause: { _, _ in }, now: { Timestamp(nanoseconds: 0) })
    return try RemoteEncoder(configuration, environment: environment)
  }

  static func good(_ interface: Interface, _ request: EncoderServer.Request) -> String {
    interface == .ollama ? EncoderServer.ollama(request) : EncoderServer.openAI(request)
  }

  /// The error that a server's only answer leads to.
  func failure(
    _ interface: Interface, _ status: String, _ body: String, texts: [String] = ["a", "b"]
  ) throws -> EmbeddingError {
    let server = EncoderServer { _, _ in (status, body) }
    let encoder = try encoder(interface, server.url)
    return try #require(throws: EmbeddingError.self) { try encoder.vectors(for: texts) }
  }

  @Test(arguments: Interface.allCases)
  func `Vectors come in the texts' order, of length 1`(_ interface: Interface) throws {
    let server = EncoderServer { request, _ in ("200 OK", Self.good(interface, request)) }
    let encoder = try encoder(interface, server.url)
    let texts = ["one", "three", "fifteen"]
    let vectors = try encoder.vectors(for: texts)
    for (text, vector) in zip(texts, vectors) {
      let length = Float(text.utf8.count)
      let scale = (length * length + 1).squareRoot()
      #expect(abs(vector[0] - length / scale) < 1e-6 && abs(vector[1] - 1 / scale) < 1e-6)
    }
    #expect(
      try encoder.model()
        == EncoderModel(provider: interface.rawValue, name: "all-minilm", dimension: 3))
  }

  @Test func `Ollama is asked at its own path, without a key`() throws {
    let server = EncoderServer { request, _ in ("200 OK", EncoderServer.ollama(request)) }
    _ = try encoder(.ollama, server.url + "/").vectors(for: ["x"])
    let head = try #require(server.received.first).head
    #expect(head.hasPrefix("POST /api/embed HTTP/1.1\r\n"))
    #expect(!head.lowercased().contains("authorization"))
  }

  @Test(arguments: ["", "/v1", "/v1/"])
  func `OpenAI's interface is found from its root or its server's`(_ path: String) throws {
    let server = EncoderServer { request, _ in ("200 OK", EncoderServer.openAI(request)) }
    _ = try encoder(.openAI, server.url + path, key: "k-1").vectors(for: ["x"])
    let head = try #require(server.received.first).head
    #expect(head.hasPrefix("POST /v1/embeddings HTTP/1.1\r\n"))
    #expect(head.contains("Authorization: Bearer k-1\r\n"))
  }

  @Test func `Texts go out in batches within the limits`() throws {
    let server = EncoderServer { request, _ in ("200 OK", EncoderServer.ollama(request)) }
    let encoder = try encoder(.ollama, server.url) {
      $0.textsPerRequest = 4
      $0.bytesPerRequest = 10
    }
    let texts = ["a", "b", "c", "d", "e", "ffffffff", "ggg", "hhhhhhhhhhhhhhh"]
    #expect(try encoder.vectors(for: texts).count == texts.count)
    #expect(
      server.received.map(\.input) == [
        ["a", "b", "c", "d"], ["e", "ffffffff"], ["ggg"], ["hhhhhhhhhhhhhhh"],
      ])
  }

  @Test func `A long text is cut between characters and an empty one is not sent empty`() throws {
    let server = EncoderServer { request, _ in ("200 OK", EncoderServer.ollama(request)) }
    let encoder = try encoder(.ollama, server.url) { $0.bytesPerText = 5 }
    _ = try encoder.vectors(for: ["ééé", ""])
    #expect(server.received.first?.input == ["éé", " "])
  }

  @Test func `No texts make no request`() throws {
    let server = EncoderServer { request, _ in ("200 OK", EncoderServer.ollama(request)) }
    #expect(try encoder(.ollama, server.url).vectors(for: []) == [])
    #expect(server.received.isEmpty)
  }

  @Test(arguments: ["429 Too Many Requests\r\nRetry-After: 1", "503 Service Unavailable", "500 No"])
  func `A server that is busy is asked again`(_ status: String) throws {
    let server = EncoderServer { request, number in
      number < 2
        ? (status, #"{"error":{"message":"Rate limit reached","type":"requests","code":null}}"#)
        : ("200 OK", EncoderServer.openAI(request))
    }
    #expect(try encoder(.openAI, server.url).vectors(for: ["x"]).count == 1)
    #expect(server.received.count == 3)
  }

  @Test func `A request that is too large is halved`() throws {
    let server = EncoderServer { request, _ in
      request.input.count > 2
        ? ("413 Payload Too Large", "{}") : ("200 OK", EncoderServer.openAI(request))
    }
    let encoder = try encoder(.openAI, server.url)
    #expect(try encoder.vectors(for: ["a", "bb", "ccc", "dddd", "eeeee"]).count == 5)
  }

  @Test func `A refusal shows the provider's words`() throws {
    let ollama = try failure(
      .ollama, "404 Not Found", #"{"error":"model \"nope\" not found, try pulling it first"}"#)
    #expect(ollama.summary.contains(#"answered 404: model "nope" not found"#))
    let openAI = try failure(
      .openAI, "401 Unauthorized",
      #"{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#
    )
    #expect(openAI.summary.contains("answered 401: Incorrect API key provided."))
    #expect(openAI.remedy == "check the encoder's key")
  }

  @Test func `A refusal that repeats a text is not shown`() throws {
    let text = "user ann@example.org logged in from the kitchen"
    let error = try failure(
      .openAI, "400 Bad Request",
      #"{"error":{"message":"cannot embed 'logged in from the kitchen'","type":"x"}}"#,
      texts: [text])
    #expect(error.summary.hasSuffix("answered 400"))
  }

  @Test(
    arguments: [
      (Interface.ollama, "not json"), (.ollama, #"{"model":"all-minilm"}"#),
      (.ollama, #"{"model":"all-minilm","embeddings":[[1,2]]}"#),
      (.ollama, #"{"model":"all-minilm","embeddings":[[1,2],[0,0]]}"#),
      (.ollama, #"{"model":"all-minilm","embeddings":[[1,2],[1,null]]}"#),
      (.openAI, #"{"object":"list","data":[],"model":"all-minilm"}"#),
      (
        .openAI,
        #"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}],"model":"all-minilm"}"#
      ),
      (
        .openAI,
        #"{"data":[{"index":1,"embedding":[1]},{"index":2,"embedding":[1]}],"model":"all-minilm"}"#
      ),
    ])
  func `An answer that breaks its promise is an error`(_ interface: Interface, _ body: String)
    throws
  {
    guard case .malformedAnswer = try failure(interface, "200 OK", body) else {
      Issue.record("no malformedAnswer")
      return
    }
  }

  @Test func `An answer of another model is an error`() throws {
    let server = EncoderServer { request, _ in
      ("200 OK", EncoderServer.ollama(request, model: "nomic-embed-text"))
    }
    let encoder = try encoder(.ollama, server.url)
    let error = try #require(throws: EmbeddingError.self) { try encoder.vectors(for: ["x"]) }
    guard case .otherModel(_, "all-minilm", "nomic-embed-text") = error else {
      Issue.record("\(error)")
      return
    }
  }

  @Test func `A model's dated version is that model until it changes`() throws {
    let server = EncoderServer { request, number in
      ("200 OK", EncoderServer.openAI(request, model: number == 0 ? "ada-002-v2" : "ada-002-v3"))
    }
    let encoder = try encoder(.openAI, server.url, model: "ada-002")
    #expect(try encoder.model().name == "ada-002-v2")
    #expect(throws: EmbeddingError.self) { try encoder.vectors(for: ["x"]) }
  }

  @Test func `Ollama's tag latest is the model itself`() throws {
    let server = EncoderServer { request, _ in
      ("200 OK", EncoderServer.ollama(request, model: "all-minilm:latest"))
    }
    #expect(try encoder(.ollama, server.url).model().name == "all-minilm")
  }

  @Test func `Another dimension than configured, or than before, is an error`() throws {
    let server = EncoderServer { request, number in
      ("200 OK", EncoderServer.ollama(request, dimension: number == 0 ? 3 : 4))
    }
    let strict = try encoder(.ollama, server.url, dimension: 384)
    #expect(throws: EmbeddingError.self) { try strict.vectors(for: ["x"]) }
    let changing = EncoderServer { request, number in
      ("200 OK", EncoderServer.ollama(request, dimension: number == 0 ? 3 : 4))
    }
    let encoder = try encoder(.ollama, changing.url)
    #expect(try encoder.vectors(for: ["x"]).count == 1)
    let error = try #require(throws: EmbeddingError.self) { try encoder.vectors(for: ["x"]) }
    guard case .otherDimension(_, 3, 4) = error else {
      Issue.record("\(error)")
      return
    }
  }

  @Test func `A server that is not there is an error that names it`() throws {
    let encoder = try encoder(.ollama, "http://127.0.0.1:1") { $0.client.retries = .never }
    let error = try #require(throws: EmbeddingError.self) { try encoder.vectors(for: ["x"]) }
    #expect(error.summary.contains("http://127.0.0.1:1/api/embed"))
  }

  @Test func `A caller who gives up sends nothing more`() throws {
    let server = EncoderServer { request, _ in ("200 OK", EncoderServer.ollama(request)) }
    let encoder = try encoder(.ollama, server.url)
    #expect(throws: EmbeddingError.cancelled) {
      try encoder.vectors(for: ["x"], isCancelled: { true })
    }
    #expect(server.received.isEmpty)
  }

  @Test(arguments: [("ftp://x", "m"), ("http://x", "")])
  func `A configuration that cannot work is refused`(_ url: String, _ model: String) {
    #expect(throws: EmbeddingError.self) {
      try RemoteEncoder(RemoteEncoderConfiguration(.openAI, url: url, model: model))
    }
  }
}
