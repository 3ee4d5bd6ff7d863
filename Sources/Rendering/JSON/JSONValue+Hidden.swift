import DaybreakCore

/// Tells whether a scalar would act on its surroundings instead of showing itself.
func displaysOtherwise(_ scalar: Unicode.Scalar) -> Bool {
  guard !scalar.isASCII || scalar.value == 0x7F else { return false }
  let text = String(scalar)
  return displayText(text) != text
}
