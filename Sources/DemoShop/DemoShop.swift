/// A small shop that does not exist: its logs, and the truth about them.
package enum DemoShop {}
