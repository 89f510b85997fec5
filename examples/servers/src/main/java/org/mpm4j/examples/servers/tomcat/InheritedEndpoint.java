package org.mpm4j.examples.servers.tomcat;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import org.apache.tomcat.util.net.NioEndpoint;
import org.jspecify.annotations.Nullable;
import org.mpm4j.InheritedListener;
import org.mpm4j.ServerContext;

/// Tomcat's NIO endpoint on an inherited listener.
///
/// Overview. Tomcat's own ways to end its accepting lose connections between processes that share a
/// socket: it connects to its port to wake its acceptor, which a sibling may accept, and what it
/// accepts while it is paused it drops. Here the channel is closed first, which wakes the acceptor
/// by itself; the acceptor then waits in [#serverSocketAccept()] until Tomcat stops. So everything
/// that was accepted is served, and the rest stays in the backlog for the siblings. A pause is for
/// good: such an endpoint cannot be resumed.
public final class InheritedEndpoint extends NioEndpoint {
  private final InheritedListener listener;
  private final ServerContext server;

  /// Released when the acceptor has seen that the channel is closed: all it accepted is known.
  private final CountDownLatch ended = new CountDownLatch(1);

  // set before the acceptor starts
  private @Nullable ServerSocketChannel channel;

  // the acceptor only: countDownConnection follows for a connection that never was
  private volatile @Nullable Thread failed;

  /// @param listener what to accept from
  /// @param server to report connections to
  public InheritedEndpoint(InheritedListener listener, ServerContext server) {
    this.listener = listener;
    this.server = server;
  }

  /// Accepts no more, and returns when what was accepted is among [#getConnections()].
  ///
  /// @throws IOException if the channel cannot be closed
  /// @throws InterruptedException if the thread is interrupted
  public void endAccepting() throws IOException, InterruptedException {
    doCloseServerSocket();
    ended.await();
  }

  @Override
  protected void initServerSocket() throws IOException {
    channel = listener.openChannel();
  }

  @Override
  protected @Nullable NetworkChannel getServerSocket() {
    return channel;
  }

  @Override
  protected SocketChannel serverSocketAccept() throws IOException, InterruptedException {
    ServerSocketChannel from = channel;
    try {
      if (from == null) {
        throw new ClosedChannelException();
      }
      SocketChannel accepted = from.accept();
      server.load().connectionOpened();
      return accepted;
    } catch (ClosedChannelException e) {
      ended.countDown();
      while (isRunning()) {
        Thread.sleep(5); // between two looks
      }
      failed = Thread.currentThread();
      throw e;
    } catch (IOException e) {
      failed = Thread.currentThread();
      throw e;
    }
  }

  /// Called once for each connection that was accepted, and for each accept that failed.
  @Override
  protected long countDownConnection() {
    if (failed == Thread.currentThread()) {
      failed = null;
    } else {
      server.load().connectionClosed();
    }
    return super.countDownConnection();
  }

  /// Instead of a connection to the port.
  @Override
  protected void unlockAccept() {
    try {
      doCloseServerSocket();
    } catch (IOException e) {
      getLog().warn("could not close " + listener.address(), e);
    }
  }

  @Override
  protected void doCloseServerSocket() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }
}
