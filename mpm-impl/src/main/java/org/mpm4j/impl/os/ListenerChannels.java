package org.mpm4j.impl.os;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes channels of the JDK's own kind from descriptors of listening sockets.
///
/// The JDK has no public way but [System#inheritedChannel()], which knows descriptor 0 alone, and
/// whose channel puts `/dev/null` in the place of the standard streams when it is closed. So this
/// calls the constructor that the JDK itself uses there (`sun.nio.ch.InheritedChannel`), which a
/// JVM allows with [#jvmOptions()].
public final class ListenerChannels {
  private static final List<String> PACKAGES = List.of("sun.nio.ch", "java.io");

  private ListenerChannels() {}

  /// Looked up once.
  private static final class Jdk {
    static final @Nullable Constructor<?> DESCRIPTOR;
    static final @Nullable Constructor<?> CHANNEL;
    static final String FAILURE;

    static {
      Constructor<?> descriptor = null;
      Constructor<?> channel = null;
      String failure = "";
      try {
        descriptor = FileDescriptor.class.getDeclaredConstructor(int.class);
        channel =
            Class.forName("sun.nio.ch.ServerSocketChannelImpl")
                .getDeclaredConstructor(
                    SelectorProvider.class,
                    ProtocolFamily.class,
                    FileDescriptor.class,
                    boolean.class);
        descriptor.setAccessible(true);
        channel.setAccessible(true);
      } catch (InaccessibleObjectException _) {
        failure =
            "this JVM does not let a listening socket be wrapped as a ServerSocketChannel; start it"
                + " with "
                + String.join(" ", jvmOptions());
      } catch (ReflectiveOperationException e) {
        failure =
            "this JVM ("
                + System.getProperty("java.vm.version")
                + ") has no way to wrap a listening socket as a ServerSocketChannel: "
                + e;
      }
      DESCRIPTOR = descriptor;
      CHANNEL = channel;
      FAILURE = failure;
    }
  }

  /// What a JVM has to be started with.
  public static List<String> jvmOptions() {
    Module module = ListenerChannels.class.getModule();
    String to = module.isNamed() ? module.getName() : "ALL-UNNAMED";
    return PACKAGES.stream().map(name -> "--add-opens=java.base/" + name + "=" + to).toList();
  }

  /// Why this JVM cannot; empty if it can.
  public static String obstacle() {
    return Jdk.FAILURE;
  }

  /// Makes a channel that owns the descriptor; it says that it is in blocking mode, whatever the
  /// descriptor is.
  ///
  /// @param fd of a listening socket; the channel's from now on, also if this throws
  /// @param address that the socket is bound to
  /// @throws IOException if the kernel does not know the socket
  /// @throws UnsupportedOperationException if there is an [#obstacle()]
  public static ServerSocketChannel open(Syscalls os, int fd, SocketAddress address)
      throws IOException {
    Constructor<?> descriptor = Jdk.DESCRIPTOR;
    Constructor<?> channel = Jdk.CHANNEL;
    if (descriptor == null || channel == null || !Jdk.FAILURE.isEmpty()) {
      os.close(fd);
      throw new UnsupportedOperationException(Jdk.FAILURE);
    }
    try {
      return (ServerSocketChannel)
          channel.newInstance(
              SelectorProvider.provider(), family(address), descriptor.newInstance(fd), true);
    } catch (InvocationTargetException e) {
      os.close(fd);
      throw new IOException("could not wrap " + NativeAddress.describe(address), e.getCause());
    } catch (ReflectiveOperationException e) {
      os.close(fd);
      throw new IOException("could not wrap " + NativeAddress.describe(address), e);
    }
  }

  private static ProtocolFamily family(SocketAddress address) {
    return switch (address) {
      case UnixDomainSocketAddress _ -> StandardProtocolFamily.UNIX;
      case InetSocketAddress inet when inet.getAddress() instanceof Inet6Address ->
          StandardProtocolFamily.INET6;
      default -> StandardProtocolFamily.INET;
    };
  }
}
