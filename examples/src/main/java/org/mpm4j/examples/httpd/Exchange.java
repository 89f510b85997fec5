package org.mpm4j.examples.httpd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;
import org.mpm4j.Connection;
import org.mpm4j.Disposition;
import org.mpm4j.http.MessageWriter;
import org.mpm4j.http.RequestReader;

/// One request and its answer, and the parser that reads it; used for one request after another.
///
/// Every method belongs to whoever owns the connection.
final class Exchange {
  /*
   * States, in order:
   *   HEAD      reading the head           -> BODY | ECHO | FINISHED
   *   BODY      reading and dropping the body, the answer is decided -> FINISHED
   *   ECHO      sending the body back as it comes                    -> FINISHED
   *   FINISHED  the answer was appended to the output, or there will be none
   *
   * The parser keeps what it has seen of an incomplete head, so the input is always used up when
   * the exchange waits for more.
   */
  private enum State {
    HEAD,
    BODY,
    ECHO,
    FINISHED
  }

  private final Router router;
  private final HelloResponse hello;
  private final RequestHead head;
  private final RequestReader reader;

  private State state = State.HEAD;
  private Answer answer = Answer.Hello.INSTANCE; // until begin() decides
  private boolean persistent;
  private long bodyLimit;
  private long bodyRead;
  private boolean echoing;
  private boolean chunkedEcho;

  Exchange(HttpConfig config, Router router, HelloResponse hello) {
    this.router = router;
    this.hello = hello;
    head = new RequestHead(config);
    reader = head.reader();
  }

  /// Whether this exchange is over.
  boolean finished() {
    return state == State.FINISHED;
  }

  /// What is known of the request line, for a request that does not come in one piece.
  ByteBuffer requestLine() {
    return StandardCharsets.ISO_8859_1.encode(head.method() + " " + head.target());
  }

  /// Makes this exchange ready for another request.
  ///
  /// @return false if it cannot be used again, since its parser stands in the middle of something
  boolean reset() {
    if (!head.reset()) {
      return false;
    }
    state = State.HEAD;
    bodyRead = 0;
    echoing = false;
    return true;
  }

  /// Goes on as far as the input allows.
  Disposition proceed(Connection connection) throws IOException, InterruptedException {
    if (state == State.HEAD) {
      Disposition waiting = readHead(connection);
      if (waiting != null) {
        return waiting;
      }
      connection.headComplete();
      Disposition early = begin(connection);
      if (early != null) {
        return early;
      }
    }
    return state == State.ECHO ? echo(connection) : dropBody(connection);
  }

  /// Reads on.
  ///
  /// @return null when the head is complete
  private @Nullable Disposition readHead(Connection connection) throws IOException {
    while (true) {
      reader.parse(connection.input());
      if (reader.failure() != 0) {
        return refuse(connection, reader.failure(), reader.failureReason());
      }
      if (reader.headComplete()) {
        return null;
      }
      int count = connection.tryFill();
      if (count <= 0) {
        return count < 0 ? finish(Disposition.CLOSE) : Disposition.AWAIT_READABLE;
      }
    }
  }

  /// Decides the answer.
  ///
  /// @return null to read the body
  private @Nullable Disposition begin(Connection connection)
      throws IOException, InterruptedException {
    Router.Decision decision = router.decide(head, connection);
    answer = decision.answer();
    bodyLimit = decision.bodyLimit();
    persistent = reader.persistent() && connection.mayKeepAlive();
    if (reader.complete()) {
      return send(connection);
    }
    if (reader.contentLength() > bodyLimit) {
      return refuse(connection, HttpStatus.PAYLOAD_TOO_LARGE_413, "");
    }
    String expect = reader.expect();
    if (expect != null) {
      if (!expect.equalsIgnoreCase("100-continue")) {
        return refuse(connection, HttpStatus.EXPECTATION_FAILED_417, "");
      }
      if (answer.status() >= HttpStatus.BAD_REQUEST_400) {
        // The client waits to hear whether to send the body; it hears that it need not.
        persistent = false;
        return send(connection);
      }
      MessageWriter.continueBody(connection);
    }
    state = answer.wantsBody() ? State.ECHO : State.BODY;
    return null;
  }

  /// Reads the rest of a body that nobody asked for, so that the next request can be found.
  private Disposition dropBody(Connection connection) throws IOException, InterruptedException {
    while (true) {
      reader.parse(connection.input());
      int dropped = reader.takeContent().remaining();
      bodyRead += dropped;
      if (bodyRead > bodyLimit) {
        return refuse(connection, HttpStatus.PAYLOAD_TOO_LARGE_413, "");
      }
      if (reader.brokenBody()) {
        return refuse(connection, HttpStatus.BAD_REQUEST_400, "");
      }
      if (reader.complete()) {
        return send(connection);
      }
      if (dropped == 0 && !connection.input().hasRemaining()) {
        int count = connection.tryFill();
        if (count < 0) {
          return refuse(connection, HttpStatus.BAD_REQUEST_400, "");
        }
        if (count == 0) {
          return Disposition.AWAIT_READABLE;
        }
      }
    }
  }

  /// Answers with an error, unless another answer has begun: then nothing better can be said than
  /// that it is not complete.
  private Disposition failEcho(Connection connection, int status) {
    return echoing ? finish(Disposition.ABORT) : refuse(connection, status, "");
  }

