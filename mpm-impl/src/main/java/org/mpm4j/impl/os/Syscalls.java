package org.mpm4j.impl.os;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;

/// The system calls this library makes, as one seam, so that a test can put a fake in front of
/// them.
///
/// Every call that returns a number returns the kernel's own convention: zero or more on success,
/// the negated `errno` on failure (see [Errno]). Nothing is thrown, and the calls on a connection's
/// path allocate nothing. A call interrupted by a signal returns `-EINTR`, unless its description
/// says that it retries.
///
/// Addresses are raw native addresses. The caller owns that memory and keeps it alive for as long
/// as the call runs. All calls may be made from any thread.
public interface Syscalls {

  /// `EPOLL_CTL_ADD`, sys/epoll.h.
  int EPOLL_CTL_ADD = 1;

  /// `EPOLL_CTL_DEL`, sys/epoll.h.
  int EPOLL_CTL_DEL = 2;

  /// `EPOLL_CTL_MOD`, sys/epoll.h.
  int EPOLL_CTL_MOD = 3;

  /// `SHUT_RD`, sys/socket.h.
  int SHUT_RD = 0;

  /// `SHUT_WR`, sys/socket.h.
  int SHUT_WR = 1;

  /// `SHUT_RDWR`, sys/socket.h.
  int SHUT_RDWR = 2;

  /// `AF_UNIX`, bits/socket.h.
  int AF_UNIX = 1;

  /// `AF_INET`, bits/socket.h.
  int AF_INET = 2;

  /// `AF_INET6`, bits/socket.h.
  int AF_INET6 = 10;

  /// `SOL_SOCKET`, asm-generic/socket.h.
  int SOL_SOCKET = 1;

  /// `SO_REUSEADDR`, asm-generic/socket.h.
  int SO_REUSEADDR = 2;

  /// `SO_TYPE`, asm-generic/socket.h.
  int SO_TYPE = 3;

  /// `SO_ERROR`, asm-generic/socket.h.
  int SO_ERROR = 4;

  /// `SO_SNDBUF`, asm-generic/socket.h.
  int SO_SNDBUF = 7;

  /// `SO_RCVBUF`, asm-generic/socket.h.
  int SO_RCVBUF = 8;

  /// `SO_KEEPALIVE`, asm-generic/socket.h.
  int SO_KEEPALIVE = 9;

  /// `SO_OOBINLINE`, asm-generic/socket.h.
  int SO_OOBINLINE = 10;

  /// `SO_REUSEPORT`, asm-generic/socket.h.
  int SO_REUSEPORT = 15;

  /// `SO_ACCEPTCONN`, asm-generic/socket.h.
  int SO_ACCEPTCONN = 30;

  /// `SOCK_STREAM`, bits/socket_type.h: what [#SO_TYPE] says of a stream socket.
  int SOCK_STREAM = 1;

  /// `SO_DOMAIN`, asm-generic/socket.h.
  int SO_DOMAIN = 39;

  /// `SO_INCOMING_NAPI_ID`, asm-generic/socket.h.
  int SO_INCOMING_NAPI_ID = 56;

  /// `IPPROTO_IP`, netinet/in.h.
  int IPPROTO_IP = 0;

  /// `IP_TOS`, bits/in.h.
  int IP_TOS = 1;

  /// `IPPROTO_TCP`, netinet/in.h.
  int IPPROTO_TCP = 6;

  /// `TCP_NODELAY`, netinet/tcp.h.
  int TCP_NODELAY = 1;

  /// `TCP_CORK`, netinet/tcp.h.
  int TCP_CORK = 3;

  /// `TCP_KEEPIDLE`, netinet/tcp.h.
  int TCP_KEEPIDLE = 4;

  /// `TCP_KEEPINTVL`, netinet/tcp.h.
  int TCP_KEEPINTVL = 5;

  /// `TCP_KEEPCNT`, netinet/tcp.h.
  int TCP_KEEPCNT = 6;

  /// `TCP_DEFER_ACCEPT`, netinet/tcp.h.
  int TCP_DEFER_ACCEPT = 9;

  /// `TCP_QUICKACK`, netinet/tcp.h.
  int TCP_QUICKACK = 12;

  /// `IPPROTO_IPV6`, netinet/in.h.
  int IPPROTO_IPV6 = 41;

  /// `IPV6_V6ONLY`, bits/in.h.
  int IPV6_V6ONLY = 26;

  /// `IPV6_TCLASS`, bits/in.h.
  int IPV6_TCLASS = 67;

  /// `PR_SET_DUMPABLE`, linux/prctl.h: the argument is 1 or 0.
  int PR_SET_DUMPABLE = 4;

  /// `PR_SET_CHILD_SUBREAPER`, linux/prctl.h: the argument is 1 or 0.
  int PR_SET_CHILD_SUBREAPER = 36;

