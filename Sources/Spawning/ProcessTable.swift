import Glibc

/// What Linux says of processes that need not be ours (proc(5)).
package enum ProcessTable {
  /// Whether a process runs: it exists and is no zombie.
  package static func isRunning(_ process: Int32) -> Bool {
    // The state follows the command's name, which may itself hold spaces and parentheses.
    let state = file("stat", of: process).split(separator: UInt8(ascii: ")")).last?
      .first { $0 != UInt8(ascii: " ") }
    return state.map { $0 != UInt8(ascii: "Z") && $0 != UInt8(ascii: "X") } ?? false
  }

  /// The arguments that a process was started with; empty when it is gone.
  package static func arguments(of process: Int32) -> [String] {
    file("cmdline", of: process).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A process's file in `/proc`; empty when it is gone.
  private static func file(_ name: String, of process: Int32) -> [UInt8] {
    guard let file = try? Descriptor(owning: open("/proc/\(process)/\(name)", O_RDONLY | O_CLOEXEC))
    else { return [] }
    return file.contents()
  }
}
