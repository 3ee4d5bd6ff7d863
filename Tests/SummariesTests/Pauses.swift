import HTTPClient
import Summaries
import Synchronization
import TestSupport

/// Pauses that take no time and are written down.
final class Pauses: Sendable {
  private let taken = Mutex<[Duration]>([])
  var all: [Duration] { taken.withLock { $0 } }

  var environment: ClientEnvironment {
    var environment = ClientEnvironment.live
    environment.jitter = { 0.5 }
    environment.pause = { duration, _ in self.taken.withLock { $0.append(duration) } }
    return environment
  }
}

extension ModelStandIn {
  /// The whole body around an answer.
  static func body(
    _ interface: ModelInterface, _ answer: String, ending: Ending = .complete
  ) -> String {
    body(Interface(rawValue: interface.rawValue) ?? .openai, answer, ending: ending)
  }

  /// An error's body.
  static func errorBody(_ interface: ModelInterface, _ type: String, _ message: String) -> String {
    errorBody(Interface(rawValue: interface.rawValue) ?? .openai, type, message)
  }
}
