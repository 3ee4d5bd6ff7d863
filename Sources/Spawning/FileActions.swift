import CSpawn
import DaybreakCore
import Glibc

/// What happens in a child between its birth and its program: the streams it gets, all else closed.
struct FileActions: ~Copyable {
  private var actions = posix_spawn_file_actions_t()
  /// The child's end of the pipe to each stream, open here until the child is born.
  private var childEnds: InlineArray<3, Descriptor?> = [nil, nil, nil]

  init() throws(ErrorNumber) { try check(posix_spawn_file_actions_init(&actions)) }

  deinit {
    var actions = actions
    posix_spawn_file_actions_destroy(&actions)
  }

  /// Connects standard input.
  ///
  /// - Returns: our end of a pipe.
  mutating func connectInput(to input: ChildCommand.Input) throws(ErrorNumber) -> Descriptor? {
    switch input {
    case .nothing:
      try check(posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0))
      return nil
    case .pipe:
      let ends = try Descriptor.pipe()
      try connect(0, to: ends.reading.number)
      childEnds[0] = .some(ends.reading)
      return .some(ends.writing)
    }
  }

  /// Connects standard output (1) or standard error (2).
  ///
  /// - Returns: what to read it from, where the command wants to read it.
  mutating func connect(
    _ stream: Int32, to output: ChildCommand.Output
  ) throws(ErrorNumber) -> Descriptor? {
    switch output {
    case .nothing:
      try check(posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0))
      return nil
    case .descriptor(let number):
      try connect(stream, to: number)
      return nil
    case .captured:
      let file = try Descriptor.memoryFile()
      try connect(stream, to: file.number)
      return file
    case .pipe:
      let ends = try Descriptor.pipe()
      try connect(stream, to: ends.writing.number)
      childEnds[Int(stream)] = .some(ends.writing)
      return .some(ends.reading)
    }
  }

  private mutating func connect(_ stream: Int32, to number: Int32) throws(ErrorNumber) {
    try check(posix_spawn_file_actions_adddup2(&actions, number, stream))
  }

  /// Gives birth to the child.
  mutating func spawn(_ command: ChildCommand) throws(ErrorNumber) -> pid_t {
    guard let program = command.arguments.first else { throw ErrorNumber(EINVAL) }
    if let directory = command.directory {
      try check(dbk_spawn_change_directory(&actions, directory))
    }
    try check(dbk_spawn_close_from(&actions, 3))
    var attributes = posix_spawnattr_t()
    try check(posix_spawnattr_init(&attributes))
    defer { posix_spawnattr_destroy(&attributes) }
    // Threads of Dispatch block most signals, and a child would go on blocking them.
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    var flags = Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
    if command.startsSession { flags |= Int16(dbk_spawn_setsid) }
    posix_spawnattr_setflags(&attributes, flags)
    let assignments = command.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    var pid: pid_t = 0
    let code = withMutableCStrings(command.arguments) { arguments in
      withMutableCStrings(assignments) { environment in
        posix_spawn(&pid, program, &actions, &attributes, arguments, environment)
      }
    }
    try check(code)
    return pid
  }
}

private func check(_ code: Int32) throws(ErrorNumber) {
  guard code == 0 else { throw ErrorNumber(code) }
}

/// Lends a null-terminated array of mutable C strings, as `exec` functions take them.
private func withMutableCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let pointers = strings.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return body(pointers)
}
