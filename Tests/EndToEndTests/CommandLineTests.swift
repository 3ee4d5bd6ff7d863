import Foundation
import Testing

@Suite struct CommandLineTests {
  let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  @Test(arguments: [
    (["rnu"], "there is no command `rnu`", "did you mean `daybreak run`?"),
    (["run"], "too few arguments", "see `daybreak run --help`"),
    (["run", "job.yaml", "--forse"], "no option --forse", "did you mean --force?"),
    (["run", "job.yaml", "--date", "yesterday"], "--date must be a date", ""),
    (
      ["run", "job.yaml", "--only", "rendr"], "there is no stage `rendr`", "did you mean `render`?"
    ),
    (["run", "job.yaml", "--from", "2026-03-02"], "--from and --to go together", ""),
    (["run", "missing.yaml"], "missing.yaml: the job file does not exist", ""),
  ])
  func `explains a wrong command line and exits with 2`(
    arguments: [String], problem: String, remedy: String
  ) throws {
    try scratch.write(
      "name: a\ntenant: a\nsources: [{ log_files: { path: a.log } }]\n", to: "job.yaml")
    let outcome = try DaybreakProcess.run(arguments, in: scratch.url)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(problem), "\(outcome.errors)")
    #expect(remedy.isEmpty || outcome.errors.contains(remedy), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test(arguments: ["run", "demo", "cluster", "fold", "merge", "serve", "doctor"])
  func `shows options and examples of each command`(name: String) throws {
    let outcome = try DaybreakProcess.run([name, "--help"], in: scratch.url)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("usage: daybreak \(name)"))
    #expect(outcome.output.contains("examples:"))
  }
}
