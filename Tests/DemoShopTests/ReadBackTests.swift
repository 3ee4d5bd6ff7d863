import Clustering
import DaybreakCore
import DemoShop
import Extraction
import Foundation
import Testing

/// The demo's files read by the extraction that real files are read by.
@Suite struct ReadBackTests {
  /// What reading a tenant's night gives: counts by minute, templates, coverage.
  private struct Reading {
    var minutes: [ServiceMinutes]
    var templates: Set<String>
    var lines: Int64
    var trouble: Int64
  }

  private func read(_ files: [DemoManifest.File], in directory: URL, window: TimeWindow) throws
    -> Reading
  {
    let fold = Fold(window: window)
    let duplicates = DuplicateFilter()
    var lines: Int64 = 0
    var trouble: Int64 = 0
    for file in files {
      var configuration = FileSourceConfiguration(
        name: file.path, patterns: [directory.appending(path: file.path).path])
      configuration.zoneName = "Europe/Berlin"
      if let service = file.service {
        configuration.defaultService = service
        configuration.defaultNamespace = "shop"
      }
      let coverage = try FileSource(configuration, duplicates: duplicates)
        .read(window: window, into: fold, progress: ReadProgress())
      lines += coverage.linesClustered
      trouble +=
        coverage.linesQuarantined + coverage.duplicatesSkipped + coverage.linesOutsideWindow
        + coverage.linesWithoutTime
    }
    let result = fold.result()
    return Reading(
      minutes: result.serviceMinutes(),
      templates: Set(refine(result).map { "\($0.identity.service): \($0.template)" }),
      lines: lines, trouble: trouble)
  }

  @Test(arguments: ["2026-03-12", "2026-10-25"])
  func `is read to the last line, service, level and minute`(last: String) throws {
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "daybreak-demo-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    let last = try #require(CivilDate(last))
    let calendar = try #require(NightCalendar(zoneName: "Europe/Berlin"))
    let manifest = try DemoShop.write(
      to: directory, lastNight: last, zone: "Europe/Berlin", nights: 2, seed: 1)
    for tenant in manifest.tenants {
      var templates: [Set<String>] = []
      for date in [last.advanced(byDays: -1), last] {
        let files = manifest.files.filter { $0.tenant == tenant && $0.night == date.description }
        let night = DemoNight(date, calendar: calendar, seed: 1, hasIncident: date == last)
        let reading = try read(files, in: directory, window: night.window)
        #expect(reading.trouble == 0)
        #expect(reading.lines == files.reduce(0) { $0 + Int64($1.lineCount) })
        #expect(reading.minutes == night.minutes(ofTenant: tenant))
        templates.append(reading.templates)
      }
      #expect(templates[0].subtracting(templates[1]).isEmpty)
      let new = templates[1].subtracting(templates[0])
      #expect(new.count == (tenant == "acme" ? 4 : 0), "\(new.sorted())")
    }
  }
}
