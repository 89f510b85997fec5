package org.mpm4j.benchmarks;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.mpm4j.impl.os.EpollEvents;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.Linux;
import org.mpm4j.impl.os.ListenSocket;
import org.mpm4j.impl.os.Poller;
import org.mpm4j.impl.os.Syscalls;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What a system call costs by way of [Linux], beside the JDK's way where it has one.
///
/// `getppid` is the least that a call costs, for the C library does not remember its result.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class SystemCallBenchmark {
  private static final int LENGTH = 100;
  private static final int BACKLOG = 16;

  // what is watched for in turn, so that each change is one to the kernel
  private static final int READ = Poller.EPOLLIN;
  private static final int READ_OR_WRITE = Poller.EPOLLIN | Poller.EPOLLOUT;

  private static void expect(int expected, int result, String call) {
    if (result != expected) {
      throw new IllegalStateException(call + " returned " + result + ", not " + expected);
    }
  }

  /// A socket pair, an epoll set with one of the two, and a listener to which nobody connects.
  @State(Scope.Benchmark)
  public static class Calls {
    final Syscalls os = Linux.open();
    private final Arena arena = Arena.ofShared();
    final long address = arena.allocate(LENGTH).address();
    final EpollEvents events = new EpollEvents(BACKLOG);
    final int[] pair = new int[2];
    int epfd;
    int watched = READ;
    ListenSocket listener;

    @Setup
    public void open() throws IOException {
      expect(0, os.socketpair(pair), "socketpair");
      expect(0, os.setNonBlocking(pair[0], true), "fcntl");
      expect(0, os.setNonBlocking(pair[1], true), "fcntl");
      epfd = os.epollCreate();
      expect(0, os.epollCtl(epfd, Syscalls.EPOLL_CTL_ADD, pair[0], READ, 0), "epoll_ctl");
      InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      listener = ListenSocket.bind(os, any, BACKLOG, false, 0, 0);
    }

    @TearDown
    public void close() throws IOException {
      listener.close();
      os.close(epfd);
      os.close(pair[0]);
      os.close(pair[1]);
      events.close();
      arena.close();
    }

    /// Watches for something else than before.
    void modify() {
      watched = watched == READ ? READ_OR_WRITE : READ;
      int result = os.epollCtl(epfd, Syscalls.EPOLL_CTL_MOD, pair[0], watched, 0);
      expect(0, result, "epoll_ctl");
    }
  }

  /// The same by channels. They are Unix-domain sockets as the pair is.
  @State(Scope.Benchmark)
  public static class Channels {
    final ByteBuffer buffer = ByteBuffer.allocateDirect(LENGTH);
    private Path folder;
    private ServerSocketChannel unixListener;
    SocketChannel one;
    SocketChannel other;
    Selector selector;
    SelectionKey key;
    ServerSocketChannel listener;

    @Setup
    public void open() throws IOException {
      folder = Files.createTempDirectory("jmh");
      UnixDomainSocketAddress path = UnixDomainSocketAddress.of(folder.resolve("socket"));
      unixListener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(path);
      one = SocketChannel.open(path);
      other = unixListener.accept();
      one.configureBlocking(false);
      other.configureBlocking(false);
      selector = Selector.open();
      key = one.register(selector, SelectionKey.OP_READ);
      listener = ServerSocketChannel.open();
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
      listener.configureBlocking(false);
    }

    @TearDown
    public void close() throws IOException {
      listener.close();
      selector.close();
      one.close();
      other.close();
      unixListener.close();
      Files.delete(folder.resolve("socket"));
      Files.delete(folder);
    }
  }

  @Benchmark
  public int getppid(Calls calls) {
    return calls.os.getppid();
  }

  @Benchmark
  public void epollCtlMod(Calls calls) {
    calls.modify();
  }

  /// Changes what is watched for, and looks what is ready.
  @Benchmark
  public int epollCtlModAndWait(Calls calls) {
    calls.modify();
    int ready = calls.os.epollWait(calls.epfd, calls.events, 0);
    expect(calls.watched == READ ? 0 : 1, ready, "epoll_wait");
    return ready;
  }

  /// The same: a selector tells the kernel of a change when it is asked what is ready.
  @Benchmark
  public int epollCtlModAndWaitJdk(Channels channels) throws IOException {
    boolean read = channels.key.interestOps() == SelectionKey.OP_READ;
    channels.key.interestOps(
        read ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
    int ready = channels.selector.selectNow();
    expect(read ? 1 : 0, ready, "selectNow");
    channels.selector.selectedKeys().clear();
    return ready;
  }

  /// 100 bytes from one socket to the other: two calls.
  @Benchmark
  public void sendAndRecv(Calls calls) {
    expect(LENGTH, calls.os.send(calls.pair[0], calls.address, LENGTH, false), "send");
    expect(LENGTH, calls.os.recv(calls.pair[1], calls.address, LENGTH), "recv");
  }

  @Benchmark
  public void sendAndRecvJdk(Channels channels) throws IOException {
    expect(LENGTH, channels.one.write(channels.buffer.clear()), "write");
    expect(LENGTH, channels.other.read(channels.buffer.clear()), "read");
  }

  /// There is nothing to accept.
  @Benchmark
  public void accept(Calls calls) {
    expect(-Errno.EAGAIN, calls.os.accept4(calls.listener.fd()), "accept4");
  }

  @Benchmark
  public void acceptJdk(Channels channels) throws IOException {
    if (channels.listener.accept() != null) {
      throw new IllegalStateException("somebody has connected to " + channels.listener);
    }
  }
}
