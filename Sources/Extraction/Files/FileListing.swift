internal import DaybreakCore
internal import Glibc

/// The files that a job's patterns name, in the order of their names.
///
/// `*` and `?` stay within one name and do not match a leading dot, `[a-z]` and `[!a-z]` match one
/// byte, `**` matches any number of folders. A folder stands for all files below it that are not hidden.
package struct FileListing {
  /// One file.
  package struct Entry {
    /// As the job names it.
    package let name: String
    /// What to open; `-` for standard input.
    package let path: String
    /// Its size in bytes when it was listed.
    package let byteCount: Int64
    /// Whether it is a pipe, which can be read once and may have nobody at its other end yet.
    package var isPipe = false
  }

  /// The files, sorted by name, each once.
  package private(set) var files: [Entry] = []
  /// What could not be listed, in words.
  package private(set) var failures: [String] = []
  private let base: String?
  private let takesPipes: Bool
  /// The folders above the one being listed, by device and inode: a link back to one is a loop.
  private var ancestors: [FolderID] = []

  private struct FolderID: Equatable {
    let device: UInt64
    let inode: UInt64
  }

  /// Lists what the patterns name.
  ///
  /// - Parameters:
  ///   - patterns: files, folders, patterns, or `-`.
  ///   - baseDirectory: the folder that relative ones start from; the working directory when nil.
  ///   - takesPipes: whether a pipe is read: reading one may wait for ever.
  package init(patterns: [String], baseDirectory: String?, takesPipes: Bool = false) {
    base = baseDirectory
    self.takesPipes = takesPipes
    for pattern in patterns { list(pattern) }
    var seen: Set<String> = []
    files = files.filter { seen.insert($0.name).inserted }
      .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  private mutating func list(_ pattern: String) {
    if pattern == "-" {
      files.append(Entry(name: "standard input", path: "-", byteCount: 0))
      return
    }
    let before = files.count
    if let status = status(of: pattern) {
      // A file may be called `a[1].log`: what is there is meant. Pipes inside of folders are not.
      if takesPipes, status.st_mode & S_IFMT == S_IFIFO {
        files.append(Entry(name: pattern, path: path(of: pattern), byteCount: 0, isPipe: true))
      } else {
        add(pattern, status)
      }
    } else {
      let isAbsolute = pattern.hasPrefix("/")
      let parts = pattern.split(separator: "/").map(String.init)
      match(prefix: isAbsolute ? "/" : "", parts[...])
    }
    if files.count == before { failures.append("no file matches \(displayText(pattern))") }
  }

  private func path(of name: String) -> String {
    guard let base, !name.hasPrefix("/") else { return name.isEmpty ? "." : name }
    return name.isEmpty ? base : base + "/" + name
  }

  private func status(of name: String) -> stat? {
    var status = stat()
    return stat(path(of: name), &status) == 0 ? status : nil
  }

  /// Adds a file, or everything below a folder.
  private mutating func add(_ name: String, _ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG:
      files.append(Entry(name: name, path: path(of: name), byteCount: Int64(status.st_size)))
    case S_IFDIR:
      inside(status) { listing in
        for child in listing.children(of: name) where !child.hasPrefix(".") {
          let childName = name.hasSuffix("/") ? name + child : name + "/" + child
          if let status = listing.status(of: childName) {
            listing.add(childName, status)
          } else {
            listing.files.append(
              Entry(name: childName, path: listing.path(of: childName), byteCount: 0))
          }
        }
      }
    case S_IFIFO, S_IFCHR:
      failures.append("\(displayText(name)) is not a regular file")
    default: break
    }
  }

  /// Runs `body` with a folder among the ancestors, unless it is there already.
  private mutating func inside(_ status: stat, _ body: (inout FileListing) -> Void) {
    let folder = FolderID(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    guard !ancestors.contains(folder) else { return }
    ancestors.append(folder)
    body(&self)
    ancestors.removeLast()
  }

  /// Matches the rest of a pattern below `prefix`.
  private mutating func match(prefix: String, _ parts: ArraySlice<String>) {
    guard let part = parts.first else { return }
    let rest = parts.dropFirst()
    guard part.contains(where: { "*?[".contains($0) }) else {
      let name = prefix + part
      guard let status = status(of: name) else { return }
      if rest.isEmpty { add(name, status) } else { match(prefix: name + "/", rest) }
      return
    }
    let folder = prefix.count > 1 && prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix
    guard let status = status(of: folder), status.st_mode & S_IFMT == S_IFDIR else { return }
    inside(status) { listing in
      if part == "**" {
        if rest.isEmpty { return listing.addChildren(of: folder, prefix) }
        listing.match(prefix: prefix, withoutFolder: rest)
      }
      for child in listing.children(of: folder) {
        listing.descend(prefix, child, part, rest, parts)
      }
    }
  }

  /// `**` standing for no folder at all; the folder itself is among the ancestors already.
  private mutating func match(prefix: String, withoutFolder rest: ArraySlice<String>) {
    let kept = ancestors
    ancestors.removeLast()
    match(prefix: prefix, rest)
    ancestors = kept
  }

  private mutating func addChildren(of folder: String, _ prefix: String) {
    for child in children(of: folder) where !child.hasPrefix(".") {
      if let status = status(of: prefix + child) { add(prefix + child, status) }
    }
  }

  private mutating func descend(
    _ prefix: String, _ child: String, _ part: String, _ rest: ArraySlice<String>,
    _ parts: ArraySlice<String>
  ) {
    if part == "**" {
      guard !child.hasPrefix("."), let status = status(of: prefix + child),
        status.st_mode & S_IFMT == S_IFDIR
      else { return }
      match(prefix: prefix + child + "/", parts)
      return
    }
    guard fnmatch(part, child, FNM_PERIOD) == 0 else { return }
    if !rest.isEmpty {
      match(prefix: prefix + child + "/", rest)
    } else if let status = status(of: prefix + child) {
      add(prefix + child, status)
    }
  }

  /// The names in a folder, sorted; a folder that cannot be read is a failure.
  private mutating func children(of name: String) -> [String] {
    guard let folder = opendir(path(of: name)) else {
      let reason = errno == EACCES ? "permission denied" : String(cString: strerror(errno))
      failures.append("cannot list \(displayText(name)): \(reason)")
      return []
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let child = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if child != ".", child != ".." { names.append(child) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
