package dev.tripoint.cli;

/** The version of this library. */
final class Version {
  /** As in the build's project file; a test compares the two. */
  static final String TEXT = "0.1.0";

  private Version() {}
}
