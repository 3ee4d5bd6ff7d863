/// Personal numbers of countries that a redactor knows, by ISO 3166 code.
///
/// A number must have its country's form and, where it has one, the right check digit; a form without
/// separators that any number may have must follow the number's name.
package enum NationalNumber: String, Sendable, CaseIterable, Codable {
  /// Tax file number: `123 456 782`, weighted sum divisible by 11 (Australian Taxation Office).
  case australia = "AU"
  /// CPF: `529.982.247-25`, two check digits modulo 11 (Receita Federal).
  case brazil = "BR"
  /// Social insurance number: `046 454 286`, Luhn (Service Canada).
  case canada = "CA"
  /// Steuerliche Identifikationsnummer: 11 digits, ISO 7064 MOD 11,10 (Bundeszentralamt für Steuern).
  case germany = "DE"
  /// DNI and NIE: `12345678Z`, `X1234567L`, letter by remainder of 23 (Ministerio del Interior).
  case spain = "ES"
  /// NIR: `1 84 12 76 451 089 46`, key modulo 97 (INSEE).
  case france = "FR"
  /// National insurance number: `AB 12 34 56 C` (HM Revenue & Customs, NIM39110).
  case unitedKingdom = "GB"
  /// Aadhaar: `2345 6789 0124`, Verhoeff check digit (UIDAI).
  case india = "IN"
  /// Burgerservicenummer: 9 digits behind its name, eleven-test (Rijksdienst voor Identiteitsgegevens).
  case netherlands = "NL"
  /// Personnummer: `811218-9876`, Luhn (Skatteverket).
  case sweden = "SE"
  /// Social security number: `123-45-6789` (Social Security Administration, RM 10201.035).
  case unitedStates = "US"
}

extension SecretScanner {
  /// Finds a personal number of the countries asked for.
  func nationalNumber(at index: Int) -> FoundSecret? {
    guard !options.nationalNumbers.isEmpty else { return nil }
    let word = NumberWord(scanner: self, start: index)
    for country in NationalNumber.allCases where options.nationalNumbers.contains(country) {
      if let end = word.end(of: country) {
        return FoundSecret(kind: .nationalNumber, range: index..<end)
      }
    }
    return nil
  }
}

/// A run of letters, digits and separators that may be a personal number.
private struct NumberWord {
  let scanner: SecretScanner
  let start: Int

  /// Where the number of a country ends; nil when none begins here.
  func end(of country: NationalNumber) -> Int? {
    switch country {
    case .australia: match("### ### ###", isTaxFileNumber) ?? named("tfn", 9, isTaxFileNumber)
    case .brazil: match("###.###.###-##", isCPF) ?? named("cpf", 11, isCPF)
    case .canada:
      match("### ### ###", passesLuhn) ?? match("###-###-###", passesLuhn)
        ?? named("sin", 9, passesLuhn)
    case .germany: match("###########", isTaxNumber) ?? match("## ### ### ###", isTaxNumber)
    case .spain: match("########@", isSpanish) ?? match("@#######@", isSpanish)
    case .france:
      match("# ## ## ## ### ### ##", isNIR) ?? match("###############", isNIR)
    case .unitedKingdom: match("@@######@", isNINO) ?? match("@@ ## ## ## @", isNINO)
    case .india: match("#### #### ####", isAadhaar) ?? named("aadhaar", 12, isAadhaar)
    case .netherlands: named("bsn", 9, isBSN)
    case .sweden:
      match("######-####", isPersonnummer) ?? match("########-####", isPersonnummer)
    case .unitedStates: match("###-##-####", isSSN)
    }
  }

  /// Where the text ends that fits a form, if its letters and digits pass a test.
  private func match(_ form: StaticString, _ isValid: ([UInt8]) -> Bool) -> Int? {
    var value: [UInt8] = []
    for offset in 0..<form.utf8CodeUnitCount {
      let byte = scanner.byte(start + offset)
      switch form.utf8Start[offset] {
      case UInt8(ascii: "#"):
        guard isDigit(byte) else { return nil }
        value.append(byte - 0x30)
      case UInt8(ascii: "@"):
        guard isLetter(byte) else { return nil }
        value.append(byte & 0xDF)
      case let separator:
        guard byte == separator else { return nil }
      }
    }
    let end = start + form.utf8CodeUnitCount
    let next = scanner.byte(end)
    let goesOn =
      isWordByte(next)
      || (next == UInt8(ascii: "-") || next == UInt8(ascii: "."))
        && isWordByte(scanner.byte(end + 1))
    return !goesOn && isValid(value) ? end : nil
  }

