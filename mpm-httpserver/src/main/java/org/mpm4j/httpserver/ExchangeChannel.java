package org.mpm4j.httpserver;

import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;
import org.mpm4j.Connection;
import org.mpm4j.Disposition;
import org.mpm4j.http.MessageWriter;
import org.mpm4j.http.RequestReader;

/// One exchange on a connection, and how threads of the application reach that connection.
final class ExchangeChannel {
  /*
   * Overview: the engine calls proceed() with a worker. The application reads and writes by steps,
   * each a piece of code that never blocks and says what it waits for. `state` says who runs them:
   *
   *   HEAD       the worker reads the head                               → LENT, OVER
   *   LENT       a worker is inside proceed() and has called the application: whoever has a step runs
   *              it here and now, and waits for the client if it must     → SUSPENDED, ENDING, OVER
   *   SUSPENDED  nobody has the connection: whoever has a step resumes it → STEPPING
   *   STEPPING   workers run the step, waiting in the engine and holding no thread; its owner waits
   *              for `changed`                                            → SUSPENDED, ENDING, OVER
   *   ENDING     the answer is complete; workers read what is left of the request → OVER
   *   OVER       the exchange has ended, or the connection has
   *
   * A handler that runs on the worker, as it does without an executor, makes its steps in LENT and costs
   * no hand-over. One that runs elsewhere waits for SUSPENDED, which comes as soon as the executor has
   * taken it, so that a slow client holds the application's thread and no worker. A thread that is
   * neither, started by a handler on the worker that may be waiting for it, makes its steps in LENT.
   *
   * Ownership: before LENT and after OVER the worker's alone; between them all fields are guarded by
   * `lock`, and so is the connection. The worker holds the lock whenever it is inside proceed() and not
   * in the application; steps in STEPPING do not block, so it is short.
   *
   * Shutdown: the engine calls closed() once when the connection has ended. Whoever waits for a step
   * hears an IOException then, and every later step fails. server.ended() is called once for an exchange
   * that has begun, by whoever makes the state OVER.
   */

  private enum State {
    HEAD,
    LENT,
    SUSPENDED,
    STEPPING,
    ENDING,
    OVER
  }

  /// What is to become of the connection when the answer is complete.
  private enum Ending {
    NONE,
    KEEP,
    CLOSE,
    ABORT
  }

  /// A piece of input or output.
  @FunctionalInterface
  interface Step {
    /// Does what can be done without waiting.
    ///
    /// @return null when it is done, or what to wait for before it is called again
    @Nullable Disposition run(Connection connection, RequestReader reader) throws IOException;
  }

  /// A step that its owner waits for, or that nobody waits for.
  private static final class Operation {
    final Step step;
    boolean done;
    @Nullable IOException failure;

    Operation(Step step) {
      this.step = step;
    }
  }

  private static final Step NOTHING = (_, _) -> null;

  private final ExchangeDispatcher dispatcher;
  private final EventHttpServer server;
  private final Connection connection;
  private final IncomingHead head;
  private final RequestReader reader;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  private State state = State.HEAD;
  private Ending ending = Ending.NONE;
  private boolean counted;
  private @Nullable Operation operation;
  private @Nullable Thread worker;
  private boolean handlerOnWorker;
  private long drained;

  ExchangeChannel(ExchangeDispatcher dispatcher, Connection connection, IncomingHead head) {
    this.dispatcher = dispatcher;
    this.server = dispatcher.server();
    this.connection = connection;
    this.head = head;
    this.reader = head.reader();
  }

  // ---- the engine's calls ----

  /// Goes on as far as possible. The worker that has the connection.
  Disposition proceed() throws IOException {
    lock.lock();
    try {
      return switch (state) {
        case HEAD -> {
          Disposition waiting = readHead();
          yield waiting != null ? waiting : begin();
        }
        case STEPPING -> runOperation();
        case ENDING -> finish();
        case LENT, SUSPENDED, OVER -> throw new IllegalStateException("called in state " + state);
      };
    } finally {
      lock.unlock();
    }
  }

  /// The client took too long with the rest of its request.
  Disposition timedOut() throws IOException {
    lock.lock();
    try {
      if (state == State.HEAD) {
        return reject(HttpStatus.REQUEST_TIMEOUT_408, "The request took too long to arrive");
      }
      Operation waiting = operation;
      if (state == State.STEPPING && waiting != null) {
        waiting.failure = new SocketTimeoutException("the request body took too long to arrive");
      }
      return over(state == State.ENDING ? Disposition.CLOSE : Disposition.ABORT);
    } finally {
      lock.unlock();
    }
  }

