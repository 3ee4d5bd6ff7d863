import DaybreakCore
import Foundation
import Testing

@testable import Rendering

@Suite struct FeedTests {
  private func feed(_ index: TenantIndex, _ formats: [PageFormat] = PageFormat.allCases) -> String {
    Feed(index: index, formats: Set(formats)).text
  }

  private func values(_ tag: String, in text: String) throws -> [String] {
    text.matches(of: try Regex("<\(tag)>([^<]*)</\(tag)>")).compactMap { match in
      match.output[1].substring.map(String.init)
    }
  }

  /// RFC 4287, 4.1.1 and 4.1.2: what a feed and an entry must have, once each.
  @Test func `has what RFC 4287 asks of a feed and of an entry`() throws {
    let text = feed(SampleReport.tenantIndex())
    #expect(PageOutline(text).errors == [])
    let entries = text.components(separatedBy: "<entry>")
    #expect(entries.count == 1 + Feed.entryLimit)
    for part in entries {
      let own = part.components(separatedBy: "</entry>")[0]
      for tag in ["id", "title", "updated"] {
        #expect(try values(tag, in: own).count == 1, "\(tag)")
      }
      #expect(own.contains("rel=\"alternate\""))
    }
    #expect(try values("name", in: entries[0]) == ["Daybreak"])
    let ids = try values("id", in: text)
    #expect(Set(ids).count == ids.count)
    #expect(ids.allSatisfy { $0.wholeMatch(of: /urn:uuid:[0-9a-f-]{36}/) != nil })
  }

  @Test func `an entry keeps its id and its time when its night is done again`() throws {
    let before = SampleReport.tenantIndex()
    var after = before
    after.days[after.days.count - 1].verdict = Verdict(SampleReport.quietDay())
    #expect(try values("id", in: feed(before)) == values("id", in: feed(after)))
    #expect(try values("updated", in: feed(before)) == values("updated", in: feed(after)))
    #expect(try values("updated", in: feed(before)).first == "2026-03-12T23:00:00Z")
  }

  @Test func `links are relative and lead to a format that is written`() {
    let index = SampleReport.tenantIndex()
    #expect(feed(index).contains("href=\"2026-03-12/index.html\""))
    #expect(feed(index, [.json, .markdown]).contains("href=\"2026-03-12/index.md\""))
    #expect(!feed(index).contains("href=\"/") && !feed(index).contains("href=\"http"))
  }

  @Test func `leaves out nights that did not run`() {
    let text = feed(SampleReport.tenantIndex())
    for day in SampleReport.tenantIndex().days where day.verdict == nil {
      #expect(!text.contains("\(day.date)/index.html"))
    }
  }
}

@Suite struct RollUpTests {
  @Test func `sums up a week in its first sentence`() {
    let text = RollUpVerdict(rollUp: SampleReport.rollUp()).text
    #expect(text.hasPrefix("Week 11 of 2026, 9–15 Mar: 2 incidents on 1 night, "), "\(text)")
    #expect(text.contains("errors on 4 nights (+4 % lines a night against the week before)"))
  }

  @Test func `sums up a month, and says which nights are missing`() {
    let text = RollUpVerdict(rollUp: SampleReport.rollUp(.month)).text
    #expect(text.hasPrefix("March 2026: "), "\(text)")
    #expect(text.contains("against the month before)"))
  }

  @Test func `a span without a run says so`() {
    var rollUp = SampleReport.rollUp()
    rollUp.nights = rollUp.nights.map { .init(cell: DayCell(date: $0.cell.date), errors: nil) }
    let verdict = RollUpVerdict(rollUp: rollUp)
    #expect(verdict.headline == "No night ran")
    #expect(verdict.gaps == ["4 nights did not run"])
    #expect(rollUp.status == nil)
  }
}
