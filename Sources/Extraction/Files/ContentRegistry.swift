internal import Synchronization

/// Knows the text files that a job has met by their content, so that one file under two names
/// counts once.
///
/// A file's first 64 KiB are compared first; only files that share them are read twice, to compare
/// SHA-256 of everything. Who asks first owns the content, and sources ask in the order of names, so
/// that the answer is the same however many threads read.
final class ContentRegistry: Sendable {
  /// One file of one source.
  struct FileID: Hashable {
    let source: Int
    let path: String
  }

  private struct Known {
    let path: String
    var digest: [UInt8]?
  }

  private struct State {
    var sources = 0
    var decisions: [FileID: Bool] = [:]
    var known: [DuplicateFilter.Key: [Known]] = [:]
  }

  private let state = Mutex(State())

  /// A number for one more source.
  func addSource() -> Int {
    state.withLock { state in
      state.sources += 1
      return state.sources
    }
  }

  /// Decides whether a file's content is new; asked again for the same file, says the same.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - head: a hash of its first bytes.
  ///   - digest: reads a file to its end for SHA-256 of its decompressed content; nil where it cannot be
  ///     read to its end.
  /// - Returns: true for the first file of this content.
  func claim(
    _ file: FileID, head: DuplicateFilter.Key, digest: (String) -> [UInt8]?
  ) -> Bool {
    state.withLock { state in
      if let decided = state.decisions[file] { return decided }
      let isNew = ContentRegistry.isNew(file, head, &state, digest)
      state.decisions[file] = isNew
      return isNew
    }
  }

  private static func isNew(
    _ file: FileID, _ head: DuplicateFilter.Key, _ state: inout State,
    _ digest: (String) -> [UInt8]?
  ) -> Bool {
    guard var peers = state.known[head] else {
      state.known[head] = [Known(path: file.path, digest: nil)]
      return true
    }
    let own = digest(file.path)
    for index in peers.indices where peers[index].digest == nil {
      peers[index].digest = digest(peers[index].path)
    }
    let isNew = own == nil || !peers.contains { $0.digest == own }
    if isNew { peers.append(Known(path: file.path, digest: own)) }
    state.known[head] = peers
    return isNew
  }
}
