package org.mpm4j.status;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The kinds of [Require].
sealed interface Requirement extends Require {
  String EXPECTATION = "all granted, all denied, local, ip ADDRESS[/BITS] ..., or host NAME ...";

  /// `Require all granted` and `Require all denied`.
  record All(boolean granted) implements Requirement {
    @Override
    public boolean grantedTo(SocketAddress remote, SocketAddress server) {
      return granted;
    }
  }

  /// `Require local`.
  record Local() implements Requirement {
    static final Local INSTANCE = new Local();

    @Override
    public boolean grantedTo(SocketAddress remote, SocketAddress server) {
      if (remote instanceof UnixDomainSocketAddress) {
        return true;
      }
      InetAddress client = internet(remote);
      return client != null && (client.isLoopbackAddress() || client.equals(internet(server)));
    }
  }

  /// `Require ip`.
  record Ip(List<Network> networks) implements Requirement {
    @Override
    public boolean grantedTo(SocketAddress remote, SocketAddress server) throws IOException {
      InetAddress client = internet(remote);
      return client != null && networks.stream().anyMatch(network -> network.contains(client));
    }
  }

  /// `Require host`: the name of the client's address is one of these or below one, and one of that
  /// name's addresses is the client's, so that whoever owns the address cannot claim any name.
  record Host(List<String> names, Resolver resolver) implements Requirement {
    @Override
    public boolean grantedTo(SocketAddress remote, SocketAddress server) throws IOException {
      InetAddress client = internet(remote);
      if (client == null) {
        return false;
      }
      String name = resolver.confirmedName(client).toLowerCase(Locale.ROOT);
      return names.stream().anyMatch(allowed -> matches(name, allowed));
    }

    private static boolean matches(String name, String allowed) {
      String below = allowed.startsWith(".") ? allowed : "." + allowed;
      return name.equals(allowed) || name.endsWith(below);
    }
  }

  /// Any of several.
  record Any(List<Require> requirements) implements Requirement {
    @Override
    public boolean grantedTo(SocketAddress remote, SocketAddress server) throws IOException {
      for (Require requirement : requirements) {
        if (requirement.grantedTo(remote, server)) {
          return true;
        }
      }
      return false;
    }
  }

  /// Finds names; may block.
  @FunctionalInterface
  interface Resolver {
    /// The resolver of the JDK, which asks back for the addresses of the name it found.
    Resolver SYSTEM = InetAddress::getCanonicalHostName;

    /// The name of `address`, or its digits if it has none that leads back to it.
    String confirmedName(InetAddress address);
  }

  /// The addresses that begin with the first `bits` of `address`.
  record Network(InetAddress address, int bits) {
    private static final Pattern PARTIAL = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){0,2}\\.?");

    /// Reads `10.1.2.3`, `10.1.0.0/16`, `10.1.0.0/255.255.0.0`, `10.1`, `2001:db8::/32`.
    ///
    /// @throws IllegalArgumentException if it is none of these
    static Network of(String text) {
      if (PARTIAL.matcher(text).matches()) {
        String known = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        int octets = known.split("\\.", -1).length;
        return new Network(
            InetAddress.ofLiteral(known + ".0".repeat(4 - octets)), octets * Byte.SIZE);
      }
      int slash = text.indexOf('/');
      InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
      int most = address.getAddress().length * Byte.SIZE;
      int bits = slash < 0 ? most : bits(text.substring(slash + 1), most);
      return new Network(address, bits);
    }

    private static int bits(String text, int most) {
      int bits =
          text.contains(".")
              ? maskBits(InetAddress.ofLiteral(text).getAddress())
              : Integer.parseInt(text);
      if (bits < 0 || bits > most) {
        throw new IllegalArgumentException("not 0 to " + most + " bits");
      }
      return bits;
    }

    private static int maskBits(byte[] mask) {
      int value = ByteBuffer.wrap(mask).getInt();
      int bits = Integer.numberOfLeadingZeros(~value);
      if (bits < Integer.SIZE && value << bits != 0) {
        throw new IllegalArgumentException("not a mask");
      }
      return bits;
    }

    boolean contains(InetAddress client) {
      byte[] mine = address.getAddress();
      byte[] theirs = client.getAddress();
      if (mine.length != theirs.length) {
        return false;
      }
      for (int i = 0; i < mine.length; i++) {
        int significant = Math.clamp(bits - (long) i * Byte.SIZE, 0, Byte.SIZE);
        int mask = 0xff << (Byte.SIZE - significant);
        if (((mine[i] ^ theirs[i]) & mask & 0xff) != 0) {
          return false;
        }
      }
      return true;
    }
  }

  /// Reads the arguments of one `Require`.
  ///
  /// @throws IllegalArgumentException if they make no sense, with what was expected
  static Requirement of(List<String> arguments, Resolver resolver) {
    List<String> more = arguments.subList(1, arguments.size());
    String what = arguments.getFirst().toLowerCase(Locale.ROOT);
    if (what.equals("all") && more.size() == 1) {
      if (more.getFirst().equalsIgnoreCase("granted")) {
        return new All(true);
      }
      if (more.getFirst().equalsIgnoreCase("denied")) {
        return new All(false);
      }
    }
    if (what.equals("local") && more.isEmpty()) {
      return Local.INSTANCE;
    }
    if (what.equals("ip") && !more.isEmpty()) {
      return new Ip(more.stream().map(Requirement::network).toList());
    }
    if (what.equals("host") && !more.isEmpty()) {
      return new Host(more.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList(), resolver);
    }
    throw new IllegalArgumentException(
        "\"" + String.join(" ", arguments) + "\" is not supported; expected " + EXPECTATION);
  }

  private static Network network(String text) {
    try {
      return Network.of(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "\""
              + text
              + "\" is no address or network; expected one such as 10.1.2.3, 10.1.0.0/16,"
              + " 10.1 or 2001:db8::/32",
          e);
    }
  }

  private static @Nullable InetAddress internet(SocketAddress address) {
    return address instanceof InetSocketAddress inet ? inet.getAddress() : null;
  }
}
