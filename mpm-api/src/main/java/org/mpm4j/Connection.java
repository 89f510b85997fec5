package org.mpm4j;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One accepted connection: a byte stream in each direction, and an attachment.
///
/// **Ownership.** A connection belongs to exactly one party at a time: the engine, or the handler
/// from the call until it returns. No method but [#resume()] may be called by anybody else; what
/// happens otherwise is undefined.
///
/// **Input** is a buffer lent by the worker for the time of the call: [#input()] holds what was
/// received and not consumed. Consume by moving its position. What is left when the handler returns
/// is kept and is there again at the next call, so no byte is ever forgotten; no buffer is held
/// while the connection waits.
///
/// **Output** is buffered: [#write(ByteBuffer)] copies what fits and sends when the buffer is full.
/// The engine sends the rest when the handler returns, and sends the answers to pipelined requests
/// together.
///
/// Blocking methods wait at most `Timeout` (or what [#timeout(Duration)] said) for the client and
/// then throw [java.net.SocketTimeoutException]. All methods throw an [IOException] when the
/// connection was lost. A layer such as TLS stands below this interface: `input` holds plain text.
public interface Connection {
  /// The received bytes that were not consumed yet, ready to be read.
  ///
  /// @return the lent buffer, always the same object during one call of the handler; direct,
  ///   big-endian; valid until the handler returns
  ByteBuffer input();

  /// Receives more bytes behind those in [#input()], waiting for at least one.
  ///
  /// @return how many were added, or -1 if the client ended its stream
  /// @throws java.nio.BufferOverflowException if `input` is full of unconsumed bytes
  /// @throws java.net.SocketTimeoutException if nothing came in time
  /// @throws IOException if the connection was lost
  int fill() throws IOException;

  /// Receives what is there now behind the bytes in [#input()]; never blocks.
  ///
  /// @return how many bytes were added, 0 if none is there now, -1 if the client ended its stream
  /// @throws java.nio.BufferOverflowException if `input` is full of unconsumed bytes
  /// @throws IOException if the connection was lost
  int tryFill() throws IOException;

  /// Reads bytes into `target` for plain blocking code: first from [#input()], else from the
  /// network, waiting for at least one.
  ///
  /// @param target where the bytes go; must have room
  /// @return how many bytes were read, or -1 if the client ended its stream
  /// @throws java.net.SocketTimeoutException if nothing came in time
  /// @throws IOException if the connection was lost
  int read(ByteBuffer target) throws IOException;

  /// The free part of the output buffer, for handlers that format in place: what is put here
  /// follows what was written before. Sends nothing and never blocks.
  ///
  /// @return the lent buffer, valid until the handler returns; it may have little or no room (see
  ///   [#flush()])
  ByteBuffer output();

  /// Writes all of `source`, in order behind what was written before; blocks only while the output
  /// buffer is full and the client does not read. Nothing is sent before the buffer is full,
  /// [#flush()] is called, or the handler returns.
  ///
  /// @param source the bytes; consumed when the method returns and then the caller's again
  /// @throws java.net.SocketTimeoutException if the client took nothing in time
  /// @throws IOException if the connection was lost
  void write(ByteBuffer source) throws IOException;

  /// Appends `source` to the output without ever blocking, however long it is.
  ///
  /// @param source the bytes from position to limit; they belong to the connection from now on and
  ///   must not be changed until it is closed or the handler is called again after
  ///   [Disposition#AWAIT_WRITABLE]
  void enqueue(ByteBuffer source);

  /// Appends a region of a file to the output without ever blocking for the client
  /// ([sendfile(2)](https://man7.org/linux/man-pages/man2/sendfile.2.html)). The file is opened
  /// now, and closed when it has been sent or the connection ends. If the file turns out to be
  /// shorter, the connection is aborted, since the client was promised more.
  ///
  /// @param file a regular file
  /// @param position the first byte, 0 or more
  /// @param count how many bytes, 0 or more
  /// @throws java.nio.file.NoSuchFileException if there is no such file; nothing was appended
  /// @throws IOException if it cannot be opened; nothing was appended
  void sendfile(Path file, long position, long count) throws IOException;

  /// Sends everything written so far and waits until the kernel has taken it.
  ///
  /// @throws java.net.SocketTimeoutException if the client took nothing in time
  /// @throws IOException if the connection was lost
  void flush() throws IOException;

  /// How many bytes were appended and not yet taken by the kernel, file regions included. A handler
  /// that produces more than it wants to keep returns [Disposition#AWAIT_WRITABLE].
  ///
  /// @return a number of bytes, 0 if everything is on its way
  long pendingOutput();

  /// Whether this connection may serve another exchange: `KeepAlive` is on, fewer than
  /// `MaxKeepAliveRequests` were served, the child is not draining, and, under prefork and worker,
  /// no client waits for a worker while every worker keeps a connection. A handler that finds false
  /// should tell its client (HTTP: `Connection: close`) and return [Disposition#CLOSE].
  ///
  /// @return false if the connection should end with this exchange
  boolean mayKeepAlive();

