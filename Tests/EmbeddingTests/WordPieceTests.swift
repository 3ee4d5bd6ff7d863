import Foundation
import TestSupport
import Testing

@testable import Embedding

@Suite("WordPiece", .enabled(if: ModelFixture.isPresent, "run script/bootstrap for the vocabulary"))
struct WordPieceTests {
  struct Sample: Decodable {
    let text: String
    let tokens: [Int32]
  }

  let tokenizer: WordPieceTokenizer

  init() throws {
    tokenizer = try WordPieceTokenizer(vocabulary: (ModelFixture.directory ?? "") + "/vocab.txt")
  }

  /// The fixture holds what `transformers` 5.23 (AutoTokenizer, 256 tokens at most) made of each text.
  @Test func `Texts split as the reference tokenizer splits them`() throws {
    let lines = try String(contentsOf: Fixtures.file("embedding/tokens.jsonl"), encoding: .utf8)
      .split(separator: "\n")
    #expect(lines.count > 200)
    for line in lines {
      let sample = try JSONDecoder().decode(Sample.self, from: Data(line.utf8))
      #expect(tokenizer.tokens(of: sample.text) == sample.tokens, "\(sample.text.debugDescription)")
    }
  }

  @Test func `A text has at most 256 tokens, the last of which ends it`() {
    let tokens = tokenizer.tokens(of: String(repeating: "antidisestablishmentarianism ", count: 90))
    #expect(tokens.count == 256)
    #expect(tokens.first == 101 && tokens.last == 102)
  }
}

@Suite struct VocabularyTests {
  func vocabulary(_ text: String) throws -> Vocabulary {
    let file = FileManager.default.temporaryDirectory.appending(path: "daybreak-\(UUID()).txt")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try Vocabulary(path: file.path)
  }

  @Test func `A piece is found by its position in a word`() throws {
    let vocabulary = try vocabulary("[UNK]\nun\n##un\n##able\nunable\n")
    let word = Array("unable".utf8)
    word.withUnsafeBufferPointer { word in
      #expect(vocabulary.longestMatch(word[...], .start).map { $0.token } == 4)
      #expect(vocabulary.longestMatch(word[...], .inside).map { $0.token } == 2)
      #expect(vocabulary.longestMatch(word[2...], .inside).map { $0.length } == 4)
      #expect(vocabulary.longestMatch(word[2...], .start) == nil)
    }
  }

  @Test(arguments: ["a\n\nb\n", "a\nb\na\n"])
  func `A line that is empty or repeated is refused`(_ text: String) {
    #expect(throws: EmbeddingError.self) { try vocabulary(text) }
  }

  @Test func `A vocabulary without the special tokens is refused`() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "daybreak-\(UUID()).txt")
    try Data("a\nb\n".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(throws: EmbeddingError.self) { try WordPieceTokenizer(vocabulary: file.path) }
  }
}