  /// The connection has ended.
  void closed() {
    lock.lock();
    try {
      if (state != State.OVER) {
        makeOver();
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- the head ----

  /// Reads on.
  ///
  /// @return null when the head is complete
  private @Nullable Disposition readHead() throws IOException {
    while (true) {
      reader.parse(connection.input());
      if (reader.failure() != 0) {
        return reject(reader.failure(), reader.failureReason());
      }
      if (reader.headComplete()) {
        return null;
      }
      int count = connection.tryFill();
      if (count <= 0) {
        return count < 0 ? over(Disposition.CLOSE) : Disposition.AWAIT_READABLE;
      }
    }
  }

  /// Finds the context and calls the application.
  private Disposition begin() throws IOException {
    connection.headComplete();
    if (!server.begin()) {
      return over(Disposition.ABORT);
    }
    counted = true;
    URI uri;
    try {
      uri = new URI(reader.target());
    } catch (URISyntaxException _) {
      return reject(HttpStatus.BAD_REQUEST_400, "URISyntaxException thrown");
    }
    ServerContext context = uri.getPath() == null ? null : server.find(uri.getPath());
    if (context == null) {
      return reject(HttpStatus.NOT_FOUND_404, "No context found for request");
    }
    HttpHandler handler = context.getHandler();
    if (handler == null) {
      return reject(HttpStatus.INTERNAL_SERVER_ERROR_500, "No handler for context");
    }
    String expect = reader.expect();
    if (expect != null && expect.equalsIgnoreCase("100-continue")) {
      MessageWriter.continueBody(connection);
      connection.flush();
    }
    ServerExchange.Request request =
        new ServerExchange.Request(
            reader.method(),
            uri,
            reader.minor(),
            head.fields(),
            reader.persistent(),
            inet(connection.remoteAddress()),
            inet(connection.localAddress()));
    ServerExchange exchange =
        new ServerExchange(this, context, request, connection.mayKeepAlive(), keepAliveSeconds());
    return call(context, exchange, handler);
  }

  private static InetSocketAddress inet(SocketAddress address) {
    return (InetSocketAddress) address;
  }

  private long keepAliveSeconds() {
    return dispatcher.keepAliveTimeout().toSeconds();
  }

  /// Answers without the application, in the words of the JDK's server, and ends the connection.
  private Disposition reject(int status, String message) throws IOException {
    String title = status + " " + HttpStatus.getMessage(status);
    String text = message.replaceAll("[^ -%'-;=?-~]", "");
    byte[] body = ("<h1>" + title + "</h1>" + text).getBytes(StandardCharsets.ISO_8859_1);
    String fields =
        "HTTP/1.1 "
            + title
            + "\r\nContent-Length: "
            + body.length
            + "\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n";
    MessageWriter.append(connection, MessageWriter.ascii(fields));
    if (!reader.isHead()) {
      MessageWriter.append(connection, body);
    }
    connection.flush(); // as with every answer: see complete
    return over(Disposition.CLOSE);
  }

  // ---- the application ----

  private Disposition call(ServerContext context, ServerExchange exchange, HttpHandler handler)
      throws IOException {
    state = State.LENT;
    worker = Thread.currentThread();
    lock.unlock();
    try {
      dispatcher.executor().execute(() -> run(context, exchange, handler));
    } catch (RuntimeException e) { // rejected
      ExchangeDispatcher.log.log(System.Logger.Level.DEBUG, "the executor took no exchange", e);
      abort();
    } catch (Error e) {
      abort();
      throw e;
    } finally {
      lock.lock();
      worker = null;
    }
    if (ending != Ending.NONE) {
      return finish();
    }
    return suspend();
  }

  private void run(ServerContext context, ServerExchange exchange, HttpHandler handler) {
    noteThread();
    try {
      context.serve(exchange, handler);
      exchange.handlerReturned();
    } catch (Exception e) {
      ExchangeDispatcher.log.log(System.Logger.Level.TRACE, "the handler failed", e);
      abort();
    } catch (Throwable e) {
      abort();
      throw e;
    }
  }

  private void noteThread() {
    lock.lock();
    try {
      handlerOnWorker = Thread.currentThread() == worker;
    } finally {
      lock.unlock();
    }
  }

  /// Runs a step to its end, waiting for the client where it must. Any thread of the application.
  ///
  /// @throws IOException what the step threw, or because the exchange or its connection is over
  void perform(Step step) throws IOException {
    lock.lock();
    try {
      if (awaitTurn()) {
        runHere(step);
      } else {
        Operation mine = post(step);
        while (!mine.done) {
          changed.awaitUninterruptibly();
        }
        if (mine.failure != null) {
          throw mine.failure;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /// Runs the step that completes the answer. Returns when the answer is on its way, or will be
  /// without the caller.
  ///
  /// @param step the last one; it is done when the kernel has taken the answer, since `stop` may
  ///   cut off what comes later
  /// @param keep whether the connection may serve another exchange
  /// @throws IOException as for [#perform]
  void complete(Step step, boolean keep) throws IOException {
    Ending then = keep ? Ending.KEEP : Ending.CLOSE;
    lock.lock();
    try {
      if (awaitTurn()) {
        try {
          runHere(step);
          ending = then;
        } catch (IOException e) {
          ending = Ending.ABORT;
          throw e;
        }
      } else {
        post(step);
        ending = then;
      }
    } finally {
      lock.unlock();
    }
  }

  /// Ends the connection without more, unless the answer is complete. Any thread of the
  /// application.
  void abort() {
    lock.lock();
    try {
      if (ending == Ending.NONE) {
        ending = Ending.ABORT;
        if (state == State.SUSPENDED) {
          post(NOTHING);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits until the calling thread may run a step or post one.
  ///
  /// @return whether it may run the step itself
  private boolean awaitTurn() throws IOException {
    while ((state == State.STEPPING && ending == Ending.NONE)
        || (state == State.LENT && !handlerOnWorker && Thread.currentThread() != worker)) {
      changed.awaitUninterruptibly();
    }
    if (ending != Ending.NONE) {
      throw new IOException("the exchange is over");
    }
    return switch (state) {
      case LENT -> true;
      case SUSPENDED -> false;
      case HEAD, STEPPING, ENDING, OVER -> throw new IOException("the connection is closed");
    };
  }

  private void runHere(Step step) throws IOException {
    while (true) {
      Disposition waitsFor = step.run(connection, reader);
      if (waitsFor == null) {
        return;
      }
      if (waitsFor == Disposition.AWAIT_WRITABLE) {
        connection.flush();
      } else {
        var _ = connection.fill(); // the step finds out whether the stream has ended
      }
    }
  }

  private Operation post(Step step) {
    Operation posted = new Operation(step);
    operation = posted;
    state = State.STEPPING;
    connection.resume();
    return posted;
  }

  private Disposition runOperation() throws IOException {
    Operation current = operation;
    if (current == null) {
      throw new IllegalStateException("resumed for nothing");
    }
    try {
      Disposition waitsFor = current.step.run(connection, reader);
      if (waitsFor != null && ending != Ending.ABORT) {
        return waitsFor;
      }
    } catch (IOException e) {
      current.failure = e;
      if (ending != Ending.NONE) {
        ending = Ending.ABORT;
      }
    }
    operation = null;
    current.done = true;
    return ending == Ending.NONE ? suspend() : finish();
  }

  /// Leaves the connection to whoever has the next step. The worker's last action.
  private Disposition suspend() {
    state = State.SUSPENDED;
    changed.signalAll();
    return Disposition.SUSPEND;
  }

  // ---- the end ----

  /// The answer is complete: reads the rest of a body that nobody has read, so that the next
  /// request can be found.
  private Disposition finish() throws IOException {
    changed.signalAll();
    switch (ending) {
      case ABORT -> {
        return over(Disposition.ABORT);
      }
      case CLOSE -> {
        return over(Disposition.CLOSE);
      }
      case NONE, KEEP -> {}
    }
    while (!reader.complete()) {
      reader.parse(connection.input());
      ByteBuffer content = reader.takeContent();
      drained += content.remaining();
      if (drained > dispatcher.settings().drainAmount() || reader.brokenBody()) {
        return over(Disposition.CLOSE);
      }
      boolean more = reader.complete() || content.hasRemaining();
      if (!more && !connection.input().hasRemaining()) {
        int count = connection.tryFill();
        if (count < 0) {
          return over(Disposition.CLOSE);
        } else if (count == 0) {
          state = State.ENDING;
          return Disposition.AWAIT_READABLE;
        }
      }
    }
    return over(server.terminating() ? Disposition.CLOSE : Disposition.KEEP_ALIVE);
  }

  private Disposition over(Disposition disposition) {
    makeOver();
    connection.attach(null);
    dispatcher.giveBack(head);
    return disposition;
  }

  private void makeOver() {
    state = State.OVER;
    if (ending == Ending.NONE) {
      ending = Ending.ABORT;
    }
    Operation waiting = operation;
    if (waiting != null) {
      operation = null;
      if (waiting.failure == null) {
        waiting.failure = new IOException("the connection is closed");
      }
      waiting.done = true;
    }
    changed.signalAll();
    if (counted) {
      counted = false;
      server.ended();
    }
  }
}
