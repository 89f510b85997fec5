package org.mpm4j.stress;

import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import org.mpm4j.impl.os.EpollEvents;
import org.mpm4j.impl.os.Syscalls;

/// System calls that do nothing and succeed, but for the two that tests give a meaning.
public class QuietKernel {
  // the index of an argument of epoll_wait
  private static final int EVENTS = 1;

  // 0 where a call returns something else
  private static final Map<Class<?>, Object> RESULTS =
      Map.of(
          long.class,
          0L,
          SocketAddress.class,
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));

  /// `epoll_wait`.
  protected int epollWait(EpollEvents events) {
    return 0;
  }

  /// `write`, whatever is written.
  protected int write() {
    return Long.BYTES;
  }

  /// This kernel for those who call it.
  public final Syscalls calls() {
    return (Syscalls)
        Proxy.newProxyInstance(
            Syscalls.class.getClassLoader(),
            new Class<?>[] {Syscalls.class},
            (proxy, method, arguments) -> {
              String name = method.getName();
              if (name.equals("write")) {
                return write();
              } else if (name.equals("epollWait")) {
                return epollWait((EpollEvents) arguments[EVENTS]);
              }
              return RESULTS.getOrDefault(method.getReturnType(), 0);
            });
  }
}
