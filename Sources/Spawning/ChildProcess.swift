import CSpawn
import DaybreakCore
import Glibc
import Synchronization

/// A program that this process has started, without a shell.
///
/// Foundation's `Process` learns of an end by a descriptor that other children started at the same
/// moment inherit, so that `waitUntilExit` may wait for them too. Here each child is waited for by its
/// number and inherits its three standard streams alone.
///
/// It goes on when its owner is gone, and leaves no zombie; whoever wants it ended sends a signal.
package final class ChildProcess: Sendable {
  /// Its number; that of another process once it was waited for.
  package let processID: Int32
  private let ending = Mutex<ChildEnding?>(nil)
  private let input: Mutex<Descriptor?>
  private let output: Descriptor?
  private let errors: Descriptor?

  /// Starts a program.
  ///
  /// - Throws: `SpawningError` when it does not start.
  package init(_ command: ChildCommand) throws(SpawningError) {
    do {
      var actions = try FileActions()
      input = Mutex(try actions.connectInput(to: command.input))
      output = try actions.connect(1, to: command.output)
      errors = try actions.connect(2, to: command.errors)
      processID = try actions.spawn(command)
    } catch {
      throw .notStarted(program: command.arguments.first ?? "nothing", reason: error)
    }
  }

  deinit { if reap() == nil { reapLater(processID) } }

  // MARK: Its end

  /// Waits until it has ended.
  @discardableResult
  package func wait() -> ChildEnding {
    // Leaves a zombie behind, so that the number is nobody else's until `reap` has it under the lock.
    var information = siginfo_t()
    while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    return reap() ?? .unknown
  }

  /// Waits until it has ended, but not for ever.
  ///
  /// - Returns: nil when it still runs after `limit`.
  package func wait(for limit: Duration) -> ChildEnding? {
    let deadline = ContinuousClock.now + limit
    var pause: UInt32 = 500
    while true {
      if let ending = reap() { return ending }
      guard .now < deadline else { return nil }
      usleep(pause)
      pause = min(pause * 2, 20_000)
    }
  }

  /// Whether it has not ended yet.
  package var isRunning: Bool { reap() == nil }

  /// Sends a signal; nothing happens once it was waited for.
  package func send(_ signal: Int32) {
    ending.withLock { if $0 == nil { kill(processID, signal) } }
  }

  /// Ends it at once and waits for its end.
  @discardableResult
  package func end() -> ChildEnding {
    send(SIGKILL)
    return wait()
  }

  /// Notes its end if it has ended, which frees its number.
  @discardableResult
  private func reap() -> ChildEnding? {
    ending.withLock { ending in
      if let ending { return ending }
      var status: Int32 = 0
      var answer: pid_t
      repeat { answer = waitpid(processID, &status, WNOHANG) } while answer < 0 && errno == EINTR
      guard answer != 0 else { return nil }
      let new =
        if answer < 0 { ChildEnding.unknown } else if status & 0x7F == 0 {
          ChildEnding.exited(status >> 8 & 0xFF)
        } else {
          ChildEnding.signalled(status & 0x7F)
        }
      ending = new
      return new
    }
  }

  // MARK: Its streams

  /// Ends its standard input, where that is a pipe.
  package func closeInput() { input.withLock { $0 = nil } }

  /// Reads a line that it prints, without the newline; nil at the end of a piped output.
  ///
  /// One thread at a time may read.
  package func readLine() -> String? {
    var line: [UInt8] = []
    while let byte = output?.read(1).first {
      if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
    return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
  }

  /// What it has printed so far, where that is captured.
  package var capturedOutput: [UInt8] { output?.contents() ?? [] }

  /// What it has printed to standard error so far, where that is captured.
  package var capturedErrors: [UInt8] { errors?.contents() ?? [] }
}

extension ChildProcess {
  /// How a program ended and what it printed.
  package struct Outcome: Sendable {
    package let ending: ChildEnding
    package let output: [UInt8]
    package let errors: [UInt8]

    /// The output as text.
    package var text: String { String(decoding: output, as: UTF8.self) }
  }

  /// Runs a program to its end and captures its output.
  ///
  /// - Parameters:
  ///   - command: its output and its errors are captured, whatever it says of them.
  ///   - limit: how long it may run before it is killed; nil for ever.
  /// - Returns: its ending, SIGKILL where the limit was reached, and its output.
  /// - Throws: `SpawningError` when it does not start.
  package static func run(
    _ command: ChildCommand, limit: Duration? = nil
  ) throws(SpawningError) -> Outcome {
    var command = command
    command.output = .captured
    command.errors = .captured
    let child = try ChildProcess(command)
    let ending = limit.map { child.wait(for: $0) ?? child.end() } ?? child.wait()
    return Outcome(ending: ending, output: child.capturedOutput, errors: child.capturedErrors)
  }
}

/// Waits on a thread of its own for the end of a child that nobody owns any more.
///
/// A server that another process stops would stay a zombie as long as we live. Besides taking room, a
/// zombie keeps `waitid(P_ALL, …, WNOWAIT)` from telling of any other child: that is how Swift Testing
/// waits for its exit tests.
private func reapLater(_ process: pid_t) {
  var attributes = pthread_attr_t()
  guard pthread_attr_init(&attributes) == 0 else { return }
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  pthread_attr_setstacksize(&attributes, 1 << 16)
  var thread = pthread_t()
  pthread_create(&thread, &attributes, reap, UnsafeMutableRawPointer(bitPattern: Int(process)))
}

/// The body of `reapLater`'s thread, which gets the child's number in place of an address.
private func reap(_ process: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  var signals = sigset_t()
  sigfillset(&signals)
  pthread_sigmask(SIG_BLOCK, &signals, nil)
  while waitpid(pid_t(Int(bitPattern: process)), nil, 0) < 0, errno == EINTR {}
  return nil
}
