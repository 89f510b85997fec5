package org.mpm4j.comparison.servers;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.mpm4j.impl.os.Errno;
import org.mpm4j.impl.os.Linux;
import org.mpm4j.impl.os.ListenSocket;
import org.mpm4j.impl.os.Poller;
import org.mpm4j.impl.os.Syscalls;

/// What a loop over epoll costs without a server in it: one thread that looks for the empty line at
/// the end of each head and answers the same bytes. It parses nothing, so it can neither close when
/// it is asked to nor read a body.
public final class EpollFloor {
  private static final int BUFFER = 64 * 1024;
  private static final int EVENTS = 512;
  private static final int LISTENER = 0; // no connection has this descriptor

  // where in CR LF CR LF a connection is
  private static final byte[] END = {'\r', '\n', '\r', '\n'};

  private final Syscalls os;
  private final Poller poller;
  private final int listenFd;
  private final MemorySegment input = Arena.global().allocate(BUFFER);
  private final MemorySegment answers;
  private final int answerLength;
  private final int mostAnswers;
  private byte[] progress = new byte[1024]; // by descriptor

  private EpollFloor(Syscalls os, Poller poller, int listenFd) {
    this.os = os;
    this.poller = poller;
    this.listenFd = listenFd;
    String answer =
        "HTTP/1.1 200 OK\r\nDate: "
            + Answers.date()
            + "\r\nServer: floor\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\n"
            + new String(Answers.hello(), StandardCharsets.US_ASCII);
    answerLength = answer.length();
    mostAnswers = BUFFER / answerLength;
    answers = Arena.global().allocate(BUFFER);
    byte[] bytes = answer.repeat(mostAnswers).getBytes(StandardCharsets.US_ASCII);
    MemorySegment.copy(bytes, 0, answers, ValueLayout.JAVA_BYTE, 0, bytes.length);
  }

  /// Serves until it is killed.
  ///
  /// @param args as [ServerArguments] has them
  public static void main(String... args) throws IOException {
    ServerArguments arguments = ServerArguments.of(args);
    Syscalls os = Linux.open();
    try (ListenSocket listener =
            ListenSocket.bind(os, arguments.address(), ServerArguments.BACKLOG, false, 0, 0);
        Poller poller = Poller.open(os, EVENTS)) {
      check(poller.add(listener.fd(), Poller.EPOLLIN, LISTENER));
      new EpollFloor(os, poller, listener.fd()).serve();
    }
  }

  private static void check(int result) throws IOException {
    if (result < 0) {
      throw Errno.exception("epoll", result);
    }
  }

  private void serve() throws IOException {
    while (true) {
      int ready = poller.await(-1);
      check(ready);
      for (int i = 0; i < ready; i++) {
        int fd = (int) poller.data(i);
        if (fd == LISTENER) {
          accept();
        } else {
          read(fd);
        }
      }
    }
  }

  private void accept() throws IOException {
    int fd;
    while ((fd = os.accept4(listenFd)) >= 0) {
      if (fd >= progress.length) {
        progress = java.util.Arrays.copyOf(progress, Math.max(fd + 1, progress.length * 2));
      }
      progress[fd] = 0;
      check(os.setsockopt(fd, Syscalls.IPPROTO_TCP, Syscalls.TCP_NODELAY, 1));
      check(poller.add(fd, Poller.EPOLLIN | Poller.EPOLLRDHUP, fd));
    }
  }

  private void read(int fd) {
    int count = os.recv(fd, input.address(), BUFFER);
    if (count == -Errno.EAGAIN) {
      return;
    }
    int heads = count <= 0 ? 0 : heads(fd, count);
    // a client that does not read its answers is of no use here
    if (count <= 0 || (heads > 0 && !answer(fd, heads))) {
      os.close(fd);
    }
  }

  private int heads(int fd, int count) {
    int heads = 0;
    byte at = progress[fd];
    for (int i = 0; i < count; i++) {
      byte b = input.get(ValueLayout.JAVA_BYTE, i);
      if (b == END[at]) {
        at++;
        if (at == END.length) {
          heads++;
          at = 0;
        }
      } else {
        at = (byte) (b == '\r' ? 1 : 0);
      }
    }
    progress[fd] = at;
    return heads;
  }

  private boolean answer(int fd, int heads) {
    int left = heads;
    while (left > 0) {
      int length = Math.min(left, mostAnswers) * answerLength;
      if (os.send(fd, answers.address(), length, false) != length) {
        return false;
      }
      left -= mostAnswers;
    }
    return true;
  }
}
