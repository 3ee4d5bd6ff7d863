import DaybreakCore

extension DayView {
  var coverageValues: [String: TemplateValue] {
    [
      "coverage": .list(coverageFigures),
      "sourcesHTML": .html(sourceTable),
      "quarantine": quarantine,
      "hasTimeGaps": .bool(!report.coverage.gaps.isEmpty),
      "timeGaps": .list(
        report.coverage.gaps.prefix(50).map { .text(Verdict.clause($0, report)) }),
    ]
  }

  private var coverageFigures: [TemplateValue] {
    let coverage = report.coverage
    var figures = [
      figure(
        "Sources read", "\(coverage.sourcesRead) of \(coverage.sourcesExpected)",
        coverage.sourcesRead == coverage.sourcesExpected ? "all of them" : "see the gaps"),
      figure(
        "Lines read", Figures.full(coverage.linesRead),
        "= \(Figures.full(coverage.linesClustered)) clustered + "
          + "\(Figures.full(coverage.linesQuarantined)) unreadable", isWide: true),
      figure(
        "Events in patterns", Figures.full(coverage.eventsInClusters), sumNote, isWide: true),
    ]
    let optional: [(String, Int64, String)] =
      [
        ("Lines without a time", coverage.linesWithoutTime, "in the patterns, not in the rates"),
        ("Counted once", coverage.duplicatesSkipped, "lines met again and skipped"),
      ] + otherNights
    for (name, count, note) in optional where count > 0 {
      figures.append(figure(name, Figures.full(count), note))
    }
    figures.append(
      figure(
        "Gaps in time", coverage.gaps.isEmpty ? "none" : Figures.full(Int64(coverage.gaps.count)),
        nil))
    figures.append(
      figure(
        "Summaries by",
        coverage.modelThatSpoke.map { inlineText($0, limit: 80) } ?? "no model used",
        nil))
    return figures
  }

  /// Lines left out, late ones apart: they came after their night's report, or were read for it.
  private var otherNights: [(String, Int64, String)] {
    let all = report.coverage.linesOutsideWindow
    guard let earlier = report.coverage.linesBeforeWindow else {
      return [("Of other nights", all, "lines left out")]
    }
    return [
      ("Late or read before", earlier, "lines of earlier nights, left out here"),
      ("Of nights to come", all - earlier, "lines left out"),
    ]
  }

  private var sumNote: String {
    let coverage = report.coverage
    let continuation = Figures.full(coverage.continuationLines)
    guard coverage.sumAgrees else {
      return "with \(continuation) continuation lines these are not the lines clustered"
    }
    return coverage.continuationLines == 0
      ? "the sum agrees" : "+ \(continuation) continuation lines: the sum agrees"
  }

  private func figure(_ name: String, _ value: String, _ note: String?, isWide: Bool = false)
    -> TemplateValue
  {
    .object([
      "name": .text(name), "value": .text(value), "note": .optional(note), "isWide": .bool(isWide),
    ])
  }

  private var sourceTable: HTML {
    var table = DataTable(
      caption: "Lines by source",
      columns: [
        .init("Source", .wrapping), .init("Clustered", .number), .init("Unreadable", .number),
        .init("Duplicates", .number), .init("Other nights", .number), .init("Read", .wrapping),
      ])
    table.rows = report.coverage.sources.map { source in
      [
        "\(inlineText(source.name))", "\(Figures.full(source.linesClustered))",
        "\(Figures.full(source.linesQuarantined))", "\(Figures.full(source.duplicatesSkipped))",
        "\(Figures.full(source.linesOutsideWindow))",
        "\(source.failure.map { "failed: " + inlineText($0) } ?? "to its end")",
      ]
    }
    return table.html
  }

  private var quarantine: TemplateValue {
    let records = report.coverage.sources.flatMap(\.quarantine)
    guard report.coverage.linesQuarantined > 0 || !records.isEmpty else { return false }
    var table = DataTable(
      caption: "Where each lies and what is wrong with it",
      columns: [
        .init("File", .wrapping), .init("Byte", .number), .init("Lines", .number),
        .init("Reason", .wrapping), .init("Start of the line", .code),
      ])
    table.rows = records.prefix(DayView.quarantineLimit).map { record in
      [
        "\(inlineText(record.file))", "\(Figures.full(record.byteOffset))",
        "\(Figures.full(Int64(record.lineCount)))", "\(inlineText(record.reason))",
        "\(inlineText(record.excerpt, limit: 200))",
      ]
    }
    let rest = records.count - DayView.quarantineLimit
    return .object([
      "total": .count(report.coverage.linesQuarantined),
      "tableHTML": .html(table.html),
      "rest": .optional(rest > 0 ? "\(Figures.full(Int64(rest))) more are in report.json." : nil),
    ])
  }
}
