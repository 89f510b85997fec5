package org.mpm4j.comparison;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.mpm4j.comparison.Contender.Kind;
import org.mpm4j.comparison.Contender.Site;
import org.mpm4j.comparison.servers.EpollFloor;
import org.mpm4j.comparison.servers.HelidonServer;
import org.mpm4j.comparison.servers.JdkServer;
import org.mpm4j.comparison.servers.JettyServer;
import org.mpm4j.comparison.servers.MicrohttpServer;
import org.mpm4j.comparison.servers.NettyServer;
import org.mpm4j.comparison.servers.ServerArguments;
import org.mpm4j.comparison.servers.TomcatServer;
import org.mpm4j.comparison.servers.UndertowServer;

/// Every server of the comparison.
final class Contenders {
  /// How many requests may block at a time in each server but those of the models that keep a
  /// thread or a process for each connection.
  static final int THREADS = 64;

  /// The threads of worker, more than the connections of ab.
  static final int WORKER_THREADS = 128;

  /// The children of prefork: JVMs, so there are few, and as few of httpd's.
  static final int CHILDREN = 16;

  /// What every JVM that serves is started with.
  static final List<String> JVM_OPTIONS = List.of("-XX:+UseSerialGC", "-Xms64m", "-Xmx1g");

  private static final List<String> SUPERVISOR_OPTIONS =
      List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  private static final List<String> ALL_JVMS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
  private static final String HTTPD = "/usr/sbin/apache2";
  private static final String NGINX = "/usr/sbin/nginx";
  private static final String GUIDE =
      "not in the table: it is that of httpd's guide, for its models";
  private static final String NO_BLOCKING = "has no handler that blocks without another module";

  private Contenders() {}

  /// All of them, in the order of the tables.
  static List<Contender> all() {
    return List.of(
        mpm4j("event"),
        mpm4j("worker"),
        mpm4j("prefork"),
        httpd("event"),
        httpd("worker"),
        httpd("prefork"),
        nginx(),
        java("netty", "Netty 4.2, epoll", "1 event loop", NettyServer.class),
        java("jetty", "Jetty 12.1", "1 acceptor, 1 selector", JettyServer.class),
        java("tomcat", "Tomcat 11", "1 acceptor, 1 poller", TomcatServer.class),
        java("helidon", "Helidon 4.5", "virtual threads on 2 carriers", HelidonServer.class),
        java("undertow", "Undertow 2.4", "1 I/O thread", UndertowServer.class),
        java("microhttp", "microhttp 0.11", "1 acceptor, 1 event loop", MicrohttpServer.class),
        java("jdk-pool", "JDK HttpServer, pool", "1 dispatcher", JdkServer.class, "pool"),
        java("jdk-virtual", "JDK HttpServer, virtual", "1 dispatcher", JdkServer.class, "virtual"),
        floor());
  }

  private static Contender mpm4j(String model) {
    return new Contender(
        model,
        "mpm4j " + model,
        Kind.MPM4J,
        setup(model),
        processes(model),
        holds(model),
        Optional.empty(),
        limits(model),
        notes(model),
        site -> mpmHttpd(site, Configurations.mpm4j(model, site, JVM_OPTIONS)));
  }

