package org.mpm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Random configurations and random text. A failure names the seed; `-Dmpm4j.seed=N` repeats it.
class RandomConfigTest {
  private static final long SEED = Long.getLong("mpm4j.seed", System.nanoTime());

  private static final List<String> LINES =
      List.of(
          "",
          "# comment",
          "Listen 127.0.0.1:0",
          "Listen 80",
          "Listen unix:/a",
          "Mpm worker",
          "LoadModule mpm_worker_module x",
          "<IfModule mpm_event_module>\nTimeout 9\n</IfModule>",
          "<IfModule !worker.c>\n<Foo>\nBar \"\n</Foo>\n</IfModule>",
          "<Location /a>\n<Limit GET>\nRequire \"a\\\"\"\n</Limit>\nSetHandler x\n</Location>",
          "ServerName \"a b\"",
          "ServerAlias a 'b\"' c\\d",
          "ThreadsPerChild 100",
          "MaxRequestWorkers 77",
          "MinSpareThreads 2147483647",
          "ServerLimit 3",
          "ChildEnvironment A \"b \\\" c\"",
          "ChildJvmOption -Xmx1m \"-Dx=\\\\\"",
          "RequestReadTimeout header=9 body=0",
          "AcceptFilter https none",
          "MaxClients 9",
          "KeepAliveTimeout 1500ms",
          "AsyncRequestWorkerFactor 0.125",
          "PidFile /tmp/é",
          "MinSpareServers 9",
          "ProcessManager ondemand",
          "ProcessManager static",
          "MaxChildMemory 1536k",
          "RecycleJitter 50%",
          "MaxRecyclingChildren 2",
          "ReloadMaxSurge 0",
          "ReloadMaxUnavailable 30%",
          "HeartbeatTimeout 3",
          "ControlSocket None",
          "User #33",
          "Group \"EXAMPLE\\\\web\"",
          "ChildClassPath a.jar:lib/*",
          "StartServers \\\n 5");

  private static final List<String> SCRAPS =
      List.of(
          "\n",
          "\r\n",
          "\\\n",
          " ",
          "\t",
          "\"",
          "'",
          "\\",
          "<",
          ">",
          "</",
          "#",
          "\0",
          "\u0085",
          "\u00a0",
          "é",
          "\ud800",
          "\ufeff",
          "0",
          "-1",
          "65536",
          "99999999999",
          "1.5",
          "500ms",
          "10%",
          "12Q",
          "Mpm prefork\n",
          "Mpm x\n",
          "<IfModule mpm_event_module>\n",
          "</IfModule>\n",
          "<Location /a>\n",
          "</Location>\n",
          "IfModule",
          "Foo",
          "Require all denied\n",
          "Listen",
          "Include x\n",
          "= , ; %n ${X} $(x)");

  @Test
  void readsBackWhatItWrote() {
    repeat(
        3_000,
        random -> {
          MpmConfig config = config(random);
          String text = config.toDirectives();
          MpmConfig again = MpmConfig.parse("again", text, List.of(), Vocabulary.any());
          assertEquals(config, again, text);
          assertEquals(List.of(), again.corrections(), text);
          assertEquals(text, again.toDirectives());
        });
  }

  @Test
  void eitherReadsRandomTextOrLocatesEveryError() {
    repeat(20_000, random -> read(text(random), text(random)));
  }

