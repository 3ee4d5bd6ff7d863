import Testing

@testable import Postgres

@Suite struct CopyStreamParserTests {
  private static let header: [UInt8] =
    [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00] + [0, 0, 0, 0]
    + [0, 0, 0, 2, 9, 9]
  private static let stream: [UInt8] =
    header
    + [0, 2, 0, 0, 0, 1, 7, 255, 255, 255, 255]
    + [0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 8, 9] + [255, 255]

  private func rows(_ chunks: [[UInt8]]) -> (rows: [[[UInt8]?]], isValid: Bool, isComplete: Bool) {
    var parser = CopyStreamParser()
    var rows: [[[UInt8]?]] = []
    var isValid = true
    for chunk in chunks where isValid {
      isValid = chunk.withUnsafeBytes { bytes in
        parser.consume(bytes) { row in
          rows.append((0..<row.count).map { column in row[column].map(Array.init) })
        }
      }
    }
    return (rows, isValid, parser.isComplete)
  }

  @Test(arguments: 0...CopyStreamParserTests.stream.count)
  func `messages may be cut anywhere`(cut: Int) {
    let stream = CopyStreamParserTests.stream
    let read = rows([Array(stream[..<cut]), Array(stream[cut...])].filter { !$0.isEmpty })
    #expect(read.rows == [[[7], nil], [[], [8, 9]]])
    #expect(read.isValid && read.isComplete)
  }

  @Test func `one byte at a time is enough`() {
    let read = rows(CopyStreamParserTests.stream.map { [$0] })
    #expect(read.rows.count == 2)
    #expect(read.isComplete)
  }

  @Test func `a stream without end mark is not complete`() {
    #expect(!rows([Array(CopyStreamParserTests.stream.dropLast(2))]).isComplete)
  }

  @Test func `bytes that are no COPY stream are refused`() {
    #expect(!rows([Array("Not a COPY stream, is it?".utf8)]).isValid)
    #expect(!rows([CopyStreamParserTests.header + [0, 1, 255, 255, 255, 254]]).isValid)
  }
}
