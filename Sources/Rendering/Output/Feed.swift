import DaybreakCore

/// `feed.atom` of a tenant: its last nights as entries (RFC 4287).
///
/// Ids are made from tenant and night, and times are those of the nights, so that a night done again is
/// the same entry. Links are relative to the feed's own address, as RFC 4287 allows.
struct Feed {
  /// How many nights a feed has.
  static let entryLimit = 31

  let index: TenantIndex
  let formats: Set<PageFormat>

  /// The document.
  var text: String {
    let nights = index.days.filter { $0.verdict != nil }.suffix(Feed.entryLimit).reversed()
    let updated = nights.first.map { index.calendar.window(of: $0.date).end }
    let entries = nights.compactMap { night in night.verdict.map { entry(night.date, $0) } }
    let feed: HTML = """
      <feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
      <title>Daybreak: \(index.tenant.description)</title>
      <id>\(Feed.id("feed", index.tenant.description))</id>
      <updated>\((updated ?? Timestamp(nanoseconds: 0)).rfc3339)</updated>
      <author><name>Daybreak</name></author>
      <link rel="self" type="application/atom+xml" href="feed.atom"/>
      \(link(""))
      \(entries)</feed>

      """
    return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + feed.source
  }

  private func entry(_ date: CivilDate, _ verdict: Verdict) -> HTML {
    """
    <entry>
    <title>\(Dates.dayMonth(date)): \(inlineText(verdict.shortText))</title>
    <id>\(Feed.id("night", index.tenant.description, date.description))</id>
    <updated>\(index.calendar.window(of: date).end.rfc3339)</updated>
    \(link("\(date)/"))
    <category term="\(verdict.status.rawValue)"/>
    <summary>\(inlineText(verdict.text, limit: 2000))</summary>
    </entry>

    """
  }

  /// Where a folder's page is, in the best of the formats that are written.
  private func link(_ folder: String) -> HTML {
    let (name, type) =
      formats.contains(.html)
      ? ("index.html", "text/html")
      : formats.contains(.markdown)
        ? ("index.md", "text/markdown") : ("index.json", "application/json")
    return "<link rel=\"alternate\" type=\"\(type)\" href=\"\(folder)\(name)\"/>"
  }

  private static func id(_ kind: String, _ tenant: String, _ night: String = "") -> String {
    "urn:uuid:"
      + naturalID("atom", kind, tenant, night).uuidString.lowercased()
  }
}