  /// Says that the head of the request is complete: from now on the `body` part of
  /// `RequestReadTimeout` applies to the rest of the exchange (httpd's mod_reqtimeout).
  void headComplete();

  /// Sets how long blocking methods and write completion wait for the client, instead of `Timeout`,
  /// until the connection ends.
  ///
  /// @param timeout more than zero
  void timeout(Duration timeout);

  /// Asks for patience with this call of the handler: `RequestSlowLogTimeout` and
  /// `RequestTerminateTimeout` take no effect before `fromNow` has passed. For work that is known
  /// to be long; may be called again and again while the work makes progress, and a call replaces
  /// what the last one said. It ends with the call of the handler, and never makes the timeouts
  /// shorter.
  ///
  /// @param fromNow zero or more
  void extendDeadline(Duration fromNow);

  /// Says for the server's status what this call of the handler serves, such as the first line of
  /// an HTTP request: [MpmStatus.Worker#request()]. Costs some ten nanoseconds, and nothing where
  /// it is not called; without it the status shows no request.
  ///
  /// What counts is the first line from the position of `text` on, at most some hundred bytes of
  /// it. Passwords in URLs are left out (`//user:password@host` becomes `//user@host`), and what is
  /// not printable ASCII is escaped as `\xNN`, so that a client cannot put anything harmful into
  /// it.
  ///
  /// @param text not changed, nor kept
  void describe(ByteBuffer text);

  /// Gives back a connection that was suspended with [Disposition#SUSPEND]; the handler is called
  /// again soon, on a worker. May be called from any thread, also before the handler that suspends
  /// it has returned; never blocks. What the caller did before happens-before that call.
  ///
  /// @throws IllegalStateException if it was resumed already
  void resume();

  /// The application's object for this connection, such as a parser's state.
  ///
  /// @return the object last attached, or null
  @Nullable Object attachment();

  /// Attaches `object`, in place of what was attached before.
  ///
  /// @param object the new attachment, or null for none
  void attach(@Nullable Object object);

  /// How many exchanges were completed on this connection before this one.
  ///
  /// @return 0 during the first one
  int exchanges();

  /// The client's address: an [java.net.InetSocketAddress], or a [java.net.UnixDomainSocketAddress]
  /// (with an empty path for an unnamed client). Asked of the kernel at the first call.
  ///
  /// @return the address
  /// @throws IOException if the connection was lost before the first call
  SocketAddress remoteAddress() throws IOException;

  /// The address that the client connected to; kinds as in [#remoteAddress()].
  ///
  /// @return the address
  /// @throws IOException if the connection was lost before the first call
  SocketAddress localAddress() throws IOException;

  /// This connection as a socket, for code that knows nothing else. All input and output goes
  /// through it from the first call on until the handler returns: what [#input()] holds is what it
  /// reads first, and what was written before is sent now. `input`, `output` and the methods that
  /// read, write or flush throw [IllegalStateException] from then on.
  ///
  /// **The end.** When the handler returns, the connection ends, whatever it returned: as with
  /// [Disposition#CLOSE], or at once with [Disposition#ABORT] or if the socket was closed. Closing
  /// the socket is close(2), at once and with what `SO_LINGER` says; the caller waits for as long
  /// as that lingers. A thread that still uses the socket after the handler has returned gets a
  /// [java.net.SocketException].
  ///
  /// **Time.** [Socket#getSoTimeout()] is `Timeout` (or what [#timeout(Duration)] said) at first,
  /// so that no client holds a worker for ever: a read that waits longer throws
  /// [java.net.SocketTimeoutException], and the socket can be used afterwards. Code that sets
  /// another limit gets that; `setSoTimeout(0)` waits without limit. A write whose client takes
  /// nothing for `Timeout` throws a [java.net.SocketException], whatever `SO_TIMEOUT` is, and so
  /// does every use of the socket once the server stops at once.
  ///
  /// **Threads.** One thread may read while another writes, and any thread may close the socket,
  /// which ends their waits with a `SocketException`. [Thread#interrupt()] does not end a wait, as
  /// with the sockets of the JDK; when `RequestTerminateTimeout` interrupts the handler it also
  /// cuts the socket off: its uses, those in progress too, throw `SocketException`.
  ///
  /// **What differs from a socket of the JDK.** There are no urgent data: [Socket#sendUrgentData]
  /// throws. There is no channel. [#describe], [#extendDeadline], [#mayKeepAlive] and the
  /// attachment work as ever. Where the client came through a Unix-domain socket, both addresses
  /// are the loopback address with port 0, and `TCP_NODELAY` and the traffic class are remembered
  /// but mean nothing; [#remoteAddress()] tells the truth.
  ///
  /// @return the socket, the same object at each call; connected; owned by the connection
  /// @throws java.net.SocketTimeoutException if what was written before was not taken in time
  /// @throws IOException if the connection was lost, or there is no descriptor left
  Socket socket() throws IOException;
}