  /// Where the digits end that stand behind a name.
  private func named(_ name: StaticString, _ count: Int, _ isValid: ([UInt8]) -> Bool) -> Int? {
    var before = start
    while before > 0, start - before < 4, " =:\"'".utf8.contains(scanner.byte(before - 1)) {
      before -= 1
    }
    guard before < start,
      scanner.has(name, at: before - name.utf8CodeUnitCount, ignoringCase: true)
    else { return nil }
    let end = scanner.end(from: start, while: isDigit)
    guard end - start == count, !isWordByte(scanner.byte(end)) else { return nil }
    return isValid(scanner.bytes[start..<end].map { $0 - 0x30 }) ? end : nil
  }

  // MARK: Check digits

  private func weighted(_ digits: some Collection<UInt8>, _ weights: some Collection<Int>) -> Int {
    zip(digits, weights).reduce(0) { $0 + Int($1.0) * $1.1 }
  }

  private func isTaxFileNumber(_ digits: [UInt8]) -> Bool {
    Set(digits).count > 1 && weighted(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 == 0
  }

  private func isCPF(_ digits: [UInt8]) -> Bool {
    func check(_ count: Int) -> Int {
      let rest = weighted(digits.prefix(count), (2...count + 1).reversed()) * 10 % 11
      return rest == 10 ? 0 : rest
    }
    return Set(digits).count > 1 && check(9) == Int(digits[9]) && check(10) == Int(digits[10])
  }

  private func passesLuhn(_ digits: [UInt8]) -> Bool {
    var sum = 0
    for (place, digit) in digits.reversed().enumerated() {
      let doubled = Int(digit) * (place % 2 == 1 ? 2 : 1)
      sum += doubled > 9 ? doubled - 9 : doubled
    }
    return sum % 10 == 0 && Set(digits).count > 1
  }

  /// The first ten digits have one that occurs two or three times, and at least one that does not.
  private func isTaxNumber(_ digits: [UInt8]) -> Bool {
    guard digits[0] != 0, (6...9).contains(Set(digits.prefix(10)).count) else { return false }
    var product = 10
    for digit in digits.prefix(10) {
      var sum = (Int(digit) + product) % 10
      if sum == 0 { sum = 10 }
      product = sum * 2 % 11
    }
    return (11 - product) % 10 == Int(digits[10])
  }

  private func isSpanish(_ value: [UInt8]) -> Bool {
    var digits = value.dropLast()
    if let first = digits.first, first >= 0x41 {
      guard (0x58...0x5A).contains(first) else { return false }
      digits[digits.startIndex] = first - 0x58
    }
    let number = digits.reduce(0) { $0 * 10 + Int($1) }
    return Array("TRWAGMYFPDXBNJZSQVHLCKE".utf8)[number % 23] == value.last
  }

  private func isNIR(_ digits: [UInt8]) -> Bool {
    guard digits[0] == 1 || digits[0] == 2 else { return false }
    let number = digits.prefix(13).reduce(0) { $0 * 10 + Int($1) }
    return 97 - number % 97 == Int(digits[13]) * 10 + Int(digits[14])
  }

  private func isNINO(_ value: [UInt8]) -> Bool {
    let prefix = String(decoding: value.prefix(2), as: UTF8.self)
    return !"DFIQUV".utf8.contains(value[0]) && !"DFIOQUV".utf8.contains(value[1])
      && !["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"].contains(prefix)
      && (0x41...0x44).contains(value[8])
  }

  private func isBSN(_ digits: [UInt8]) -> Bool {
    let sum = weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1])
    return sum % 11 == 0 && Set(digits).count > 1
  }

  private func isPersonnummer(_ digits: [UInt8]) -> Bool {
    let short = Array(digits.suffix(10))
    let month = short[2] * 10 + short[3]
    let day = short[4] * 10 + short[5]
    return (1...12).contains(month) && ((1...31).contains(day) || (61...91).contains(day))
      && passesLuhn(short)
  }

  private func isSSN(_ digits: [UInt8]) -> Bool {
    let number = digits.reduce(0) { $0 * 10 + Int($1) }
    let area = number / 1_000_000
    return area != 0 && area != 666 && area < 900 && number / 10_000 % 100 != 0
      && number % 10_000 != 0
  }

  /// Verhoeff's check over the dihedral group of order 10.
  ///
  /// Source: J. Verhoeff, "Error Detecting Decimal Codes", 1969.
  private func isAadhaar(_ digits: [UInt8]) -> Bool {
    guard digits[0] >= 2 else { return false }
    let permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    var check = 0
    for (place, digit) in digits.reversed().enumerated() {
      var moved = Int(digit)
      for _ in 0..<(place % 8) { moved = permutation[moved] }
      check = dihedralProduct(check, moved)
    }
    return check == 0
  }

  private func dihedralProduct(_ first: Int, _ second: Int) -> Int {
    switch (first < 5, second < 5) {
    case (true, true): (first + second) % 5
    case (true, false): (first + second - 5) % 5 + 5
    case (false, true): (first - second) % 5 + 5
    case (false, false): (first - second + 5) % 5
    }
  }
}
