/// Daybreak's version, as reports and `--version` show it.
package let daybreakVersion = "0.1.0"
