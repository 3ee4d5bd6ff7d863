import CPostgres
import Foundation

/// Starts programs by `posix_spawn`, without a shell and without our descriptors and signal mask.
enum ChildProcess {
  /// How a program ended.
  enum Ending: Equatable {
    case exited(Int32)
    case signalled(Int32)
  }

  /// Starts a program in a session of its own.
  ///
  /// - Parameters:
  ///   - arguments: the program's absolute path and its arguments.
  ///   - environment: the whole environment.
  ///   - output: descriptor for standard output and error.
  /// - Returns: the process, or the error number.
  static func start(
    _ arguments: [String], environment: [String: String], output: Int32
  ) -> Result<pid_t, ErrorNumber> {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, output, 2)
    dbk_spawn_close_from(&actions, 3)
    var noSignals = sigset_t()
    var allSignals = sigset_t()
    sigemptyset(&noSignals)
    sigfillset(&allSignals)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setsigdefault(&attributes, &allSignals)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | Int16(dbk_spawn_setsid))
    var pid: pid_t = 0
    let assignments = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    guard let program = arguments.first else { return .failure(ErrorNumber(EINVAL)) }
    let code = withMutableCStrings(arguments) { arguments in
      withMutableCStrings(assignments) { environment in
        posix_spawn(&pid, program, &actions, &attributes, arguments, environment)
      }
    }
    return code == 0 ? .success(pid) : .failure(ErrorNumber(code))
  }

  /// Waits for a process of ours to end.
  static func wait(_ pid: pid_t) -> Ending {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 {
      guard errno == EINTR else { return .exited(-1) }
    }
    return status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signalled(status & 0x7F)
  }

  /// Runs a program to its end and returns what it printed, at most a pipe's worth of it.
  static func output(of arguments: [String], environment: [String: String]) -> String? {
    var ends: [Int32] = [0, 0]
    guard dbk_pipe2(&ends, O_CLOEXEC) == 0 else { return nil }
    defer { Foundation.close(ends[0]) }
    let started = start(arguments, environment: environment, output: ends[1])
    Foundation.close(ends[1])
    guard case .success(let pid) = started else { return nil }
    var text: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(ends[0], &block, block.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      text += block[..<count]
    }
    return wait(pid) == .exited(0) ? String(decoding: text, as: UTF8.self) : nil
  }

  /// Whether a process runs: it exists and is no zombie.
  static func isRunning(_ pid: pid_t) -> Bool {
    // A zombie of ours goes away when it is reaped.
    waitpid(pid, nil, WNOHANG)
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else {
      return false
    }
    // The state follows the command's name, which may itself hold spaces and parentheses.
    let state = stat.split(separator: ")").last?.split(separator: " ").first
    return state != "Z" && state != "X"
  }

  /// The arguments that a process was started with; empty when it is gone.
  static func arguments(of pid: pid_t) -> [String] {
    guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else {
      return []
    }
    return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
}

/// An error number of the C library, in words.
struct ErrorNumber: Error, CustomStringConvertible {
  let code: Int32

  init(_ code: Int32 = errno) { self.code = code }

  var description: String { String(cString: strerror(code)) }
}

/// Lends a null-terminated array of mutable C strings, as `exec` functions take them.
private func withMutableCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let pointers = strings.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return body(pointers)
}
