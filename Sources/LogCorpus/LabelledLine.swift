/// One line of a labelled log of our own making.
package struct LabelledLine: Hashable, Sendable {
  /// What a system puts in front of its messages: time, host, program.
  package let header: String
  package let message: String
  /// The template that people would label it with: `<*>` for each variable.
  package let label: String
}
