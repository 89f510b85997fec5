package org.mpm4j.impl.os;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The system calls of Linux, through the C library.
public final class Linux implements Syscalls {
  /*
   * Overview: the functions that a child calls are looked up by open. What only a supervisor calls is
   * in ProcessCalls, looked up when the first process is started; what changes the identity of a
   * process is in IdentityCalls, looked up where a User is configured.
   * Constants are those of x86-64 and aarch64, which agree on every one used here.
   */
  private static final int SOCK_DGRAM = 2; // bits/socket_type.h
  private static final int SOCK_CLOEXEC = 0x80000; // bits/socket_type.h
  private static final int SOCK_NONBLOCK = 0x800; // bits/socket_type.h
  private static final int MSG_PEEK = 0x02; // bits/socket.h
  private static final int MSG_DONTWAIT = 0x40; // bits/socket.h
  private static final int MSG_NOSIGNAL = 0x4000; // bits/socket.h
  private static final int MSG_MORE = 0x8000; // bits/socket.h
  private static final int O_RDONLY = 0; // asm-generic/fcntl.h
  private static final int O_NOCTTY = 0x100; // asm-generic/fcntl.h
  private static final int O_NONBLOCK = 0x800; // asm-generic/fcntl.h
  private static final int O_CLOEXEC = 0x80000; // asm-generic/fcntl.h
  private static final int F_SETFD = 2; // asm-generic/fcntl.h
  private static final int FD_CLOEXEC = 1; // asm-generic/fcntl.h
  private static final int F_GETFL = 3; // asm-generic/fcntl.h
  private static final int F_SETFL = 4; // asm-generic/fcntl.h
  private static final int F_DUPFD_CLOEXEC = 1030; // linux/fcntl.h
  private static final int EPOLL_CLOEXEC = 0x80000; // sys/epoll.h
  private static final int EFD_CLOEXEC = 0x80000; // sys/eventfd.h
  private static final int EFD_NONBLOCK = 0x800; // sys/eventfd.h
  private static final int MFD_CLOEXEC = 0x1; // linux/memfd.h
  private static final int FIONREAD = 0x541B; // asm-generic/ioctls.h
  private static final int SO_LINGER = 13; // asm-generic/socket.h
  private static final int RLIMIT_NOFILE = 7; // asm-generic/resource.h
  private static final long RLIM_INFINITY = -1; // asm-generic/resource.h: ~0UL

  private Linux() {}

  /// Links the C library.
  ///
  /// @throws UnsupportedOperationException if this machine or JVM cannot: the message names what is
  ///   needed
  public static Linux open() {
    String system = System.getProperty("os.name");
    String processor = System.getProperty("os.arch");
    if (!system.equals("Linux") || !(processor.equals("amd64") || processor.equals("aarch64"))) {
      throw new UnsupportedOperationException(
          "mpm4j needs Linux on x86-64 or aarch64; this is " + system + " on " + processor);
    }
    if (!Linked.FAILURE.isEmpty()) {
      throw new UnsupportedOperationException(Linked.FAILURE);
    }
    return new Linux();
  }

  private static String explain(@Nullable Throwable failure) {
    if (failure instanceof IllegalCallerException) {
      Module module = Linux.class.getModule();
      return "mpm4j calls the C library, which this JVM does not allow; start it with"
          + " --enable-native-access="
          + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
    }
    return "mpm4j cannot use the C library: " + (failure == null ? "?" : failure.getMessage());
  }

  /// Links once, and remembers why it failed: a class whose initializer threw does not say so
  /// again.
  private static final class Linked {
    static final String FAILURE = link();

    private static String link() {
      try {
        int _ = Libc.call32(Functions.GETPID, 0);
        return "";
      } catch (ExceptionInInitializerError e) {
        return explain(e.getCause());
      }
    }
  }

