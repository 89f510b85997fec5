package org.mpm4j.impl.os;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// System calls that go wrong when told to, and otherwise go where they are delegated.
///
/// Each kind of call has a script. A call takes the next step of its script: it answers what the
/// step says without reaching the kernel, or reaches it with a smaller length, or passes. With an
/// empty script calls pass. Scripts may be written and played by different threads.
///
/// A fake can answer anything: it is up to the test to answer only what the contract of [Syscalls]
/// allows (a `recv` never answers `-EINTR`, for one).
public final class FaultySyscalls implements Syscalls {
  /// The kinds of call.
  public enum Call {
    ACCEPT4,
    RECV,
    RECV_PEEK,
    FIONREAD,
    SEND,
    SENDFILE,
    READ,
    WRITE,
    SHUTDOWN,
    CLOSE,
    OPEN,
    EPOLL_CREATE,
    EPOLL_CTL,
    EPOLL_WAIT,
    EVENTFD,
    POLL,
    SOCKET,
    DATAGRAM_SOCKET,
    SENDTO,
    BIND,
    LISTEN,
    CONNECT,
    SETSOCKOPT,
    SET_LINGER,
    GETSOCKOPT,
    SOCKETPAIR,
    MEMFD_CREATE,
    FTRUNCATE,
    FCNTL_DUP_FD,
    DUP2,
    PIPE2,
    SET_CLOSE_ON_EXEC,
    SET_NON_BLOCKING,
    NON_BLOCKING,
    POSIX_SPAWN,
    PIDFD_OPEN,
    WAITPID,
    KILL,
    KILLPG,
    GETPID,
    GETPPID,
    GETUID,
    GETEUID,
    GETGID,
    SETGROUPS,
    SETRESGID,
    SETRESUID,
    PRCTL,
    OPEN_FILE_LIMIT,
    OPEN_FILE_HARD_LIMIT
  }

  private sealed interface Step {
    record Answer(long result) implements Step {}

    record Limit(int length) implements Step {}

    record Pass() implements Step {}
  }

  private static final Step PASS = new Step.Pass();

  private final Syscalls kernel;
  private final Map<Call, Queue<Step>> scripts = new EnumMap<>(Call.class);
  private final Map<Call, AtomicInteger> counts = new EnumMap<>(Call.class);

  /// Passes everything on to `kernel` until told otherwise.
  public FaultySyscalls(Syscalls kernel) {
    this.kernel = kernel;
    for (Call call : Call.values()) {
      scripts.put(call, new ConcurrentLinkedQueue<>());
      counts.put(call, new AtomicInteger());
    }
  }

  /// Lets the next calls return these results, in this order, without reaching the kernel.
  public FaultySyscalls answer(Call call, long... results) {
    for (long result : results) {
      script(call).add(new Step.Answer(result));
    }
    return this;
  }

  /// Lets the next calls, which must have a length, move at most so many bytes each.
  public FaultySyscalls limit(Call call, int... lengths) {
    for (int length : lengths) {
      script(call).add(new Step.Limit(length));
    }
    return this;
  }

  /// Lets the next calls pass, before what is added to the script later.
  public FaultySyscalls pass(Call call, int times) {
    for (int i = 0; i < times; i++) {
      script(call).add(PASS);
    }
    return this;
  }

  /// How many calls of this kind were made, answered here or not.
  public int count(Call call) {
    return counter(call).get();
  }

  /// Whether every step of every script has been played.
  public boolean played() {
    return scripts.values().stream().allMatch(Queue::isEmpty);
  }

  private Queue<Step> script(Call call) {
    return Objects.requireNonNull(scripts.get(call));
  }

  private AtomicInteger counter(Call call) {
    return Objects.requireNonNull(counts.get(call));
  }

  private Step next(Call call) {
    counter(call).incrementAndGet();
    Step step = script(call).poll();
    return step == null ? PASS : step;
  }

  private static int shorter(Step step, int length) {
    return step instanceof Step.Limit limit ? Math.min(limit.length(), length) : length;
  }