  /// `PR_GET_CHILD_SUBREAPER`, linux/prctl.h: the argument is the address of an `int`.
  int PR_GET_CHILD_SUBREAPER = 37;

  // ---- connections ----

  /// Accepts one connection, non-blocking and close-on-exec. The peer's address is not fetched.
  ///
  /// @return the connection's descriptor
  int accept4(int listenFd);

  /// Receives up to `length` bytes. Retries when interrupted.
  ///
  /// @return the number of bytes, 0 at end of stream
  int recv(int fd, long address, int length);

  /// Looks, without waiting or consuming, whether a byte has arrived. Retries when interrupted.
  ///
  /// @return 1 if one has, 0 at end of stream, `-EAGAIN` if none has yet
  int recvPeek(int fd);

  /// How many bytes a socket has received that were not read (`FIONREAD`, tcp(7) and unix(7)).
  int fionread(int fd);

  /// Sends up to `length` bytes and never raises SIGPIPE. Retries when interrupted.
  ///
  /// @param more whether more follows at once, so that the kernel may hold back a partial segment
  /// @return the number of bytes taken, which may be fewer than asked
  int send(int fd, long address, int length, boolean more);

  /// Copies up to `count` bytes of a file from `offset` to a socket; the file's own position is
  /// neither used nor moved. Retries when interrupted.
  ///
  /// @return the number of bytes copied, 0 at end of file
  long sendfile(int outFd, int inFd, long offset, long count);

  /// Reads up to `length` bytes.
  ///
  /// @return the number of bytes, 0 at end of file
  int read(int fd, long address, int length);

  /// Writes up to `length` bytes. On a socket or pipe that its peer has closed this returns
  /// `-EPIPE`, because the JVM handles SIGPIPE.
  ///
  /// @return the number of bytes taken
  int write(int fd, long address, int length);

  /// Closes one or both directions of a socket, for every process that shares it.
  int shutdown(int fd, int how);

  /// Closes a descriptor. The number is free afterwards whatever is returned: never retry.
  int close(int fd);

  /// Opens a file for reading, close-on-exec, non-blocking (so that a FIFO cannot hang the caller)
  /// and never as a controlling terminal. The path is passed in UTF-8. Retries when interrupted.
  ///
  /// @return the file's descriptor
  int open(String path);

  // ---- readiness ----

  /// Creates an epoll set, close-on-exec.
  int epollCreate();

  /// Adds, changes or removes a descriptor in an epoll set.
  ///
  /// @param op [#EPOLL_CTL_ADD], [#EPOLL_CTL_MOD] or [#EPOLL_CTL_DEL]
  /// @param events the `EPOLL*` bits, see [Poller]
  /// @param data what [EpollEvents#data] returns when the descriptor is ready
  int epollCtl(int epfd, int op, int fd, int events, long data);

  /// Waits until a descriptor of the set is ready. Blocks: pins the carrier of a virtual thread.
  ///
  /// @param timeoutMillis 0 to look only, -1 to wait without limit
  /// @return the number of entries filled in, 0 when the time is over
  int epollWait(int epfd, EpollEvents events, int timeoutMillis);

  /// Creates an event counter at zero, non-blocking and close-on-exec.
  int eventfd();

  /// Waits until a descriptor of a small set is ready.
  ///
  /// @param timeoutMillis 0 to look only, -1 to wait without limit
  /// @return the number of entries whose [PollSet#revents] is not zero
  int poll(PollSet set, int timeoutMillis);

  // ---- sockets ----

  /// Creates a stream socket, blocking and close-on-exec.
  ///
  /// @param domain [#AF_INET], [#AF_INET6] or [#AF_UNIX]
  int socket(int domain);

  /// Creates a Unix-domain datagram socket, close-on-exec.
  int datagramSocket();

  /// Sends one datagram, without waiting; never raises SIGPIPE (sendto(2)). Addresses as for
  /// [#bind].
  ///
  /// @return the number of bytes, `-EAGAIN` if the receiver's queue is full
  int sendto(int fd, long address, int length, SocketAddress to);

  /// Binds a socket. `-EAFNOSUPPORT` for an address that is neither TCP nor Unix-domain,
  /// `-EADDRNOTAVAIL` for a host name that was never resolved, `-ENAMETOOLONG` for a path of more
  /// than 107 bytes.
  int bind(int fd, SocketAddress address);

  /// Makes a bound socket a listener.
  int listen(int fd, int backlog);

  /// Connects a socket. Addresses as for [#bind]. An interrupted connect goes on in the background.
  int connect(int fd, SocketAddress address);

  /// Sets an integer option.
  int setsockopt(int fd, int level, int name, int value);