  @Override
  public int accept4(int listenFd) {
    return Libc.call32(Functions.ACCEPT4, listenFd, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
  }

  @Override
  public int recv(int fd, long address, int length) {
    return recv(fd, address, length, 0);
  }

  @Override
  public int recvPeek(int fd) {
    return recv(fd, CallMemory.current().at(CallMemory.WORD), 1, MSG_PEEK | MSG_DONTWAIT);
  }

  private static int recv(int fd, long address, int length, int flags) {
    while (true) {
      int result = Libc.call32(Functions.RECV, fd, address, length, flags);
      if (result != -Errno.EINTR) {
        return result;
      }
    }
  }

  @Override
  public int fionread(int fd) {
    CallMemory memory = CallMemory.current();
    long countAt = memory.at(CallMemory.WORD);
    int result = Libc.call32(Functions.IOCTL, memory, fd, FIONREAD, countAt, 0, 0, 0);
    return result < 0 ? result : memory.all().get(ValueLayout.JAVA_INT, CallMemory.WORD);
  }

  @Override
  public int send(int fd, long address, int length, boolean more) {
    int flags = more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL;
    while (true) {
      int result = Libc.call32(Functions.SEND, fd, address, length, flags);
      if (result != -Errno.EINTR) {
        return result;
      }
    }
  }

  @Override
  public long sendfile(int outFd, int inFd, long offset, long count) {
    CallMemory memory = CallMemory.current();
    while (true) {
      long result =
          Libc.call64(Functions.SENDFILE, memory, outFd, inFd, memory.word(offset), count, 0, 0);
      if (result != -Errno.EINTR) {
        return result;
      }
    }
  }

  @Override
  public int read(int fd, long address, int length) {
    return Libc.call32(Functions.READ, fd, address, length);
  }

  @Override
  public int write(int fd, long address, int length) {
    return Libc.call32(Functions.WRITE, fd, address, length);
  }

  @Override
  public int shutdown(int fd, int how) {
    return Libc.call32(Functions.SHUTDOWN, fd, how);
  }

  @Override
  public int close(int fd) {
    return Libc.call32(Functions.CLOSE, fd);
  }

  @Override
  public int open(String path) {
    long address = CallMemory.current().path(path);
    if (address < 0) {
      return (int) address;
    }
    while (true) {
      int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
      int result = Libc.call32(Functions.OPEN, address, flags, 0);
      if (result != -Errno.EINTR) {
        return result;
      }
    }
  }

  @Override
  public int epollCreate() {
    return Libc.call32(Functions.EPOLL_CREATE1, EPOLL_CLOEXEC);
  }

  @Override
  public int epollCtl(int epfd, int op, int fd, int events, long data) {
    CallMemory memory = CallMemory.current();
    return Libc.call32(Functions.EPOLL_CTL, memory, epfd, op, fd, memory.event(events, data), 0, 0);
  }

  @Override
  public int epollWait(int epfd, EpollEvents events, int timeoutMillis) {
    return Libc.call32(
        Functions.EPOLL_WAIT, epfd, events.address(), events.capacity(), timeoutMillis);
  }

  @Override
  public int eventfd() {
    return Libc.call32(Functions.EVENTFD, 0, EFD_CLOEXEC | EFD_NONBLOCK);
  }

  @Override
  public int poll(PollSet set, int timeoutMillis) {
    return Libc.call32(Functions.POLL, set.address(), set.count(), timeoutMillis);
  }

  @Override
  public int socket(int domain) {
    return Libc.call32(Functions.SOCKET, domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
  }

  @Override
  public int datagramSocket() {
    return Libc.call32(Functions.SOCKET, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  }

  @Override
  public int sendto(int fd, long address, int length, SocketAddress to) {
    CallMemory memory = CallMemory.current();
    int size = NativeAddress.write(memory, to);
    if (size < 0) {
      return size;
    }
    int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    long toAt = memory.at(CallMemory.ADDRESS);
    return Libc.call32(Functions.SENDTO, memory, fd, address, length, flags, toAt, size);
  }

  @Override
  public int bind(int fd, SocketAddress address) {
    return callWithAddress(Functions.BIND, fd, address);
  }

  @Override
  public int listen(int fd, int backlog) {
    return Libc.call32(Functions.LISTEN, fd, backlog);
  }

  @Override
  public int connect(int fd, SocketAddress address) {
    return callWithAddress(Functions.CONNECT, fd, address);
  }

  private static int callWithAddress(MemorySegment function, int fd, SocketAddress address) {
    CallMemory memory = CallMemory.current();
    int length = NativeAddress.write(memory, address);
    return length < 0
        ? length
        : Libc.call32(function, memory, fd, memory.at(CallMemory.ADDRESS), length, 0, 0, 0);
  }

  @Override
  public int setsockopt(int fd, int level, int name, int value) {
    CallMemory memory = CallMemory.current();
    memory.all().set(ValueLayout.JAVA_INT, CallMemory.WORD, value);
    long valueAt = memory.at(CallMemory.WORD);
    return Libc.call32(Functions.SETSOCKOPT, memory, fd, level, name, valueAt, Integer.BYTES, 0);
  }

  // struct linger (bits/socket.h): { int l_onoff; int l_linger; }
  @Override
  public int setLinger(int fd, int seconds) {
    CallMemory memory = CallMemory.current();
    memory.all().set(ValueLayout.JAVA_INT, CallMemory.WORD, seconds < 0 ? 0 : 1);
    memory.all().set(ValueLayout.JAVA_INT, CallMemory.WORD + Integer.BYTES, Math.max(0, seconds));
    long at = memory.at(CallMemory.WORD);
    return Libc.call32(Functions.SETSOCKOPT, memory, fd, SOL_SOCKET, SO_LINGER, at, Long.BYTES, 0);
  }

  @Override
  public int getsockopt(int fd, int level, int name) {
    CallMemory memory = CallMemory.current();
    memory.all().set(ValueLayout.JAVA_INT, CallMemory.ADDRESS_LENGTH, Integer.BYTES);
    long valueAt = memory.at(CallMemory.WORD);
    long lengthAt = memory.at(CallMemory.ADDRESS_LENGTH);
    int result = Libc.call32(Functions.GETSOCKOPT, memory, fd, level, name, valueAt, lengthAt, 0);
    return result < 0 ? result : memory.all().get(ValueLayout.JAVA_INT, CallMemory.WORD);
  }

  @Override
  public SocketAddress getsockname(int fd) throws IOException {
    return name(Functions.GETSOCKNAME, fd, "could not get the local address of a socket");
  }

  @Override
  public SocketAddress getpeername(int fd) throws IOException {
    return name(Functions.GETPEERNAME, fd, "could not get the remote address of a socket");
  }

  @Override
  public long getpeernameIpv4(int fd) {
    CallMemory memory = CallMemory.current();
    int result = name(Functions.GETPEERNAME, memory, fd);
    return result < 0 ? result : NativeAddress.readIpv4(memory);
  }

  private static SocketAddress name(MemorySegment function, int fd, String failure)
      throws IOException {
    CallMemory memory = CallMemory.current();
    int result = name(function, memory, fd);
    if (result < 0) {
      throw Errno.exception(failure, result);
    }
    return NativeAddress.read(memory);
  }

  private static int name(MemorySegment function, CallMemory memory, int fd) {
    long lengthAt = CallMemory.ADDRESS_LENGTH;
    memory.all().set(ValueLayout.JAVA_INT, lengthAt, (int) CallMemory.ADDRESS_SIZE);
    long addressAt = memory.at(CallMemory.ADDRESS);
    return Libc.call32(function, memory, fd, addressAt, memory.at(lengthAt), 0, 0, 0);
  }

  @Override
  public int socketpair(int[] pair) {
    CallMemory memory = CallMemory.current();
    long pairAt = memory.at(CallMemory.WORD);
    int type = SOCK_STREAM | SOCK_CLOEXEC;
    int result = Libc.call32(Functions.SOCKETPAIR, memory, AF_UNIX, type, 0, pairAt, 0, 0);
    return pair(memory, result, pair);
  }

  private static int pair(CallMemory memory, int result, int[] pair) {
    if (result == 0) {
      pair[0] = memory.all().get(ValueLayout.JAVA_INT, CallMemory.WORD);
      pair[1] = memory.all().get(ValueLayout.JAVA_INT, CallMemory.WORD + Integer.BYTES);
    }
    return result;
  }

  @Override
  public int memfdCreate(String name) {
    long address = CallMemory.current().path(name);
    return address < 0 ? (int) address : Libc.call32(Functions.MEMFD_CREATE, address, MFD_CLOEXEC);
  }

  @Override
  public int ftruncate(int fd, long length) {
    return Libc.call32(Functions.FTRUNCATE, fd, length);
  }

  @Override
  public int fcntlDupFd(int fd, int atLeast) {
    return Libc.call32(Functions.FCNTL, fd, F_DUPFD_CLOEXEC, atLeast);
  }

  @Override
  public int dup2(int oldFd, int newFd) {
    return Libc.call32(Functions.DUP2, oldFd, newFd);
  }

  @Override
  public int pipe2(int[] pair, boolean nonBlocking) {
    CallMemory memory = CallMemory.current();
    int flags = nonBlocking ? O_CLOEXEC | O_NONBLOCK : O_CLOEXEC;
    long pairAt = memory.at(CallMemory.WORD);
    return pair(memory, Libc.call32(Functions.PIPE2, memory, pairAt, flags, 0, 0, 0, 0), pair);
  }

  @Override
  public int setCloseOnExec(int fd) {
    return Libc.call32(Functions.FCNTL, fd, F_SETFD, FD_CLOEXEC);
  }

  @Override
  public int setNonBlocking(int fd, boolean on) {
    int flags = Libc.call32(Functions.FCNTL, fd, F_GETFL, 0);
    if (flags < 0) {
      return flags;
    }
    return Libc.call32(Functions.FCNTL, fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
  }

  @Override
  public int nonBlocking(int fd) {
    int flags = Libc.call32(Functions.FCNTL, fd, F_GETFL, 0);
    return flags < 0 ? flags : (flags & O_NONBLOCK) == 0 ? 0 : 1;
  }

  @Override
  public int posixSpawn(SpawnRequest request) {
    return ProcessCalls.spawn(this, request);
  }

  @Override
  public int pidfdOpen(int pid) {
    return ProcessCalls.pidfdOpen(pid);
  }

  @Override
  public int waitpid(int pid, boolean noHang, int[] status) {
    return ProcessCalls.waitpid(pid, noHang, status);
  }

  @Override
  public int kill(int pid, int signal) {
    return ProcessCalls.kill(pid, signal);
  }

  @Override
  public int killpg(int group, int signal) {
    return ProcessCalls.killpg(group, signal);
  }

  @Override
  public int getpid() {
    return Libc.call32(Functions.GETPID, 0);
  }

  @Override
  public int getppid() {
    return Libc.call32(Functions.GETPPID, 0);
  }

  @Override
  public long getuid() {
    return IdentityCalls.getuid();
  }

  @Override
  public long geteuid() {
    return IdentityCalls.geteuid();
  }

  @Override
  public long getgid() {
    return IdentityCalls.getgid();
  }

  @Override
  public int setgroups(List<Long> gids) {
    return IdentityCalls.setgroups(gids);
  }

  @Override
  public int setresgid(long gid) {
    return IdentityCalls.setresgid(gid);
  }

  @Override
  public int setresuid(long uid) {
    return IdentityCalls.setresuid(uid);
  }

  @Override
  public int prctl(int option, long argument) {
    return IdentityCalls.prctl(option, argument);
  }

  @Override
  public long openFileLimit() {
    return openFileLimit(0);
  }

  @Override
  public long openFileHardLimit() {
    return openFileLimit(Long.BYTES);
  }

  // struct rlimit (bits/resource.h): { rlim_t rlim_cur; rlim_t rlim_max; }
  private static long openFileLimit(long offset) {
    CallMemory memory = CallMemory.current();
    long limitAt = memory.at(CallMemory.ADDRESS);
    int result = Libc.call32(Functions.GETRLIMIT, memory, RLIMIT_NOFILE, limitAt, 0, 0, 0, 0);
    if (result < 0) {
      return result;
    }
    long limit = memory.all().get(ValueLayout.JAVA_LONG, CallMemory.ADDRESS + offset);
    return limit == RLIM_INFINITY ? Long.MAX_VALUE : limit;
  }

  /// Where the functions are; looked up when [#open] has seen that this is Linux.
  private static final class Functions {
    static final MemorySegment ACCEPT4 = Libc.function("accept4");
    static final MemorySegment RECV = Libc.function("recv");
    static final MemorySegment IOCTL = Libc.function("ioctl");
    static final MemorySegment SEND = Libc.function("send");
    static final MemorySegment SENDTO = Libc.function("sendto");
    static final MemorySegment SENDFILE = Libc.function("sendfile");
    static final MemorySegment READ = Libc.function("read");
    static final MemorySegment WRITE = Libc.function("write");
    static final MemorySegment SHUTDOWN = Libc.function("shutdown");
    static final MemorySegment CLOSE = Libc.function("close");
    static final MemorySegment OPEN = Libc.function("open");
    static final MemorySegment EPOLL_CREATE1 = Libc.function("epoll_create1");
    static final MemorySegment EPOLL_CTL = Libc.function("epoll_ctl");
    static final MemorySegment EPOLL_WAIT = Libc.function("epoll_wait");
    static final MemorySegment EVENTFD = Libc.function("eventfd");
    static final MemorySegment POLL = Libc.function("poll");
    static final MemorySegment SOCKET = Libc.function("socket");
    static final MemorySegment BIND = Libc.function("bind");
    static final MemorySegment LISTEN = Libc.function("listen");
    static final MemorySegment CONNECT = Libc.function("connect");
    static final MemorySegment SETSOCKOPT = Libc.function("setsockopt");
    static final MemorySegment GETSOCKOPT = Libc.function("getsockopt");
    static final MemorySegment GETSOCKNAME = Libc.function("getsockname");
    static final MemorySegment GETPEERNAME = Libc.function("getpeername");
    static final MemorySegment SOCKETPAIR = Libc.function("socketpair");
    static final MemorySegment MEMFD_CREATE = Libc.function("memfd_create");
    static final MemorySegment FTRUNCATE = Libc.function("ftruncate");
    static final MemorySegment DUP2 = Libc.function("dup2");
    static final MemorySegment PIPE2 = Libc.function("pipe2");
    static final MemorySegment FCNTL = Libc.function("fcntl");
    static final MemorySegment GETRLIMIT = Libc.function("getrlimit");
    static final MemorySegment GETPID = Libc.function("getpid");
    static final MemorySegment GETPPID = Libc.function("getppid");
  }
}