  @Override
  public int accept4(int listenFd) {
    Step step = next(Call.ACCEPT4);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.accept4(listenFd);
  }

  @Override
  public int recv(int fd, long address, int length) {
    Step step = next(Call.RECV);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.recv(fd, address, shorter(step, length));
  }

  @Override
  public int recvPeek(int fd) {
    Step step = next(Call.RECV_PEEK);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.recvPeek(fd);
  }

  @Override
  public int fionread(int fd) {
    Step step = next(Call.FIONREAD);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.fionread(fd);
  }

  @Override
  public int send(int fd, long address, int length, boolean more) {
    Step step = next(Call.SEND);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.send(fd, address, shorter(step, length), more);
  }

  @Override
  public long sendfile(int outFd, int inFd, long offset, long count) {
    Step step = next(Call.SENDFILE);
    return step instanceof Step.Answer answer
        ? answer.result()
        : kernel.sendfile(
            outFd,
            inFd,
            offset,
            step instanceof Step.Limit limit ? Math.min(limit.length(), count) : count);
  }

  @Override
  public int read(int fd, long address, int length) {
    Step step = next(Call.READ);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.read(fd, address, shorter(step, length));
  }

  @Override
  public int write(int fd, long address, int length) {
    Step step = next(Call.WRITE);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.write(fd, address, shorter(step, length));
  }

  @Override
  public int shutdown(int fd, int how) {
    Step step = next(Call.SHUTDOWN);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.shutdown(fd, how);
  }

  @Override
  public int close(int fd) {
    Step step = next(Call.CLOSE);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.close(fd);
  }

  @Override
  public int open(String path) {
    Step step = next(Call.OPEN);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.open(path);
  }

  @Override
  public int epollCreate() {
    Step step = next(Call.EPOLL_CREATE);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.epollCreate();
  }

  @Override
  public int epollCtl(int epfd, int op, int fd, int events, long data) {
    Step step = next(Call.EPOLL_CTL);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.epollCtl(epfd, op, fd, events, data);
  }

  @Override
  public int epollWait(int epfd, EpollEvents events, int timeoutMillis) {
    Step step = next(Call.EPOLL_WAIT);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.epollWait(epfd, events, timeoutMillis);
  }

  @Override
  public int eventfd() {
    Step step = next(Call.EVENTFD);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.eventfd();
  }

  @Override
  public int poll(PollSet set, int timeoutMillis) {
    Step step = next(Call.POLL);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.poll(set, timeoutMillis);
  }

  @Override
  public int socket(int domain) {
    Step step = next(Call.SOCKET);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.socket(domain);
  }

  @Override
  public int datagramSocket() {
    Step step = next(Call.DATAGRAM_SOCKET);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.datagramSocket();
  }

  @Override
  public int sendto(int fd, long address, int length, SocketAddress to) {
    Step step = next(Call.SENDTO);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.sendto(fd, address, length, to);
  }

  @Override
  public int bind(int fd, SocketAddress address) {
    Step step = next(Call.BIND);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.bind(fd, address);
  }

  @Override
  public int listen(int fd, int backlog) {
    Step step = next(Call.LISTEN);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.listen(fd, backlog);
  }

  @Override
  public int connect(int fd, SocketAddress address) {
    Step step = next(Call.CONNECT);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.connect(fd, address);
  }

  @Override
  public int setsockopt(int fd, int level, int name, int value) {
    Step step = next(Call.SETSOCKOPT);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.setsockopt(fd, level, name, value);
  }

  @Override
  public int setLinger(int fd, int seconds) {
    Step step = next(Call.SET_LINGER);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.setLinger(fd, seconds);
  }

  @Override
  public int getsockopt(int fd, int level, int name) {
    Step step = next(Call.GETSOCKOPT);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.getsockopt(fd, level, name);
  }

  @Override
  public SocketAddress getsockname(int fd) throws IOException {
    return kernel.getsockname(fd);
  }

  @Override
  public SocketAddress getpeername(int fd) throws IOException {
    return kernel.getpeername(fd);
  }