  @Test
  void eitherReadsAlteredTextOrLocatesEveryError() {
    repeat(
        10_000,
        random -> {
          StringBuilder text = new StringBuilder(config(random).toDirectives());
          for (int i = random.nextInt(1, 4); i > 0; i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(3)) {
              case 0 -> text.deleteCharAt(at);
              case 1 -> text.insert(at, pick(random, SCRAPS));
              default -> text.setCharAt(at, (char) random.nextInt(' ', 127));
            }
          }
          read(text.toString(), "Listen 127.0.0.1:0");
        });
  }

  private static void read(String text, String override) {
    try {
      Vocabulary vocabulary = Configs.STATUS_SERVER;
      MpmConfig config =
          ConfigFile.parse("random.conf", text, List.of(override), vocabulary, Configs::resolve);
      assertEquals(
          config,
          ConfigFile.parse(
              "again", config.toDirectives(), List.of(), vocabulary, Configs::resolve));
    } catch (ConfigException e) {
      assertFalse(e.problems().isEmpty());
      for (ConfigException.Problem problem : e.problems()) {
        assertFalse(problem.message().isBlank());
        assertFalse(problem.location().source().isBlank());
        assertEquals(1, problem.toString().lines().count(), problem::toString);
      }
    }
  }

  private static String text(SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(8); i > 0; i--) {
      boolean scrap = random.nextInt(10) == 0;
      text.append(scrap ? pick(random, SCRAPS) : pick(random, LINES) + "\n");
    }
    return text.toString();
  }

  private static MpmConfig config(SplittableRandom random) {
    MpmConfigBuilder builder =
        MpmConfig.builder(pick(random, List.of(ProcessModel.values())))
            .listen("127.0.0.1:" + random.nextInt(1, 65_536))
            .listen("[::1]:0")
            .listen("unix:/" + word(random))
            .serverLimit(number(random))
            .threadLimit(number(random))
            .threadsPerChild(number(random))
            .maxRequestWorkers(number(random))
            .startServers(number(random))
            .minSpareServers(number(random))
            .maxSpareServers(number(random))
            .minSpareThreads(number(random))
            .maxSpareThreads(number(random))
            .maxConnectionsPerChild(number(random))
            .asyncRequestWorkerFactor(0.001 + random.nextDouble(random.nextBoolean() ? 3 : 900_000))
            .timeout(Duration.ofMillis(random.nextInt(1, 100_000)))
            .gracefulShutdownTimeout(Duration.ofSeconds(random.nextInt(100)))
            .keepAlive(random.nextBoolean())
            .deferAccept(random.nextBoolean())
            .processManager(pick(random, List.of(ProcessPolicy.values())))
            .processIdleTimeout(Duration.ofMillis(random.nextInt(1, 100_000)))
            .maxChildAge(Duration.ofMillis(random.nextInt(100_000)))
            .maxChildMemory(random.nextLong(1L << 20, 1L << 40) << (10 * random.nextInt(2)))
            .recycleJitter(random.nextInt(51) / 100.0)
            .maxRecyclingChildren(share(random, 1))
            .reloadMaxSurge(share(random, 1))
            .reloadMaxUnavailable(share(random, 0))
            .requestSlowLogTimeout(Duration.ofMillis(random.nextInt(100_000)))
            .requestTerminateTimeout(Duration.ofMillis(random.nextInt(100_000)))
            .heartbeatTimeout(Duration.ofMillis(random.nextInt(3_000, 100_000)))
            .childRestartLimit(random.nextInt(1, 100))
            .childRestartInterval(Duration.ofMillis(random.nextInt(1, 100_000)))
            .childRestartCoolDown(Duration.ofMillis(random.nextInt(1, 100_000)))
            .user("u" + random.nextInt(100))
            .group("#" + random.nextInt(100))
            .childClassPath(List.of(Path.of("/" + word(random)), Path.of("a" + word(random))));
    if (random.nextBoolean()) {
      builder.pidFile(Path.of("/" + word(random)));
    }
    if (random.nextBoolean()) {
      builder.controlSocket(Path.of(pick(random, List.of("none", "NONE", "/" + word(random)))));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      builder
          .childJvmOption("-" + word(random))
          .childEnvironment("N" + random.nextInt(3), word(random))
          .serverDirective(directive(random, 3));
    }
    return builder.build();
  }

  private static Directive directive(SplittableRandom random, int depth) {
    boolean section = depth > 0 && random.nextBoolean();
    List<String> arguments = new ArrayList<>();
    List<Directive> children = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      arguments.add(word(random));
    }
    for (int i = section ? random.nextInt(3) : 0; i > 0; i--) {
      children.add(directive(random, depth - 1));
    }
    return new Directive(
        "Name" + random.nextInt(5), arguments, section, children, new Location("random", 0));
  }

  private static String word(SplittableRandom random) {
    StringBuilder word = new StringBuilder();
    for (int i = random.nextInt(8); i > 0; i--) {
      word.append("ab \t\"'\\<>#$%é;\u2028".charAt(random.nextInt(15)));
    }
    return word.toString();
  }

  private static int number(SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(4);
      case 1 -> random.nextInt(Integer.MAX_VALUE) + 1;
      default -> random.nextInt(500);
    };
  }

  private static Share share(SplittableRandom random, int least) {
    return new Share(random.nextInt(least, 101), random.nextBoolean());
  }

  private static <T> T pick(SplittableRandom random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  @FunctionalInterface
  private interface Round {
    void run(SplittableRandom random);
  }

  private static void repeat(int times, Round round) {
    SplittableRandom seeds = new SplittableRandom(SEED);
    for (int i = 0; i < times; i++) {
      SplittableRandom random = seeds.split();
      try {
        round.run(random);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("-Dmpm4j.seed=" + SEED + ", round " + i, e);
      }
    }
  }
}