  /// Sets `SO_LINGER` (socket(7)).
  ///
  /// @param seconds how long close(2) waits for what is left to send, 0 to reset the connection, -1
  ///   to send it in the background, which is the default
  int setLinger(int fd, int seconds);

  /// Gets an integer option.
  ///
  /// @return its value
  int getsockopt(int fd, int level, int name);

  /// The address of this end of a socket.
  ///
  /// @return an [java.net.InetSocketAddress] or a [java.net.UnixDomainSocketAddress]; the latter
  ///   has an empty path where the socket has no name, or an abstract one
  /// @throws IOException if the kernel refuses, or the socket is of another family
  SocketAddress getsockname(int fd) throws IOException;

  /// The address of the other end of a socket; otherwise like [#getsockname].
  ///
  /// @throws IOException if the socket is not connected (`ENOTCONN`), or of another family
  SocketAddress getpeername(int fd) throws IOException;

  /// The other end of a socket if it has an IPv4 address, which one of a dual-stack socket may have
  /// too (RFC 4291 2.5.5.2). Makes no object.
  ///
  /// @return the address above 16 bits of port; `-EAFNOSUPPORT` if it has another address, or
  ///   another negated errno
  long getpeernameIpv4(int fd);

  /// Creates two connected Unix-domain stream sockets, blocking and close-on-exec.
  ///
  /// @param pair receives the two descriptors
  int socketpair(int[] pair);

  // ---- descriptors and memory ----

  /// Creates an anonymous file in memory, close-on-exec.
  int memfdCreate(String name);

  /// Sets a file's length.
  int ftruncate(int fd, long length);

  /// Duplicates a descriptor to the lowest free number from `atLeast` on, close-on-exec.
  int fcntlDupFd(int fd, int atLeast);

  /// Makes `newFd` another name of `oldFd`'s open file; what it named before is closed. It is not
  /// close-on-exec (dup2(2)).
  ///
  /// @return `newFd`
  int dup2(int oldFd, int newFd);

  /// Creates a pipe, close-on-exec (pipe2(2)).
  ///
  /// @param pair receives the end to read from, then the one to write to
  /// @param nonBlocking whether neither end blocks
  int pipe2(int[] pair, boolean nonBlocking);

  /// Sets a descriptor's close-on-exec flag.
  int setCloseOnExec(int fd);

  /// Sets or clears `O_NONBLOCK`. The flag belongs to the open file description: every process that
  /// inherited it sees the change.
  int setNonBlocking(int fd, boolean on);

  /// Whether `O_NONBLOCK` is set.
  ///
  /// @return 1 if it is, 0 if not
  int nonBlocking(int fd);

  // ---- processes ----

  /// Starts a process.
  ///
  /// @return its process id
  /// @throws UnsupportedOperationException if the C library has no
  ///   `posix_spawn_file_actions_addclosefrom_np` (glibc older than 2.34)
  int posixSpawn(SpawnRequest request);

  /// Opens a descriptor, close-on-exec, that becomes readable when the process exits.
  int pidfdOpen(int pid);

  /// Waits for a child process to exit, and reaps it.
  ///
  /// @param pid the child; never -1 here, for the JVM may have children of its own
  /// @param noHang whether to return 0 at once if it still runs
  /// @param status element 0 receives what [ExitStatus#ofWaitStatus] takes
  /// @return `pid`, or 0
  int waitpid(int pid, boolean noHang, int[] status);

  /// Sends a signal to a process; signal 0 only asks whether it exists.
  int kill(int pid, int signal);

  /// Sends a signal to every process of a group.
  int killpg(int group, int signal);

  /// The id of this process.
  int getpid();

  /// The id of this process's parent.
  int getppid();

  // ---- identity ----

  /// The real user id; never fails.
  long getuid();

  /// The effective user id; never fails.
  long geteuid();

  /// The real group id; never fails.
  long getgid();

  /// Replaces the supplementary groups of every thread of this process (setgroups(2)). The C
  /// library interrupts the other threads for it, and for the two calls below, with a signal
  /// (nptl(7)).
  int setgroups(List<Long> gids);

  /// Sets the real, effective and saved group id of every thread of this process (setresgid(2)).
  int setresgid(long gid);

  /// Sets the real, effective and saved user id of every thread of this process. A process that was
  /// root and becomes another user loses its capabilities, and is not dumpable any more (prctl(2)).
  int setresuid(long uid);

  /// Changes or asks what the kernel does for this process (prctl(2)).
  ///
  /// @param option one of the `PR_` constants, which say what the argument is
  int prctl(int option, long argument);

  // ---- limits ----

  /// The soft limit on open descriptors (`RLIMIT_NOFILE`); [Long#MAX_VALUE] when there is none.
  long openFileLimit();

  /// The hard limit on open descriptors, up to which the soft limit may be raised.
  long openFileHardLimit();
}
