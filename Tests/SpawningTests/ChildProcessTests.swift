import DaybreakCore
import Foundation
import Testing

@testable import Spawning

@Suite struct ChildProcessTests {
  private func shell(_ script: String, environment: [String: String] = [:]) -> ChildCommand {
    ChildCommand(["/bin/sh", "-c", script], environment: environment)
  }

  @Test func `tells how a program ended and what it printed`() throws {
    let outcome = try ChildProcess.run(shell("echo out; echo err >&2; exit 7"))
    #expect(outcome.ending == .exited(7))
    #expect(outcome.text == "out\n")
    #expect(String(decoding: outcome.errors, as: UTF8.self) == "err\n")
  }

  @Test func `tells the signal that ended a program`() throws {
    #expect(try ChildProcess.run(shell("kill -TERM $$")).ending == .signalled(SIGTERM))
  }

  @Test func `captures more than a pipe holds, on both streams`() throws {
    let outcome = try ChildProcess.run(
      shell("head -c 1000000 /dev/zero; head -c 1000001 /dev/zero >&2"))
    #expect(outcome.output.count == 1_000_000)
    #expect(outcome.errors.count == 1_000_001)
  }

  @Test func `gives a program its directory and nothing but the named environment`() throws {
    var command = ChildCommand(["/usr/bin/env"], environment: ["DAY": "break", "A": ""])
    command.directory = "/"
    #expect(try ChildProcess.run(command).text == "A=\nDAY=break\n")
    command.arguments = ["/bin/pwd"]
    #expect(try ChildProcess.run(command).text == "/\n")
  }

  @Test func `says why a program cannot be started`() {
    let missing = ChildCommand(["/nonexistent/program"], environment: [:])
    let error = #expect(throws: SpawningError.self) { try ChildProcess(missing) }
    #expect(error?.summary == "cannot run /nonexistent/program: No such file or directory")
    var nowhere = shell("true")
    nowhere.directory = "/nonexistent"
    #expect(throws: SpawningError.self) { try ChildProcess(nowhere) }
    #expect(throws: SpawningError.self) { try ChildProcess(ChildCommand([], environment: [:])) }
  }

  @Test func `a child has its three streams and no other descriptor`() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    // `ls` itself opens the directory.
    let outcome = try ChildProcess.run(shell("ls /proc/self/fd"))
    #expect(outcome.text == "0\n1\n2\n3\n")
  }

  @Test func `a child blocks no signal that its parent blocks`() throws {
    var blocked = sigset_t()
    var before = sigset_t()
    sigemptyset(&blocked)
    sigaddset(&blocked, SIGUSR1)
    pthread_sigmask(SIG_BLOCK, &blocked, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    #expect(try ChildProcess.run(shell("kill -USR1 $$; echo")).ending == .signalled(SIGUSR1))
  }

  @Test func `a child ignores no signal that its parent ignores`() throws {
    let before = signal(SIGUSR2, SIG_IGN)
    defer { signal(SIGUSR2, before) }
    #expect(try ChildProcess.run(shell("kill -USR2 $$; echo")).ending == .signalled(SIGUSR2))
  }

  @Test func `reads lines while the child runs, and ends its input`() throws {
    var command = shell("echo ready; cat; echo end")
    command.input = .pipe
    command.output = .pipe
    let child = try ChildProcess(command)
    #expect(child.readLine() == "ready")
    #expect(child.isRunning)
    child.closeInput()
    #expect(child.readLine() == "end")
    #expect(child.readLine() == nil)
    #expect(child.wait() == .exited(0))
  }

  @Test func `waits no longer than it is told, and a child that is ended is gone`() throws {
    let child = try ChildProcess(ChildCommand(["/bin/sleep", "600"], environment: [:]))
    #expect(child.wait(for: .milliseconds(20)) == nil)
    #expect(child.isRunning)
    #expect(ProcessTable.isRunning(child.processID))
    #expect(child.end() == .signalled(SIGKILL))
    #expect(!child.isRunning)
    #expect(child.wait(for: .zero) == .signalled(SIGKILL))
    #expect(!ProcessTable.isRunning(child.processID))
  }

  @Test func `kills a program that takes too long`() throws {
    let sleep = ChildCommand(["/bin/sleep", "600"], environment: [:])
    #expect(try ChildProcess.run(sleep, limit: .milliseconds(20)).ending == .signalled(SIGKILL))
  }

  @Test func `an output that a grandchild holds open delays nothing`() throws {
    let outcome = try ChildProcess.run(shell("sleep 600 & echo $!"))
    #expect(outcome.ending == .exited(0))
    let grandchild = try #require(pid_t(outcome.text.dropLast()))
    #expect(ProcessTable.isRunning(grandchild))
    kill(grandchild, SIGKILL)
  }

  @Test func `many threads may wait for one child`() async throws {
    let child = try ChildProcess(shell("sleep 0.1; exit 3"))
    let endings = await withTaskGroup(of: ChildEnding.self) { group in
      for _ in 0..<4 { group.addTask { child.wait() } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(endings == Array(repeating: .exited(3), count: 4))
  }

  @Test func `no end is missed when long-lived children start at the same moment`() async throws {
    // With Foundation's Process this hangs: the long-lived children inherit what it waits on.
    let lasting = try await withThrowingTaskGroup(of: ChildProcess?.self) { group in
      for number in 0..<200 {
        group.addTask {
          if number % 4 == 0 {
            return try ChildProcess(ChildCommand(["/bin/sleep", "600"], environment: [:]))
          }
          let outcome = try ChildProcess.run(shell("exit \(number)"))
          #expect(outcome.ending == .exited(Int32(number)))
          return nil
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }.compactMap { $0 }
    }
    #expect(lasting.count == 50)
    #expect(lasting.allSatisfy { $0.isRunning })
    for child in lasting { child.end() }
  }

  @Test func `a child whose owner has left it leaves no zombie`() throws {
    let process = try ChildProcess(shell("sleep 0.05")).processID
    while FileManager.default.fileExists(atPath: "/proc/\(process)") { usleep(1000) }
  }

  @Test func `knows the arguments of a running process, and none of one that is gone`() throws {
    var command = shell("echo ready; read line")
    command.input = .pipe
    command.output = .pipe
    let child = try ChildProcess(command)
    // A program that has only just been started has no arguments yet.
    #expect(child.readLine() == "ready")
    #expect(ProcessTable.arguments(of: child.processID) == command.arguments)
    child.end()
    #expect(ProcessTable.arguments(of: child.processID) == [])
  }

  @Test func `a session of its own is led by the child`() throws {
    var command = shell("cut -d' ' -f1,6 /proc/$$/stat")
    command.startsSession = true
    let words = try ChildProcess.run(command).text.dropLast().split(separator: " ")
    #expect(words.count == 2 && words[0] == words[1])
  }
}
