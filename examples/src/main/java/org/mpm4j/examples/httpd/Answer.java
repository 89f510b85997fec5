package org.mpm4j.examples.httpd;

import java.nio.file.Path;
import org.eclipse.jetty.http.HttpStatus;
import org.mpm4j.status.StatusReply;

/// What a request is answered with, decided when its head is complete and before its body is read.
///
/// Header fields are complete lines, each with its line end.
sealed interface Answer {
  /// `Hello, World!`
  record Hello() implements Answer {
    static final Hello INSTANCE = new Hello();
  }

  /// The body of the request.
  record Echo() implements Answer {
    static final Echo INSTANCE = new Echo();
  }

  /// A line of text, after `millis` milliseconds.
  record Sleep(int millis) implements Answer {}

  /// No answer: the process ends.
  record Halt() implements Answer {
    static final Halt INSTANCE = new Halt();
  }

  /// `count` bytes of a file from `position` on.
  record FilePart(int status, String fields, Path file, long position, long count)
      implements Answer {}

  /// A body from memory.
  record Page(int status, String fields, String body) implements Answer {
    static Page text(String text) {
      return new Page(HttpStatus.OK_200, "Content-Type: text/plain; charset=utf-8\r\n", text);
    }

    /// The page for an error or a redirection.
    static Page of(int status, String fields, String sentence) {
      String title = status + " " + HttpStatus.getMessage(status);
      String html =
          """
          <!DOCTYPE html>
          <html lang="en"><head><meta charset="utf-8"><title>%1$s</title></head>
          <body><h1>%1$s</h1><p>%2$s</p></body></html>
          """
              .formatted(title, sentence);
      return new Page(status, "Content-Type: text/html; charset=utf-8\r\n" + fields, html);
    }

    /// A page of the status renderer.
    static Page of(StatusReply reply) {
      StringBuilder fields = new StringBuilder();
      reply
          .headers()
          .forEach((name, value) -> fields.append(name).append(": ").append(value).append("\r\n"));
      return new Page(HttpStatus.OK_200, fields.toString(), reply.body());
    }

    static Page of(int status, String sentence) {
      return of(status, "", sentence);
    }
  }

  /// A head alone, for the statuses that have no body.
  record Bodiless(int status, String fields) implements Answer {}

  /// Whether the answer uses the body of the request.
  default boolean wantsBody() {
    return this instanceof Echo;
  }

  /// The status, as far as it decides about the connection.
  default int status() {
    return HttpStatus.OK_200;
  }
}
