package org.mpm4j.examples.httpd;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// What `SetHandler` can name.
enum HandlerName {
  /// Files below `DocumentRoot`; what happens without `SetHandler`.
  NONE("none", "GET, HEAD, OPTIONS"),

  /// Answers `Hello, World!` from memory.
  HELLO("hello", "GET, HEAD, OPTIONS"),

  /// Sends back the body of the request.
  ECHO("echo", "POST, PUT, OPTIONS"),

  /// Holds its worker for `?ms=N` milliseconds, then answers.
  SLEEP("sleep", "GET, HEAD, OPTIONS"),

  /// Kills the process that serves it, as a crash would.
  HALT("halt", "GET, POST, OPTIONS"),

  /// The status page: HTML, or `?auto` and `?json` for programs.
  SERVER_STATUS("server-status", "GET, HEAD, OPTIONS");

  private final String word;
  private final String allowed;

  HandlerName(String word, String allowed) {
    this.word = word;
    this.allowed = allowed;
  }

  /// The argument of `SetHandler`.
  String word() {
    return word;
  }

  /// The methods that it knows, as the `Allow` field lists them.
  String allowed() {
    return allowed;
  }

  boolean allows(String method) {
    return switch (this) {
      case NONE, HELLO, SLEEP, SERVER_STATUS -> method.equals("GET") || method.equals("HEAD");
      case ECHO -> method.equals("POST") || method.equals("PUT");
      case HALT -> method.equals("GET") || method.equals("POST");
    };
  }

  static Optional<HandlerName> of(String word) {
    return Arrays.stream(values()).filter(name -> name.word.equalsIgnoreCase(word)).findFirst();
  }

  static String list() {
    return Arrays.stream(values()).map(HandlerName::word).collect(Collectors.joining(", "));
  }
}
