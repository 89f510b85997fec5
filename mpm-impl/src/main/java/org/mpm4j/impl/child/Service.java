package org.mpm4j.impl.child;

import java.io.IOException;
import java.util.function.LongSupplier;
import org.mpm4j.ConnectionHandler;
import org.mpm4j.impl.os.Syscalls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What all connections of a child have in common.
final class Service {
  private static final Logger log = LoggerFactory.getLogger(Service.class);

  final Syscalls os;
  final ConnectionHandler handler;
  final Limits limits;
  final LongSupplier nanoTime;
  final Interruption drain;
  final Interruption terminate;
  final RequestTimeouts requestTimeouts;

  // any thread
  private volatile boolean accepting = true;
  private volatile boolean takingBacklog;

  // any thread runs it, when a handler has run out of memory
  private final Runnable outOfMemory;

  Service(
      Syscalls os,
      ConnectionHandler handler,
      Limits limits,
      RequestTimeouts requestTimeouts,
      LongSupplier nanoTime,
      Interruption drain,
      Interruption terminate,
      Runnable outOfMemory) {
    this.os = os;
    this.handler = handler;
    this.limits = limits;
    this.requestTimeouts = requestTimeouts;
    this.nanoTime = nanoTime;
    this.drain = drain;
    this.terminate = terminate;
    this.outOfMemory = outOfMemory;
  }

  boolean draining() {
    return drain.raised();
  }

  /// Whether the child may accept; a draining one may not, whatever this says.
  boolean accepting() {
    return accepting;
  }

  void accepting(boolean value) {
    accepting = value;
  }

  /// Whether the child accepts, when it drains, what waits in the backlog by then.
  boolean takesBacklog() {
    return takingBacklog;
  }

  /// Before the drain is raised.
  void takeBacklog() {
    takingBacklog = true;
  }

  /// The client went away, or was too slow.
  void lost(SocketConnection connection, IOException reason) {
    log.debug("{} lost: {}", connection, reason.toString());
  }

  /// The application threw.
  void failed(SocketConnection connection, Throwable reason) {
    log.error("{} aborted: the handler failed", connection, reason);
    if (reason instanceof OutOfMemoryError) {
      outOfMemory.run();
    }
  }

  /// Tells the application; whatever it throws, the connection is closed already.
  void closed(SocketConnection connection) {
    try {
      handler.closed(connection);
    } catch (RuntimeException | Error e) {
      failed(connection, e);
    }
  }
}