  /// Begins the answer. That is done when the body has begun, and not before a client that expects
  /// to be told to continue has heard so and acted on it.
  private void startEcho(Connection connection, long length) {
    String type = head.contentType();
    StringBuilder fields = new StringBuilder("X-Content-Type-Options: nosniff\r\nContent-Type: ");
    fields.append(type == null || type.isEmpty() ? "application/octet-stream" : type);
    echoing = true;
    chunkedEcho = length < 0;
    if (chunkedEcho) {
      fields.append("\r\nTransfer-Encoding: chunked\r\n");
    } else {
      fields.append("\r\nContent-Length: ").append(length).append("\r\n");
    }
    ResponseWriter.head(
        connection, reader.minor(), persistent, HttpStatus.OK_200, fields.toString());
  }

  /// Sends the body back, reading only while less than [HttpConnectionHandler#MOST_PENDING] waits
  /// for the client to take it.
  private Disposition echo(Connection connection) throws IOException {
    while (true) {
      reader.parse(connection.input());
      ByteBuffer content = reader.takeContent();
      int count = content.remaining();
      bodyRead += count;
      if (reader.brokenBody()) {
        return failEcho(connection, HttpStatus.BAD_REQUEST_400);
      }
      if (bodyRead > bodyLimit) {
        return failEcho(connection, HttpStatus.PAYLOAD_TOO_LARGE_413);
      }
      if (!echoing && (count > 0 || reader.complete())) {
        startEcho(connection, reader.contentLength());
      }
      if (count > 0) {
        if (chunkedEcho) {
          MessageWriter.chunk(connection, content);
        } else {
          MessageWriter.copy(connection, content);
        }
      }
      if (reader.complete()) {
        if (chunkedEcho) {
          MessageWriter.lastChunk(connection);
        }
        return finish(persistent ? Disposition.KEEP_ALIVE : Disposition.CLOSE);
      }
      if (connection.pendingOutput() > HttpConnectionHandler.MOST_PENDING / 2) {
        return Disposition.AWAIT_WRITABLE;
      }
      if (count == 0 && !connection.input().hasRemaining()) {
        int filled = connection.tryFill();
        if (filled <= 0) {
          return filled < 0
              ? failEcho(connection, HttpStatus.BAD_REQUEST_400)
              : Disposition.AWAIT_READABLE;
        }
      }
    }
  }

  /// Answers with an error and ends the connection.
  private Disposition refuse(Connection connection, int status, String reason) {
    String sentence = reason.isEmpty() ? "" : reason.replaceAll("[^ -%'-;=?-~]", "") + ".";
    persistent = false;
    sendPage(connection, Answer.Page.of(status, sentence));
    return finish(Disposition.CLOSE);
  }

  /// What to say to a client that took too long.
  Disposition timedOut(Connection connection) {
    if (echoing) {
      return finish(Disposition.ABORT);
    }
    return refuse(
        connection, HttpStatus.REQUEST_TIMEOUT_408, "The request took too long to arrive");
  }

  private Disposition send(Connection connection) throws IOException, InterruptedException {
    if (endsConnection(answer.status())) {
      persistent = false;
    }
    switch (answer) {
      case Answer.Hello _ when !reader.isHead() ->
          MessageWriter.append(connection, hello.bytes(reader.minor(), persistent));
      case Answer.Hello _ -> sendPage(connection, HelloResponse.PAGE);
      case Answer.Page page -> sendPage(connection, page);
      case Answer.Bodiless bodiless ->
          ResponseWriter.head(
              connection, reader.minor(), persistent, bodiless.status(), bodiless.fields());
      case Answer.FilePart part -> {
        ResponseWriter.head(connection, reader.minor(), persistent, part.status(), part.fields());
        if (!reader.isHead() && part.count() > 0) {
          connection.sendfile(part.file(), part.position(), part.count());
        }
      }
      case Answer.Sleep sleep -> {
        if (connection.pendingOutput() > 0) {
          connection.flush(); // answers to earlier requests need not wait with this one
        }
        Thread.sleep(sleep.millis());
        sendPage(connection, Answer.Page.text("Slept " + sleep.millis() + " ms.\n"));
      }
      case Answer.Halt _ -> Runtime.getRuntime().halt(1);
      case Answer.Echo _ -> startEcho(connection, 0); // of a request without a body
    }
    return finish(persistent ? Disposition.KEEP_ALIVE : Disposition.CLOSE);
  }

  private void sendPage(Connection connection, Answer.Page page) {
    byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
    String fields = page.fields() + "Content-Length: " + body.length + "\r\n";
    ResponseWriter.head(connection, reader.minor(), persistent, page.status(), fields);
    if (!reader.isHead()) {
      MessageWriter.append(connection, body);
    }
  }

  /// The statuses after which httpd, too, does not trust what follows on the connection.
  private static boolean endsConnection(int status) {
    return switch (status) {
      case HttpStatus.BAD_REQUEST_400,
          HttpStatus.REQUEST_TIMEOUT_408,
          HttpStatus.PAYLOAD_TOO_LARGE_413,
          HttpStatus.URI_TOO_LONG_414,
          HttpStatus.EXPECTATION_FAILED_417,
          HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431,
          HttpStatus.INTERNAL_SERVER_ERROR_500,
          HttpStatus.NOT_IMPLEMENTED_501,
          HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505 ->
          true;
      default -> false;
    };
  }

  private Disposition finish(Disposition disposition) {
    state = State.FINISHED;
    return disposition;
  }
}
