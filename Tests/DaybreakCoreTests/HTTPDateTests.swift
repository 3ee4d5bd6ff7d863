import DaybreakCore
import Testing

@Suite struct HTTPDateTests {
  @Test(arguments: [
    (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
    (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"),
  ])
  func `writes and reads the date of RFC 9110`(seconds: Int64, text: String) {
    #expect(HTTPDate.text(Timestamp(seconds: seconds)) == text)
    #expect(HTTPDate.moment(text) == Timestamp(seconds: seconds))
  }

  @Test(arguments: [
    "", "yesterday", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 6 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 06 Nov +994 08:49:37 GMT",
  ])
  func `reads nothing else`(text: String) {
    #expect(HTTPDate.moment(text) == nil)
  }

  @Test func `cuts a fraction towards the past`() {
    let moment = Timestamp(nanoseconds: 1_999_999_999)
    #expect(HTTPDate.text(moment) == "Thu, 01 Jan 1970 00:00:01 GMT")
  }
}
