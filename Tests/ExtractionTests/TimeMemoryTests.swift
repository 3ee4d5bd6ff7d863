import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Extraction

/// A reader that has read other lines must read a line as one does that has read none.
@Suite struct TimeMemoryTests {
  @Test(arguments: ["UTC", "Europe/Berlin"])
  func `reads the time of a line whatever was read before it`(zone: String) {
    var random = SeededRandom(seed: 11)
    var lines: [String] = []
    for _ in 0..<1500 {
      let form = TimeMemoryTests.forms[random.below(TimeMemoryTests.forms.count)]
      let behind = TimeMemoryTests.tails[random.below(TimeMemoryTests.tails.count)]
      let day = ["12", "13", "29"][random.below(3)]
      for _ in 0..<3 { lines.append(line(form, day: day, random: &random) + behind) }
    }
    #expect(differences(lines, zone: zone) == [])
  }

  @Test func `reads times around a change of the clock one by one`() {
    var lines: [String] = []
    for day in ["2026-03-28", "2026-03-29", "2026-10-25"] {
      for hour in 0..<6 {
        for minute in ["00", "29", "59"] { lines.append("\(day) 0\(hour):\(minute):07,5 INFO up") }
      }
    }
    #expect(differences(lines, zone: "Europe/Berlin") == [])
  }

  @Test(.enabled(if: Fixtures.shared("loghub") != nil))
  func `reads labelled lines whatever was read before them`() throws {
    let folder = try #require(Fixtures.shared("loghub"))
    var lines: [String] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
      guard
        let text = try? String(
          contentsOf: folder.appending(path: "\(name)/\(name)_2k.log"), encoding: .isoLatin1)
      else { continue }
      lines += text.split(separator: "\n").prefix(400).map(String.init)
    }
    #expect(differences(lines, zone: "UTC") == [])
  }

  /// Lines that a reader of all lines reads otherwise than one that reads nothing else.
  private func differences(_ lines: [String], zone: String) -> [String] {
    let reader = HeaderReader(window: .night, zoneName: zone)
    return lines.filter { line in
      let bytes = Array(line.utf8) + [UInt8](repeating: 0x37, count: BatchWriter.padding)
      let used = bytes.withUnsafeBytes {
        reader.read(UnsafeRawBufferPointer(rebasing: $0[..<line.utf8.count]))
      }
      let fresh = header(line, zone: zone).header
      return "\(used)" != "\(fresh)"
    }
  }

  private func line(_ form: String, day: String, random: inout SeededRandom) -> String {
    var line = ""
    for character in form {
      switch character {
      case "D": line += day
      // Mostly digits of a clock, at times ones that no clock shows.
      case "6": line += String(random.below(20) == 0 ? random.below(10) : random.below(6))
      case "9": line += String(random.below(10))
      case "H": line += ["00", "07", "12", "19", "23", "24"][random.below(6)]
      default: line.append(character)
      }
    }
    return line
  }

  private static let forms = [
    "2026-11-DTH:69:69.999Z", "2026-11-DTH:69:69", "2026-11-D H:69:69,999", "2026-11-D H:69:69.9",
    "2026-11-D H:69", "2026/03/D H:69:69", "[2026-03-D H:69:69", "2026-03-D-H.69.69.999999",
    "Mar D H:69:69", "Mar D 9:69:69", "Mar D 2026 H:69:69", "Nov D, 2026 9:69:69 AM",
    "Nov D, 2026 9:69:69 PM", "Nov D, 2026 12:69:69 AM", "[Thu Mar D H:69:69 2026]",
    "[Thu Mar D H:69:69.999999 2026]", "Thu, D Mar 2026 H:69:69 +0100", "D/Mar/2026:H:69:69 +0000",
    "10.0.0.1 - - [D/Mar/2026:H:69:69 +0100] \"GET / HTTP/1.1\" 200 5", "26/03/D H:69:69",
    "03-D H:69:69.999", "10.D H:69:69", "H:69:69.999", "H:69:69", "2603D H6969", "2603D H:69:69",
    "202603D-9:6:9:99", "202603D-H:69:69:999", "202603DTH6969", "202603D H:69:69", "1773273999",
    "1773273999.999", "1773273999999", "I03D H:69:69.999999 1 a.go:1]",
    "- 1773273999 2026.03.D R02 2026-03-D-H.69.69.999999 R02 RAS KERNEL INFO",
    "- 1773273999 2026.03.D n17 Mar D H:69:69 n17/n17 crond[2915]:",
    "<34>Mar D H:69:69 host app[1]:",
    "<34>1 2026-03-DTH:69:69.9Z host app 1 - -", "time=2026-03-DTH:69:69Z level=info",
    "{\"time\":\"2026-03-DTH:69:69.999Z\",\"msg\":\"x\"}", "ts=\"2026-03-D H:69:69\" msg=a",
    "2026-03-DTH:69:69.999999999Z stdout F", "20 Mar 2026 H:69:69.999",
  ]

  private static let tails = [
    "", " ", " up", "Z", "z", " Z", "Zulu", " zone", "+01:00", "+0100 up", "+01", " +01 up",
    " -0500 up", " - up", " -12 rows", " UTC up", " CET", " CEST 5", " EST]", " INFO up",
    " AM", " PM up", " AMQ up", " 2025 up", " 2025", " 25 up", "]", "] up", ",5", ",x", ".5 up",
    ":5 up", ": up", "7", "7 up", "|Step", "\tup", " [main] INFO up", " host sshd[12]: up",
    " Zebra", "-up", "\" x", ")", " {\"level\":\"warn\"}", " (x)", "Q",
  ]
}
