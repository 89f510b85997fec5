package org.mpm4j.httpserver;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.mpm4j.ConfigException;
import org.mpm4j.Location;
import org.mpm4j.MpmConfig;
import org.mpm4j.Vocabulary;
import org.mpm4j.http.HeadLimits;

/// What the system properties say.
///
/// @param defaults where this server's differ from httpd's, each such as `ThreadsPerChild 64`
/// @param directives mpm4j's own that are set, each on a line
/// @param head the limits of a request's head
/// @param drainAmount how much of a body that nobody has read is read and dropped
record HttpServerSettings(
    List<String> defaults, String directives, HeadLimits head, long drainAmount) {
  /// What mpm4j's directives begin with as system properties.
  static final String PREFIX = "org.mpm4j.httpserver.";

  private static final String SOURCE = "system properties " + PREFIX + "*";

  // the JDK's names and defaults, sun.net.httpserver.ServerConfig
  private static final String MAX_HEADERS = "sun.net.httpserver.maxReqHeaders";
  private static final String MAX_HEADER_SIZE = "sun.net.httpserver.maxReqHeaderSize";
  private static final String DRAIN_AMOUNT = "sun.net.httpserver.drainAmount";

  private static final String THREADS_PER_CHILD = "ThreadsPerChild";
  private static final int THREADS = 64;

  /// Reads them; a directive is looked at by [#config] only.
  ///
  /// @throws ConfigException if one of them is none that can be set so
  static HttpServerSettings of(Properties properties) {
    TreeMap<String, String> directives = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    List<ConfigException.Problem> problems = new ArrayList<>();
    for (String key : properties.stringPropertyNames()) {
      if (key.startsWith(PREFIX)) {
        directives.put(key.substring(PREFIX.length()), properties.getProperty(key).strip());
      }
    }
    refuse(directives, "Listen", "the address is an argument of HttpServer.create", problems);
    refuse(directives, "Mpm", "the model is event", problems);
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    StringBuilder lines = new StringBuilder();
    directives.forEach((name, value) -> lines.append(name).append(' ').append(value).append('\n'));
    int fields = positive(properties, MAX_HEADERS, 200);
    int size = wholeNumber(properties, MAX_HEADER_SIZE, 380 * 1024);
    int head = size <= 0 ? Integer.MAX_VALUE / 2 : size;
    long drain = wholeNumber(properties, DRAIN_AMOUNT, 64 * 1024);
    return new HttpServerSettings(
        defaultsFor(directives.get(THREADS_PER_CHILD)),
        lines.toString(),
        new HeadLimits(head, fields, head, head),
        drain);
  }

  private static void refuse(
      TreeMap<String, String> directives,
      String name,
      String why,
      List<ConfigException.Problem> problems) {
    String value = directives.get(name);
    if (value != null) {
      problems.add(
          new ConfigException.Problem(
              new Location(SOURCE, 0), name + " " + value + " cannot be set here: " + why));
    }
  }

  /// The directives that differ from httpd's defaults: one child, and what the JDK's server does.
  private static List<String> defaultsFor(@Nullable String given) {
    String threads =
        given != null && given.matches("[1-9][0-9]{0,8}") ? given : String.valueOf(THREADS);
    return List.of(
        "ThreadsPerChild " + threads,
        "ThreadLimit " + threads,
        "MaxRequestWorkers " + threads,
        "MaxSpareThreads " + (Long.parseLong(threads) + 2),
        "MinSpareThreads 1",
        "StartServers 1",
        "MaxKeepAliveRequests 0",
        "KeepAliveTimeout 30",
        "RequestReadTimeout header=20-40,MinRate=500 body=0",
        // as with the JDK's server a client that has connected hears it when the server stops
        "AcceptFilter http none",
        "AsyncRequestWorkerFactor " + factor(Long.parseLong(threads)));
  }

  /// An exchange that runs on the application's executor holds no thread and yet counts as active:
  /// lets half of the descriptors that the process may have go to such ones.
  private static long factor(long threads) {
    long descriptors =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            ? unix.getMaxFileDescriptorCount()
            : 0;
    return Math.clamp(descriptors / 2 / threads, 2, 1000);
  }

  // as Integer.getInteger does: what is no number counts as not set
  private static int wholeNumber(Properties properties, String key, int otherwise) {
    try {
      return Integer.decode(properties.getProperty(key, String.valueOf(otherwise)));
    } catch (NumberFormatException _) {
      return otherwise;
    }
  }

  private static int positive(Properties properties, String key, int otherwise) {
    int value = wholeNumber(properties, key, otherwise);
    return value > 0 ? value : otherwise;
  }

  /// The configuration of a server.
  ///
  /// @param backlog as for [java.net.ServerSocket]: zero or less leaves it to the implementation
  /// @throws ConfigException if a directive is unknown or its value is no good
  MpmConfig config(InetSocketAddress address, int backlog) {
    List<String> fixed = new ArrayList<>();
    fixed.add("Listen " + listen(address));
    if (backlog > 0) {
      fixed.add("ListenBackLog " + backlog);
    }
    Vocabulary vocabulary = Vocabulary.none().withDefaults(defaults.toArray(String[]::new));
    return MpmConfig.parse(SOURCE, directives, fixed, vocabulary);
  }

  /// The address in httpd's syntax. The JDK's sockets take IPv6 as well as IPv4 on the wildcard,
  /// whichever family its address is of.
  private static String listen(InetSocketAddress address) {
    InetAddress host = address.getAddress();
    boolean both = host.isAnyLocalAddress() && !Boolean.getBoolean("java.net.preferIPv4Stack");
    String name = both ? "::" : host.getHostAddress();
    return (name.indexOf(':') < 0 ? name : "[" + name + "]") + ":" + address.getPort();
  }
}
