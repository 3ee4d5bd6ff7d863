/// Which labels of a stream name its service, its namespace and its level, most telling first.
///
/// Names are compared without regard to ASCII case.
package struct LabelRules: Sendable, Hashable {
  /// Labels that name the service.
  package var service: [String]
  /// Labels that name the namespace.
  package var namespace: [String]
  /// Labels that name the level.
  package var level: [String]

  package init(service: [String], namespace: [String], level: [String]) {
    self.service = service
    self.namespace = namespace
    self.level = level
  }

  /// Loki's usual names.
  ///
  /// Services: Loki's `discover_service_name` default, behind `service_name` itself. Levels: Loki's
  /// `log_level_fields` default, behind the `detected_level` that it adds.
  /// Source: Loki 3.7 configuration reference, `limits_config`.
  package static let standard = LabelRules(
    service: [
      "service_name", "service", "app", "application", "app_name", "name",
      "app_kubernetes_io_name", "container", "container_name", "k8s_container_name", "component",
      "workload", "job", "k8s_job_name", "syslog_identifier", "unit", "program",
    ],
    namespace: [
      "namespace", "k8s_namespace_name", "kubernetes_namespace_name", "kubernetes_namespace",
      "namespace_name", "service_namespace", "exported_namespace",
    ],
    level: [
      "detected_level", "level", "severity", "severity_text", "severitytext", "log_level",
      "loglevel", "log.level", "lvl", "levelname", "priority",
    ])
}
