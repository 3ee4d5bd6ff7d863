import DaybreakCore

/// The values of `tenant.html`.
struct TenantView {
  /// How many nights the strip shows, and how many months the calendar.
  static let stripLength = 28
  static let monthLimit = 6

  let index: TenantIndex

  /// The last night that ran.
  private var latest: (date: CivilDate, verdict: Verdict)? {
    index.days.reversed().lazy.compactMap { day in day.verdict.map { (day.date, $0) } }.first
  }

  var frame: PageFrame {
    PageFrame(
      title: "\(index.tenant): reports", zone: index.calendar.zoneName,
      crumbs: [
        .init(label: "Daybreak", href: "../index.html"),
        .init(label: index.tenant.description, href: nil),
      ], hasFeed: true)
  }

  var values: [String: TemplateValue] {
    let strip = Array(index.days.suffix(TenantView.stripLength))
    let date = latest?.date ?? CivilDate(dayNumber: 0)
    return [
      "tenant": .text(index.tenant.description),
      "latest": latest.map { latest in
        var values = VerdictView.values(latest.verdict)
        values["href"] = .text("\(latest.date)/index.html")
        return .object(values)
      } ?? false,
      "stripLength": .text(String(strip.count)),
      "stripHTML": .html(NightCells.strip(strip, prefix: "")),
      "keyHTML": .html(NightCells.key),
      "openTotal": .count(Int64(index.open.count)),
      "hasOpen": .bool(!index.open.isEmpty),
      "open": .list(
        index.open.prefix(50).map {
          .object(ChangeView.values($0, on: date, clusterPrefix: "cluster/"))
        }),
      "recurringTotal": .count(Int64(index.recurring.count)),
      "hasRecurring": .bool(!index.recurring.isEmpty),
      "recurringHTML": .html(recurringTable),
      "months": .list(months.map { .object(["html": .html(NightCells.month($0, prefix: ""))]) }),
    ]
  }

  private var recurringTable: HTML {
    var table = DataTable(
      caption: "Recurring errors, most frequent first",
      columns: [
        .init("Pattern", .code), .init("Last night", .number), .init("Nights", .number),
        .init("Level"), .init("Service", .wrapping),
      ])
    table.rows = index.recurring.prefix(50).map { entry in
      [
        """
        <a href="cluster/\(entry.fingerprint.description)/index.html">\
        \(ClusterWords.template(entry.template, limit: 300))</a>
        """,
        "\(Figures.full(entry.count))", "\(entry.nightsSeen) of \(entry.nightsKnown)",
        "\(entry.level.name)", "\(ClusterWords.service(entry.identity))",
      ]
    }
    return table.html
  }

  /// The last months, the newest first, each with its nights.
  private var months: [[DayCell]] {
    let groups = Dictionary(grouping: index.days) { $0.date.year * 12 + $0.date.month }
    return groups.sorted { $0.key > $1.key }.prefix(TenantView.monthLimit).map(\.value)
  }
}

/// The values of `site.html`.
struct SiteView {
  let index: SiteIndex

  var frame: PageFrame {
    PageFrame(
      title: "Daybreak: reports", zone: "each tenant's own zone",
      crumbs: [.init(label: "Daybreak", href: nil)])
  }

  var values: [String: TemplateValue] {
    [
      "hasTenants": .bool(!index.rows.isEmpty),
      "keyHTML": .html(NightCells.key),
      "tenants": .list(
        index.rows.enumerated().map { position, row in
          .object([
            "position": .text(String(position + 1)),
            "href": .text("\(row.tenant)/index.html"),
            "name": .text(row.tenant.description),
            "latest": latest(row).map { .object($0) } ?? false,
            "stripHTML": .html(
              NightCells.strip(
                Array(row.days.suffix(TenantView.stripLength)), prefix: "\(row.tenant)/")),
          ])
        }),
    ]
  }

  private func latest(_ row: SiteIndex.Row) -> [String: TemplateValue]? {
    guard let day = row.days.last(where: { $0.verdict != nil }), let verdict = day.verdict
    else { return nil }
    var values = VerdictView.values(verdict)
    values["date"] = .text(Dates.long(day.date))
    values["href"] = .text("\(row.tenant)/\(day.date)/index.html")
    return values
  }
}
