internal import DaybreakCore
internal import Foundation

/// What stands around the facts in a prompt: `templates/prompts/NAME-VERSION.txt`, built in, or a file
/// of the job's.
///
/// The text up to a line of three dashes tells the model what to do, the rest is the question.
/// `{{nonce}}` and `{{context}}` are replaced; a change of the file changes the digest of every prompt.
package struct PromptTemplate: Hashable, Sendable {
  /// The file's name without its ending: `summary-1`.
  package let name: String
  let system: String
  let user: String

  /// The template that this build carries.
  package static let builtin: PromptTemplate = {
    let text = embedded("templates/prompts/\(builtinName).txt")
    guard let template = PromptTemplate(name: builtinName, text: text) else {
      preconditionFailure("this build carries no whole prompt template")
    }
    return template
  }()

  private static let builtinName = "summary-1"

  /// Reads a template of the job's own.
  ///
  /// - Parameter path: a text file in UTF-8.
  /// - Throws: `SummaryError.misconfigured` when it cannot be read or lacks one of its parts.
  package init(file path: String) throws(SummaryError) {
    func misconfigured(_ reason: String) -> SummaryError {
      .misconfigured(provider: "the model", reason: "prompt file \(displayText(path)): \(reason)")
    }
    guard let data = try? Data(contentsOf: URL(filePath: path)),
      let text = String(validating: data, as: UTF8.self)
    else { throw misconfigured("it cannot be read, or is not UTF-8") }
    let template = PromptTemplate(
      name: URL(filePath: path).deletingPathExtension().lastPathComponent, text: text)
    guard let template else { throw misconfigured("it has no line of three dashes") }
    guard template.system.contains("{{nonce}}"), template.user.contains("{{context}}") else {
      throw misconfigured("it must hold {{nonce}} above the dashes and {{context}} below")
    }
    self = template
  }

  private init?(name: String, text: String?) {
    guard let parts = text?.components(separatedBy: "\n---\n"), parts.count == 2 else {
      return nil
    }
    self.name = name
    system = parts[0].trimmingCharacters(in: .newlines)
    user = parts[1].trimmingCharacters(in: .newlines)
  }

  private static func embedded(_ path: String) -> String? {
    embeddedFiles.first { $0.path == path }.map {
      $0.bytes.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
    }
  }
}
