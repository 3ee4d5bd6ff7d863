@main
struct Daybreak {
  static func main() {}
}
