import DaybreakCore

/// How a service writes its lines.
enum LineFormat: Sendable {
  /// Objects of Go's zap.
  case json
  /// `ts=… level=… msg="…"`.
  case logfmt
  /// nginx, combined format.
  case nginxAccess
  /// Spring Boot 3 (logback) with an offset in its times.
  case spring
  /// Python's logging module.
  case python
  /// Go's log package.
  case goLog
  /// RFC 5424.
  case syslog
}

/// When lines of one kind are written.
enum Schedule: Sendable, Equatable {
  /// Through the day, fewer at night, fewer at weekends: so many a day on average.
  case daily(Double)
  /// Evenly through the day.
  case steady(Double)
  /// Exactly so many, from a minute of the local day on, over some minutes.
  case nightly(count: Int, minute: Int, spread: Int)
  /// Exactly so many in each hour, at a minute of the hour.
  case hourly(count: Int, minute: Int)
  /// On the night of the incident alone: so many a minute from `after` minutes into it on.
  case outage(perMinute: Double, after: Int)
  /// On the night of the incident alone: exactly so many at a minute before (negative) or into it.
  case outageOnce(count: Int, minute: Int)
}

/// One kind of line.
struct LineKind: Sendable {
  let level: Level
  let schedule: Schedule
  /// The message.
  let message: LinePattern
  /// Further fields: members of a JSON object, logfmt pairs, or what follows the request of nginx.
  let fields: LinePattern
  /// The class, file or logger that wrote it, where the format shows one.
  let origin: String
  /// Whether it becomes rare while the outage lasts.
  let failsInOutage: Bool

  init(
    _ level: Level, _ schedule: Schedule, _ message: String, fields: String = "",
    origin: String = "", failsInOutage: Bool = false
  ) {
    self.level = level
    self.schedule = schedule
    self.message = LinePattern(message)
    self.fields = LinePattern(fields)
    self.origin = origin
    self.failsInOutage = failsInOutage
  }
}

/// One service and all it ever writes.
struct DemoService: Sendable {
  let tenant: String
  let namespace: String
  let name: String
  let format: LineFormat
  /// The start of the name of its text file; nil where its lines are in the Loki export.
  let file: String?
  let kinds: [LineKind]

  var identity: ServiceIdentity { ServiceIdentity(namespace: namespace, service: name) }
}

/// All services, in a fixed order: the order is part of what a seed means.
let demoServices: [DemoService] = acmeFrontServices + acmeBackServices + globexServices

/// The services that the outage touches, in the order in which it does.
let outageServices = ["payments", "checkout", "gateway"]
