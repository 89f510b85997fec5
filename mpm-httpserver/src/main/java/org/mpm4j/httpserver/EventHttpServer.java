package org.mpm4j.httpserver;

import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ChildContext;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.StopMode;

/// One child of the event model that looks like the JDK's server. Any thread.
final class EventHttpServer extends HttpServer {
  /*
   * Overview: NEW → BOUND → STARTED → STOPPED, or any of them → STOPPED. An in-process server of mpm4j
   * binds and starts in one call. So `bind` makes that call on a thread of its own, whose application
   * waits in open() with the sockets bound, until `start` lets it go on or `stop` makes it fail;
   * clients that connect meanwhile wait in the backlog. From `start` to `stop` a thread keeps the
   * JVM alive, as the JDK's dispatcher does: it is a daemon only if the caller of `start` is one.
   *
   * Ownership: state, mpm and keeper are guarded by this. Engine threads read the contexts, the
   * executor (published by opening the gate), `terminating` and `exchanges`.
   *
   * Shutdown: stop() sets `terminating` and then looks at `exchanges`; a worker counts its exchange and
   * then looks at `terminating`. So either the worker sees that it is too late, or stop waits for its
   * exchange. The engine is ended by a thread of its own, because the end waits for the workers and
   * one of them may be the caller.
   */

  private enum State {
    NEW,
    BOUND,
    STARTED,
    STOPPED
  }

  private final List<ServerContext> contexts = new CopyOnWriteArrayList<>();
  private final AtomicInteger exchanges = new AtomicInteger();
  private final CountDownLatch quiet = new CountDownLatch(1);

  // opened with true by start, with false by stop
  private final CompletableFuture<Boolean> gate = new CompletableFuture<>();

  private State state = State.NEW;
  private @Nullable InetSocketAddress address;
  private @Nullable CompletableFuture<Mpm> running;
  private @Nullable Thread stopper;

  private volatile @Nullable Executor executor;
  private volatile boolean terminating;

  EventHttpServer() {}

  // ---- life ----

  @Override
  public synchronized void bind(InetSocketAddress newAddress, int backlog) throws IOException {
    if (state != State.NEW) {
      throw new BindException("HttpServer already bound");
    }
    Objects.requireNonNull(newAddress, "address");
    if (newAddress.isUnresolved()) {
      throw new SocketException("Unresolved address: " + newAddress);
    }
    HttpServerSettings settings = HttpServerSettings.of(System.getProperties());
    MpmConfig config = settings.config(newAddress, backlog);
    CompletableFuture<InetSocketAddress> bound = new CompletableFuture<>();
    CompletableFuture<Mpm> started = new CompletableFuture<>();
    Thread.ofPlatform()
        .name("mpm-httpserver-start")
        .daemon()
        .start(() -> {
          try {
            started.complete(
                Mpm.startInProcess(config, child -> open(child, config, settings, bound)));
          } catch (Throwable e) {
            bound.completeExceptionally(e);
            started.completeExceptionally(e);
          }
        });
    address = awaitBound(bound);
    running = started;
    state = State.BOUND;
  }

  /// Runs when the sockets are bound, until they may be accepted from.
  private ConnectionHandler open(
      ChildContext child,
      MpmConfig config,
      HttpServerSettings settings,
      CompletableFuture<InetSocketAddress> bound)
      throws IOException {
    bound.complete((InetSocketAddress) child.addresses().getFirst());
    if (!gate.join()) {
      throw new IOException("stopped before it was started");
    }
    return new ExchangeDispatcher(this, settings, config.keepAliveTimeout());
  }

