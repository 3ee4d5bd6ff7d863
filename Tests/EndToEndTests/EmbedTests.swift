import Foundation
import Spawning
import Synchronization
import TestSupport
import Testing

/// `daybreak embed` as a program calls it.
@Suite struct EmbedTests {
  static let home = Fixtures.root.appending(path: ".daybreak")

  static let hasModel = FileManager.default.fileExists(
    atPath: home.appending(path: "models/all-MiniLM-L6-v2/model.safetensors").path)

  /// Runs a binary over a text as its standard input.
  func embed(
    _ text: String, options: String = "--json", binary: URL = DaybreakProcess.binary,
    home: URL = EmbedTests.home
  ) throws -> (ending: ChildEnding, output: String, errors: String) {
    let scratch = try ScratchDirectory()
    try scratch.write(text, to: "input")
    var command = ChildCommand(
      ["/bin/sh", "-c", "'\(binary.path)' embed \(options) <input"],
      environment: ["PATH": "/usr/bin:/bin", "DAYBREAK_HOME": home.path])
    command.directory = scratch.url.path
    command.output = .captured
    command.errors = .captured
    let process = try ChildProcess(command)
    let ending = process.wait()
    return (
      ending, String(decoding: process.capturedOutput, as: UTF8.self),
      String(decoding: process.capturedErrors, as: UTF8.self)
    )
  }

  @Test(.enabled(if: hasModel, "run script/bootstrap for the model"))
  func `prints one array of 384 numbers a line, an empty line's too`() throws {
    let (ending, output, _) = try embed("connection refused\n\nÉchec\r\n数据库")
    #expect(ending == .exited(0))
    let vectors = try output.split(separator: "\n").map {
      try JSONDecoder().decode([Float].self, from: Data($0.utf8))
    }
    #expect(vectors.map(\.count) == [384, 384, 384, 384])
  }

  @Test(.enabled(if: hasModel, "run script/bootstrap for the model"))
  func `prints nothing for nothing`() throws {
    let (ending, output, _) = try embed("")
    #expect(ending == .exited(0))
    #expect(output == "")
  }

  @Test(.enabled(if: hasModel, "run script/bootstrap for the model"))
  func `prints the same bytes whatever the thread count`() throws {
    let text = (0..<40).map { "worker \($0) lost its lease on shard <num>" }
      .joined(separator: "\n")
    let one = try embed(text, options: "--json --threads 1")
    let three = try embed(text, options: "--json --threads 3")
    #expect(one.output == three.output)
    #expect(!one.output.isEmpty)
  }

  @Test func `says where it searched when the model is absent, and fails`() throws {
    let scratch = try ScratchDirectory()
    // Away from the checkout, whose own model it would find.
    let binary = scratch.url.appending(path: "daybreak")
    try FileManager.default.copyItem(at: DaybreakProcess.binary, to: binary)
    let (ending, output, errors) = try embed("text\n", binary: binary, home: scratch.url)
    #expect(ending == .exited(4))
    #expect(output == "")
    #expect(errors.contains("\(scratch.url.path)/models/all-MiniLM-L6-v2"))
    #expect(errors.contains("script/bootstrap"))
  }

  @Test func `refuses an unknown precision with the nearest one`() throws {
    let (ending, _, errors) = try embed("text\n", options: "--precision float31")
    #expect(ending == .exited(2))
    #expect(errors.contains("did you mean `float32`?"))
  }

  @Test func `redacts what it sends to a server`() throws {
    let bodies = Mutex<[String]>([])
    let server = RawServer { peer in
      let head = peer.readHead()
      let length = head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length:") }
        .flatMap { Int($0.dropFirst(16)) }
      bodies.withLock { $0.append(String(decoding: peer.read(length ?? 0), as: UTF8.self)) }
      let answer = #"{"model":"m","embeddings":[[3,4]]}"#
      peer.write(
        "HTTP/1.1 200 OK\r\nContent-Length: \(answer.utf8.count)\r\nConnection: close\r\n\r\n"
          + answer)
    }
    let (ending, output, _) = try embed(
      "mail to ann@example.org failed\n",
      options: "--json --provider ollama --url \(server.url) --model m")
    #expect(ending == .exited(0))
    #expect(output == "[0.6,0.8]\n")
    #expect(bodies.withLock { $0 }.first?.contains("mail to <email:1> failed") == true)
  }
}
