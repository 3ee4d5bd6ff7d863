import DaybreakCore
import Foundation

/// Timings for script/bench: each command prints one JSON object.
@main
struct Bench {
  static let usage = """
    usage: daybreak-bench generate FILE --lines N [--seed N]
           daybreak-bench mutate FILE --from FOLDER [--lines N] [--names N] [--header 1]
                                 [--interleave 1] [--seed N]
           daybreak-bench words FILE [--lines N] [--words N] [--seed N]
           daybreak-bench patterns FILE [--lines N] [--seed N]
           daybreak-bench labelled FOLDER --from STATEMENTS [--part NAME] [--lines N] [--seed N]
           daybreak-bench jsonl FILE --from LOG
           daybreak-bench fold FILE [--date YYYY-MM-DD] [--threads N] [--format FORMAT]
           daybreak-bench extract FILE [--date YYYY-MM-DD] [--threads N] [--format FORMAT]
           daybreak-bench fold-only FILE [--rounds N] [--threads N]
           daybreak-bench refine FILE
           daybreak-bench templates FILE [--count N] [--seed N]
           daybreak-bench embed FILE --model DIR [--threads N] [--precision NAME] [--vectors FILE]
           daybreak-bench vectors FILE --model DIR [--count N] [--queries N]
           daybreak-bench redact FILE [--addresses 1]
           daybreak-bench redaction-table FILE [--seed N]
           daybreak-bench summaries FILE [--seeds N] [--provider NAME --model NAME [--url URL]
                                    [--key-env NAME]] [--verbose 1]

    generate   writes N lines of a mixed log of the night of 2026-03-12
    mutate     writes the lines of labelled systems with fresh digits, users and hosts
    words      writes lines of five templates with a million words in variable places
    patterns   writes lines that are nearly all patterns of their own
    labelled   writes labelled logs of systems of our own; part `development` or `judgement`, or both
    jsonl      writes a log as logcli's JSON lines
    extract    extraction of the file alone
    fold       extraction and fold of the file
    fold-only  the fold of the file's lines, held in memory, without extraction
    refine     the fold of the file's lines, then refining its patterns
    templates  writes N texts like the templates of a night
    embed      the built-in encoder over the file's lines
    vectors    recall and time of searches over N clusters, whose vectors FILE keeps
    redact     the redactor over the file's lines
    summaries  writes how a provider does on simulated incidents with known cause
    redaction-table  writes how the redactor does on planted secrets and look-alikes
    """

  static func main() {
    var arguments = Array(CommandLine.arguments.dropFirst())
    let command = arguments.isEmpty ? "" : arguments.removeFirst()
    do {
      let call = try Call(arguments)
      switch command {
      case "generate": try generate(call)
      case "mutate": try mutate(call)
      case "words": try generateWords(call)
      case "patterns": try generatePatterns(call)
      case "labelled": try generateLabelled(call)
      case "jsonl": try wrapAsJSONLines(call)
      case "extract": try measureExtraction(call)
      case "fold": try measureFold(call)
      case "fold-only": try measureFoldOnly(call)
      case "refine": try measureRefine(call)
      case "templates": try generateTemplates(call)
      case "embed": try measureEmbedding(call)
      case "vectors": try measureVectors(call)
      case "redact": try measureRedaction(call)
      case "summaries": try measureSummaries(call)
      case "redaction-table": try writeRedactionTable(call)
      default: throw UsageError(reason: "unknown command `\(command)`")
      }
    } catch let error as UsageError {
      FileHandle.standardError.write(Data("daybreak-bench: \(error.reason)\n\(usage)\n".utf8))
      exit(2)
    } catch {
      FileHandle.standardError.write(Data("daybreak-bench: \(error)\n".utf8))
      exit(4)
    }
  }
}

/// A wrong command line.
struct UsageError: Error {
  let reason: String
}

/// The file and options of one command.
struct Call {
  let file: String
  private var options: [String: String] = [:]

  /// Reads `FILE` and `--name value` pairs.
  init(_ arguments: [String]) throws {
    var files: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument.hasPrefix("--") {
        guard let value = rest.popFirst() else {
          throw UsageError(reason: "\(argument) needs a value")
        }
        options[String(argument.dropFirst(2))] = value
      } else {
        files.append(argument)
      }
    }
    guard files.count == 1, let file = files.first else {
      throw UsageError(reason: "name one file")
    }
    self.file = file
  }

  /// The value of an option that is a whole number from 1.
  func number(_ name: String, default standard: Int?) throws -> Int {
    guard let text = options[name] else {
      guard let standard else { throw UsageError(reason: "--\(name) is missing") }
      return standard
    }
    guard let value = Int(text), value >= 1 else {
      throw UsageError(reason: "--\(name) needs a number from 1")
    }
    return value
  }

  /// The value of an option; without a standard it must be there.
  func text(_ name: String, default standard: String? = nil) throws -> String {
    guard let text = options[name] ?? standard else {
      throw UsageError(reason: "--\(name) is missing")
    }
    return text
  }

  /// Whether an option is 1; it may be 0 or missing.
  func flag(_ name: String) throws -> Bool {
    switch options[name] {
    case "1": return true
    case "0", nil: return false
    default: throw UsageError(reason: "--\(name) is 0 or 1")
    }
  }

  /// The night of `--date`; 2026-03-12 in UTC when it is not given.
  func night() throws -> TimeWindow {
    guard let date = CivilDate(options["date"] ?? "2026-03-12") else {
      throw UsageError(reason: "--date needs YYYY-MM-DD")
    }
    let start = Timestamp(seconds: Int64(date.dayNumber) * 86_400)
    return TimeWindow(start: start, end: start.advanced(bySeconds: 86_400))
  }
}