  /// Waits for the sockets, which takes no longer than to bind them: an interrupt is kept for
  /// later.
  private static InetSocketAddress awaitBound(CompletableFuture<InetSocketAddress> bound)
      throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return bound.get();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      Throwable reason = Objects.requireNonNullElse(e.getCause(), e);
      switch (reason) {
        case IOException failure when failure.getCause() instanceof BindException bind -> {
          BindException same = new BindException(bind.getMessage());
          same.initCause(failure);
          throw same;
        }
        case IOException failure -> throw new IOException(failure.getMessage(), failure);
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        default -> throw new IOException(reason);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public synchronized void start() {
    CompletableFuture<Mpm> starting = running;
    if (state != State.BOUND || starting == null) {
      throw new IllegalStateException("server in wrong state");
    }
    if (executor == null) {
      executor = Runnable::run;
    }
    gate.complete(true);
    Mpm mpm = starting.join();
    state = State.STARTED;
    Thread.ofPlatform()
        .name("HTTP-Dispatcher")
        .start(() -> {
          try {
            mpm.join();
          } catch (InterruptedException _) {
            // whoever interrupts it lets the JVM end
          }
        });
  }

  @Override
  public void stop(int delay) {
    if (delay < 0) {
      throw new IllegalArgumentException("negative delay parameter");
    }
    terminating = true;
    gate.complete(false); // unless it is open
    boolean interrupted = false;
    if (exchanges.get() > 0) {
      try {
        var _ = quiet.await(delay, TimeUnit.SECONDS);
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    Thread ending = end();
    if (ending != null && !ExchangeDispatcher.servesOnThisThread()) {
      try {
        ending.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized @Nullable Thread end() {
    state = State.STOPPED;
    CompletableFuture<Mpm> ended = running;
    if (stopper == null && ended != null) {
      stopper =
          Thread.ofPlatform()
              .name("mpm-httpserver-stop")
              .daemon()
              .start(() ->
                  ended
                      .handle((mpm, failure) -> {
                        if (mpm != null) {
                          mpm.stop(StopMode.IMMEDIATE);
                        }
                        return failure;
                      })
                      .join());
    }
    return stopper;
  }

  // ---- for the exchanges ----

  /// Counts an exchange that begins.
  ///
  /// @return false if the server stops and serves no more
  boolean begin() {
    exchanges.incrementAndGet();
    if (terminating) {
      end(exchanges.decrementAndGet());
      return false;
    }
    return true;
  }

  /// Counts an exchange that has ended.
  void ended() {
    end(exchanges.decrementAndGet());
  }

  private void end(int left) {
    if (left == 0 && terminating) {
      quiet.countDown();
    }
  }

  boolean terminating() {
    return terminating;
  }

  /// The context with the longest path that `path` begins with.
  @Nullable ServerContext find(String path) {
    ServerContext longest = null;
    for (ServerContext context : contexts) {
      if (path.startsWith(context.getPath())
          && (longest == null || context.getPath().length() > longest.getPath().length())) {
        longest = context;
      }
    }
    return longest;
  }

  // ---- what it serves ----

  @Override
  public void setExecutor(@Nullable Executor newExecutor) {
    synchronized (this) {
      if (state == State.STARTED) {
        throw new IllegalStateException("server already started");
      }
      executor = newExecutor;
    }
  }

  @Override
  public @Nullable Executor getExecutor() {
    return executor;
  }

  @Override
  public HttpContext createContext(String path, HttpHandler handler) {
    return add(path, Objects.requireNonNull(handler, "handler"));
  }

  @Override
  public HttpContext createContext(String path) {
    return add(path, null);
  }

  private synchronized HttpContext add(String path, @Nullable HttpHandler handler) {
    ServerContext context = new ServerContext(this, Objects.requireNonNull(path, "path"), handler);
    if (exact(path) != null) {
      throw new IllegalArgumentException("there is a context " + path + " already");
    }
    contexts.add(context);
    return context;
  }

  private @Nullable ServerContext exact(String path) {
    for (ServerContext context : contexts) {
      if (context.getPath().equals(path)) {
        return context;
      }
    }
    return null;
  }

  @Override
  public synchronized void removeContext(String path) {
    ServerContext context = exact(Objects.requireNonNull(path, "path"));
    if (context == null) {
      throw new IllegalArgumentException("there is no context " + path);
    }
    contexts.remove(context);
  }

  @Override
  public synchronized void removeContext(HttpContext context) {
    if (!(context instanceof ServerContext) || !contexts.remove(context)) {
      throw new IllegalArgumentException("that is no context of this server");
    }
  }

  @Override
  public synchronized @Nullable InetSocketAddress getAddress() {
    return address;
  }
}