  @Override
  public long getpeernameIpv4(int fd) {
    return kernel.getpeernameIpv4(fd);
  }

  @Override
  public int socketpair(int[] pair) {
    Step step = next(Call.SOCKETPAIR);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.socketpair(pair);
  }

  @Override
  public int memfdCreate(String name) {
    Step step = next(Call.MEMFD_CREATE);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.memfdCreate(name);
  }

  @Override
  public int ftruncate(int fd, long length) {
    Step step = next(Call.FTRUNCATE);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.ftruncate(fd, length);
  }

  @Override
  public int fcntlDupFd(int fd, int atLeast) {
    Step step = next(Call.FCNTL_DUP_FD);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.fcntlDupFd(fd, atLeast);
  }

  @Override
  public int dup2(int oldFd, int newFd) {
    Step step = next(Call.DUP2);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.dup2(oldFd, newFd);
  }

  @Override
  public int pipe2(int[] pair, boolean nonBlocking) {
    Step step = next(Call.PIPE2);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.pipe2(pair, nonBlocking);
  }

  @Override
  public int setCloseOnExec(int fd) {
    Step step = next(Call.SET_CLOSE_ON_EXEC);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.setCloseOnExec(fd);
  }

  @Override
  public int setNonBlocking(int fd, boolean on) {
    Step step = next(Call.SET_NON_BLOCKING);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.setNonBlocking(fd, on);
  }

  @Override
  public int nonBlocking(int fd) {
    Step step = next(Call.NON_BLOCKING);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.nonBlocking(fd);
  }

  @Override
  public int posixSpawn(SpawnRequest request) {
    Step step = next(Call.POSIX_SPAWN);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.posixSpawn(request);
  }

  @Override
  public int pidfdOpen(int pid) {
    Step step = next(Call.PIDFD_OPEN);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.pidfdOpen(pid);
  }

  @Override
  public int waitpid(int pid, boolean noHang, int[] status) {
    Step step = next(Call.WAITPID);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.waitpid(pid, noHang, status);
  }

  @Override
  public int kill(int pid, int signal) {
    Step step = next(Call.KILL);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.kill(pid, signal);
  }

  @Override
  public int killpg(int group, int signal) {
    Step step = next(Call.KILLPG);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.killpg(group, signal);
  }

  @Override
  public int getpid() {
    Step step = next(Call.GETPID);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.getpid();
  }

  @Override
  public int getppid() {
    Step step = next(Call.GETPPID);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.getppid();
  }

  @Override
  public long getuid() {
    Step step = next(Call.GETUID);
    return step instanceof Step.Answer answer ? answer.result() : kernel.getuid();
  }

  @Override
  public long geteuid() {
    Step step = next(Call.GETEUID);
    return step instanceof Step.Answer answer ? answer.result() : kernel.geteuid();
  }

  @Override
  public long getgid() {
    Step step = next(Call.GETGID);
    return step instanceof Step.Answer answer ? answer.result() : kernel.getgid();
  }

  @Override
  public int setgroups(List<Long> gids) {
    Step step = next(Call.SETGROUPS);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.setgroups(gids);
  }

  @Override
  public int setresgid(long gid) {
    Step step = next(Call.SETRESGID);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.setresgid(gid);
  }

  @Override
  public int setresuid(long uid) {
    Step step = next(Call.SETRESUID);
    return step instanceof Step.Answer answer ? (int) answer.result() : kernel.setresuid(uid);
  }

  @Override
  public int prctl(int option, long argument) {
    Step step = next(Call.PRCTL);
    return step instanceof Step.Answer answer
        ? (int) answer.result()
        : kernel.prctl(option, argument);
  }

  @Override
  public long openFileLimit() {
    Step step = next(Call.OPEN_FILE_LIMIT);
    return step instanceof Step.Answer answer ? answer.result() : kernel.openFileLimit();
  }

  @Override
  public long openFileHardLimit() {
    Step step = next(Call.OPEN_FILE_HARD_LIMIT);
    return step instanceof Step.Answer answer ? answer.result() : kernel.openFileHardLimit();
  }
}
