package import Configuration
internal import Foundation

/// Reads the bytes of job files.
package enum JobFile {
  /// How large a job file may be.
  static let byteLimit = 1_048_576

  /// Reads a job file whole.
  ///
  /// - Parameter path: where it is.
  /// - Returns: its bytes.
  /// - Throws: `ConfigurationError` when it cannot be read or is too large to be a job file.
  package static func bytes(of path: String) throws(ConfigurationError) -> [UInt8] {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      let reason = access(path, F_OK) == 0 ? "cannot be read" : "does not exist"
      throw ConfigurationError(
        file: path, position: nil, problem: "the job file \(reason)",
        remedy: "jobs/ has examples to start from")
    }
    guard data.count <= byteLimit else {
      throw ConfigurationError(
        file: path, position: nil, problem: "larger than 1 MiB: this is no job file", remedy: nil)
    }
    return Array(data)
  }
}
