import Testing

@testable import Pipeline

@Suite struct ProgressDisplayTests {
  @Test(arguments: [
    (Int64(0), Int64(0), Int64(0), 0.0, "extract acme  0 lines"),
    (
      1_234_567, 50_000_000, 100_000_000, 2.0, "extract acme  1.2 M lines  25 MB/s  50 %  0:02 left"
    ),
    (999, 1_000, 0, 1.0, "extract acme  999 lines  1.0 kB/s"),
    (
      12_345, 3_000_000_000, 9_000_000_000, 30.0,
      "extract acme  12 k lines  100 MB/s  33 %  1:00 left"
    ),
  ])
  func `says rate, share and time left as far as they are known`(
    lines: Int64, bytes: Int64, total: Int64, seconds: Double, text: String
  ) {
    let line = ProgressDisplay.line(
      stage: "extract", subject: "acme", lines: lines, bytes: bytes, totalBytes: total,
      elapsedSeconds: seconds)
    #expect(line == text)
  }
}
