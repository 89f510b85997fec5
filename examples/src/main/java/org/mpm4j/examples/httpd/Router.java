package org.mpm4j.examples.httpd;

import java.io.IOException;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;
import org.mpm4j.Connection;
import org.mpm4j.MpmStatus;
import org.mpm4j.status.Require;
import org.mpm4j.status.StatusPage;

/// Decides the answer to a request.
final class Router {
  private static final int LONGEST_SLEEP = 60_000;

  private final Locations locations;
  private final @Nullable StaticFiles files;
  private final @Nullable Supplier<MpmStatus> status;
  private final StatusPage statusPage;

  private Router(
      Locations locations, @Nullable StaticFiles files, @Nullable Supplier<MpmStatus> status) {
    this.locations = locations;
    this.files = files;
    this.status = status;
    statusPage = StatusPage.ofThisHost();
  }

  /// What is answered, and how long a body the request may have.
  record Decision(Answer answer, long bodyLimit) {}

  /// Finds the files.
  ///
  /// @param status of the whole server, or null if that is not known here
  static Router of(HttpConfig config, @Nullable Supplier<MpmStatus> status) throws IOException {
    StaticFiles files =
        config.documentRoot().isEmpty()
            ? null
            : new StaticFiles(
                config.documentRoot().get(), config.directoryIndex(), config.contentTypes());
    return new Router(config.locations(), files, status);
  }

  Decision decide(RequestHead head, Connection connection) throws IOException {
    return switch (RequestTarget.of(head.target())) {
      case RequestTarget.Resource resource -> {
        Locations.Rule rule = locations.ruleFor(resource.path());
        yield new Decision(answer(head, connection, resource, rule), rule.bodyLimit());
      }
      case RequestTarget.Server _ ->
          plain(
              head.method().equals("OPTIONS")
                  ? options(HandlerName.NONE)
                  : Answer.Page.of(HttpStatus.BAD_REQUEST_400, ""));
      case RequestTarget.Refused(int status) -> plain(Answer.Page.of(status, ""));
    };
  }

  private Decision plain(Answer answer) {
    return new Decision(answer, locations.ruleFor("/").bodyLimit());
  }

  private Answer answer(
      RequestHead head, Connection connection, RequestTarget.Resource resource, Locations.Rule rule)
      throws IOException {
    Require require = rule.require();
    if (require != null
        && !require.grantedTo(connection.remoteAddress(), connection.localAddress())) {
      return Answer.Page.of(HttpStatus.FORBIDDEN_403, "You may not see this.");
    }
    HandlerName handler = rule.handler();
    String method = head.method();
    if (!handler.allows(method)) {
      return otherMethod(method, handler);
    }
    return switch (handler) {
      case HELLO -> Answer.Hello.INSTANCE;
      case ECHO -> Answer.Echo.INSTANCE;
      case SLEEP -> sleep(resource.query());
      case HALT -> Answer.Halt.INSTANCE;
      case SERVER_STATUS ->
          status == null
              ? Answer.Page.of(HttpStatus.NOT_IMPLEMENTED_501, "This server tells no status.")
              : Answer.Page.of(statusPage.reply(status.get(), resource.query()));
      case NONE ->
          files == null
              ? Answer.Page.of(HttpStatus.NOT_FOUND_404, "There is nothing here.")
              : files.answer(resource, head);
    };
  }

  private static Answer otherMethod(String method, HandlerName handler) {
    if (method.equals("OPTIONS")) {
      return options(handler);
    }
    if (HttpMethod.fromString(method) == null) {
      return Answer.Page.of(
          HttpStatus.NOT_IMPLEMENTED_501, "This server does not know that method.");
    }
    return Answer.Page.of(
        HttpStatus.METHOD_NOT_ALLOWED_405,
        "Allow: " + handler.allowed() + "\r\n",
        "That method is of no use here.");
  }

  private static Answer options(HandlerName handler) {
    return new Answer.Bodiless(
        HttpStatus.OK_200, "Allow: " + handler.allowed() + "\r\nContent-Length: 0\r\n");
  }

  private static Answer sleep(String query) {
    OptionalInt millis = millis(query);
    return millis.isPresent()
        ? new Answer.Sleep(millis.getAsInt())
        : Answer.Page.of(
            HttpStatus.BAD_REQUEST_400,
            "Say how long, in milliseconds from 0 to " + LONGEST_SLEEP + ": ?ms=100");
  }

  private static OptionalInt millis(String query) {
    for (String parameter : query.split("&", -1)) {
      if (parameter.matches("ms=[0-9]{1,5}")) {
        int millis = Integer.parseInt(parameter.substring("ms=".length()));
        return millis <= LONGEST_SLEEP ? OptionalInt.of(millis) : OptionalInt.empty();
      }
    }
    return OptionalInt.empty();
  }
}