  /// mpm4j's event model to be filled with connections.
  ///
  /// @param jvmOptions of its children; none for their defaults
  /// @param descriptors how many each of its processes may have open
  static Contender event(int children, List<String> jvmOptions, int descriptors) {
    return new Contender(
        "event",
        "mpm4j event",
        Kind.MPM4J,
        children + " children, " + THREADS + " threads each",
        children + 1,
        OptionalInt.empty(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        site -> {
          List<String> command = new ArrayList<>(List.of("/usr/bin/prlimit"));
          command.addAll(List.of("--nofile=" + descriptors, "--"));
          command.addAll(mpmHttpd(site, Configurations.event(children, site, jvmOptions)));
          return command;
        });
  }

  private static List<String> mpmHttpd(Site site, String configuration) throws IOException {
    List<String> command = jvm(SUPERVISOR_OPTIONS);
    command.addAll(List.of("org.mpm4j.examples.httpd.Main", "-f", write(site, configuration)));
    return command;
  }

  private static Contender httpd(String model) {
    Map<Scenario, String> cannot = limits(model);
    cannot.put(Scenario.BLOCKING_5MS, NO_BLOCKING);
    Map<Scenario, String> notes = notes(model);
    notes.merge(Scenario.POST_64K, "mod_reflector", (other, own) -> other + "; " + own);
    return new Contender(
        "httpd-" + model,
        "httpd " + model,
        Kind.NATIVE,
        setup(model) + "; /hello is a file",
        processes(model),
        holds(model),
        Optional.of(Path.of(HTTPD)),
        cannot,
        notes,
        site ->
            List.of(
                HTTPD, "-DFOREGROUND", "-f", write(site, Configurations.httpd(model, site, ROOT))));
  }

  private static Contender nginx() {
    Map<Scenario, String> cannot = withoutGuide();
    cannot.put(Scenario.BLOCKING_5MS, NO_BLOCKING);
    return new Contender(
        "nginx",
        "nginx",
        Kind.NATIVE,
        "1 worker process",
        2,
        OptionalInt.empty(),
        Optional.of(Path.of(NGINX)),
        cannot,
        Map.of(Scenario.POST_64K, "throws the body away and answers 13 bytes"),
        site ->
            List.of(
                NGINX,
                "-p",
                site.run().toString(),
                "-e",
                site.run().resolve("error.log").toString(),
                "-c",
                write(site, Configurations.nginx(site, ROOT))));
  }

  private static Contender java(
      String word, String title, String setup, Class<?> main, String... more) {
    return new Contender(
        word,
        title,
        Kind.JAVA,
        setup + ", " + THREADS + " blocking",
        1,
        OptionalInt.empty(),
        Optional.empty(),
        withoutGuide(),
        word.equals("microhttp")
            ? Map.of(Scenario.FILE_1M, "from memory: it sends no files")
            : Map.of(),
        site -> program(site, main, more));
  }

  private static Contender floor() {
    Map<Scenario, String> cannot = withoutGuide();
    cannot.put(Scenario.CHURN, "does not parse requests, so it never closes");
    cannot.put(Scenario.TEN_PER_CONNECTION, "does not parse requests, so it never closes");
    cannot.put(Scenario.BLOCKING_5MS, "is one thread");
    cannot.put(Scenario.FILE_1M, "always gives the same answer");
    cannot.put(Scenario.POST_64K, "does not parse requests, so it finds no body");
    return new Contender(
        "floor",
        "floor (bare epoll loop)",
        Kind.FLOOR,
        "1 thread, no HTTP",
        1,
        OptionalInt.empty(),
        Optional.empty(),
        cannot,
        Map.of(),
        site -> program(site, EpollFloor.class));
  }

  private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

  private static Map<Scenario, String> withoutGuide() {
    Map<Scenario, String> cannot = new EnumMap<>(Scenario.class);
    cannot.put(Scenario.AB, GUIDE);
    cannot.put(Scenario.AB_KEEP_ALIVE, GUIDE);
    return cannot;
  }

  /// The children and threads of a model, of httpd and of mpm4j alike.
  private static String setup(String model) {
    return switch (model) {
      case "prefork" -> CHILDREN + " children";
      case "worker" -> "1 child, " + WORKER_THREADS + " threads";
      default -> "1 child, " + THREADS + " threads";
    };
  }

  private static int processes(String model) {
    return model.equals("prefork") ? CHILDREN + 1 : 2;
  }

  private static OptionalInt holds(String model) {
    return switch (model) {
      case "prefork" -> OptionalInt.of(CHILDREN);
      case "worker" -> OptionalInt.of(WORKER_THREADS);
      default -> OptionalInt.empty();
    };
  }

  /// Scenarios that are about more connections than a model can keep.
  private static Map<Scenario, String> limits(String model) {
    Map<Scenario, String> cannot = new EnumMap<>(Scenario.class);
    if (holds(model).isPresent()) {
      String reason =
          "keeps %d connections at a time: each holds a %s"
              .formatted(holds(model).getAsInt(), model.equals("worker") ? "thread" : "process");
      for (Scenario scenario : Scenario.values()) {
        if (scenario.connections() + scenario.crowdSize() > WORKER_THREADS) {
          cannot.put(scenario, reason);
        }
      }
    }
    return cannot;
  }

  private static Map<Scenario, String> notes(String model) {
    Map<Scenario, String> notes = new EnumMap<>(Scenario.class);
    if (model.equals("prefork")) {
      for (Scenario scenario : Scenario.values()) {
        if (scenario.connections() > CHILDREN && !scenario.mode().equals("close")) {
          notes.put(scenario, "with " + CHILDREN + " connections, one for each child");
        }
      }
    }
    return notes;
  }

  private static List<String> program(Site site, Class<?> main, String... more) {
    List<String> command = jvm(JVM_OPTIONS);
    command.add(main.getName());
    command.addAll(new ServerArguments(site.port(), THREADS, site.files()).toList());
    command.addAll(List.of(more));
    return command;
  }

  /// A command that runs this program's JVM with its class path.
  static List<String> jvm(List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(ALL_JVMS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    return command;
  }

  private static String write(Site site, String configuration) throws IOException {
    return Files.writeString(site.run().resolve("server.conf"), configuration).toString();
  }
}
