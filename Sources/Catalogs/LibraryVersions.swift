internal import CCrypt
package import DaybreakCore

extension LibraryVersion {
  /// Compares bcrypt hashes of LogHunter's keys; some distributions build it without.
  package static var libcrypt: LibraryVersion {
    // From the test vectors of crypt_blowfish.
    let known = BcryptHash("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")
    return LibraryVersion(
      name: "libcrypt", version: String(cString: dbk_crypt_version()),
      missingFeatures: known?.matches("U*U") == true ? [] : ["bcrypt"])
  }
}
