package org.mpm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigSyntaxTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          timeOUT 7 | Timeout 7
          Timeout 500ms | Timeout 500ms
          Timeout 2000ms | Timeout 2
          Timeout 7s | Timeout 7
          Timeout 2min | Timeout 120
          Timeout 2MI | Timeout 120
          Timeout 1h | Timeout 3600
          KeepAlive off | KeepAlive Off
          MaxKeepAliveRequests 0 | MaxKeepAliveRequests 0
          ListenBacklog 0100 | ListenBackLog 100
          AsyncRequestWorkerFactor 1.50 | AsyncRequestWorkerFactor 1.5
          AcceptFilter HTTP none | AcceptFilter http none
          RequestReadTimeout header=0 | RequestReadTimeout header=0 body=20,MinRate=500
          RequestReadTimeout BODY=5 header=10-20,minrate=1 | RequestReadTimeout header=10-20,MinRate=1 body=5
          RequestReadTimeout body=5¶RequestReadTimeout header=6 | RequestReadTimeout header=6 body=5
          Timeout 7¶Timeout 8 | Timeout 8
          PidFile "/run/a b.pid" | PidFile "/run/a b.pid"
          PidFile '/run/a"b.pid' | PidFile "/run/a\\"b.pid"
          PidFile "/run/\\x.pid" | PidFile "/run/\\\\x.pid"
          PidFile /run/\\\\x.pid | PidFile "/run/\\\\x.pid"
          PidFile /run/don't.pid | PidFile "/run/don't.pid"
          \tPidFile\t/run/a.pid\t | PidFile /run/a.pid
          PidFile /run/\\¶a.pid | PidFile /run/a.pid
          # Timeout 8 \\¶Timeout 9¶Timeout 7 | Timeout 7
          <IfModule mpm_event_module>¶Timeout 7¶</ifmodule> | Timeout 7
          <ifmodule mpm_worker_module>¶Timeout 8¶</IfModule>¶Timeout 7 | Timeout 7
          <IfModule !mpm_worker_module>¶Timeout 7¶</IfModule> | Timeout 7
          <IfModule event.c>¶Timeout 7¶</IfModule> | Timeout 7
          <IfModule mpm_event.c>¶Timeout 7¶</IfModule> | Timeout 7
          <IfModule mod_status.c>¶Timeout 7¶</IfModule> | Timeout 7
          <IfModule !mod_ssl.c>¶<IfModule event.c>¶Timeout 7¶</IfModule>¶</IfModule> | Timeout 7
          Timeout 7¶<IfModule mod_ssl.c>¶<IfModule event.c>¶Timeout 8¶</IfModule>¶</IfModule> | Timeout 7
          ProcessManager STATIC | ProcessManager static
          MaxChildMemory 0 | MaxChildMemory 0
          MaxChildMemory 1048576 | MaxChildMemory 1M
          MaxChildMemory 1048577 | MaxChildMemory 1048577
          MaxChildMemory 1536k | MaxChildMemory 1536K
          MaxChildMemory 2048M | MaxChildMemory 2G
          RecycleJitter 007% | RecycleJitter 7%
          MaxRecyclingChildren 100% | MaxRecyclingChildren 100%
          ReloadMaxSurge 3 | ReloadMaxSurge 3
          ReloadMaxSurge 0¶ReloadMaxUnavailable 1 | ReloadMaxSurge 0
          HeartbeatTimeout 3 | HeartbeatTimeout 3
          HeartbeatTimeout 0 | HeartbeatTimeout 0
          PidFile /run/a.pid | ControlSocket /run/a.sock
          PidFile run/a | ControlSocket run/a.sock
          PidFile /run/a.pid.d | ControlSocket /run/a.pid.d.sock
          PidFile /run/.pid | ControlSocket /run/.sock
          PidFile /run/a.pid¶ControlSocket /tmp/c | ControlSocket /tmp/c
          PidFile /run/a.pid¶ControlSocket NONE | ControlSocket none
          Timeout 7 | ControlSocket none
          User www-data | User www-data
          User EXAMPLE\\\\web | User "EXAMPLE\\\\web"
          Group #33 | Group "#33"
          ChildClassPath a.jar:lib/*:/b | ChildClassPath a.jar:lib/*:/b
          Listen 8080 | Listen [0:0:0:0:0:0:0:0]:8080
          Listen *:8080 | Listen [0:0:0:0:0:0:0:0]:8080
          Listen 0.0.0.0:80 http | Listen 0.0.0.0:80
          Listen [::1]:8080 | Listen [0:0:0:0:0:0:0:1]:8080
          Listen localhost:0 | Listen 127.0.0.1:0
          Listen 127.0.0.1:0¶Listen 127.0.0.1:0 | Listen 127.0.0.1:0¶Listen 127.0.0.1:0
          Listen "unix:/run/my app.sock" | Listen "unix:/run/my app.sock"
          """)
  void readsHttpdsSyntax(String text, String expected) {
    String name = expected.split(" ", 2)[0];
    assertEquals(expected, Configs.values(Configs.listening(text), name));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Timeout 7 | event
          Mpm worker | worker
          mpm PREFORK | prefork
          LoadModule mpm_worker_module modules/mod_mpm_worker.so | worker
          <IfModule prefork.c>¶StartServers 4¶</IfModule>¶Mpm prefork | prefork
          Mpm worker¶LoadModule mpm_worker_module x | worker
          <IfModule !mpm_event_module>¶Mpm worker¶</IfModule> | worker
          <IfModule mpm_worker_module>¶Mpm worker¶</IfModule> | event
          Mpm prefork¶<IfModule !mpm_prefork_module>¶Mpm worker¶</IfModule> | prefork
          """)
  void settlesTheModelFirst(String text, String model) {
    assertEquals(model, Configs.listening(text).model().httpdName());
  }

  @Test
  void letsAnOverrideChooseTheModel() {
    String text = "Listen 1¶Mpm worker¶<IfModule mpm_prefork_module>¶StartServers 4¶</IfModule>";
    MpmConfig config = Configs.parse(text, "Mpm event", "Mpm prefork");
    assertEquals(ProcessModel.PREFORK, config.model());
    assertEquals(4, config.startServers());
    assertEquals(List.of(), config.corrections());
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void startsFromHttpdsDefaults(ProcessModel model) {
    MpmConfig config = MpmConfig.builder(model).listen("127.0.0.1:0").build();
    boolean prefork = model == ProcessModel.PREFORK;
    assertEquals(List.of(), config.corrections());
    assertEquals(prefork ? 256 : 16, config.serverLimit());
    assertEquals(prefork ? 1 : 64, config.threadLimit());
    assertEquals(prefork ? 1 : 25, config.threadsPerChild());
    assertEquals(prefork ? 256 : 400, config.maxRequestWorkers());
    assertEquals(prefork ? 256 : 16, config.childLimit());
    assertEquals(prefork ? 5 : 3, config.startServers());
    assertEquals(prefork ? 5 : 0, config.minSpareServers());
    assertEquals(prefork ? 10 : 0, config.maxSpareServers());
    assertEquals(prefork ? 5 : 75, config.minSpareThreads());
    assertEquals(prefork ? 10 : 250, config.maxSpareThreads());
    assertEquals(0, config.maxConnectionsPerChild());
    assertEquals(model == ProcessModel.EVENT ? 2.0 : 0.0, config.asyncRequestWorkerFactor());
    assertEquals(511, config.listenBackLog());
    assertTrue(config.deferAccept());
    assertTrue(config.keepAlive());
    assertEquals(60, config.timeout().toSeconds());
    assertEquals(5, config.keepAliveTimeout().toSeconds());
    assertEquals(100, config.maxKeepAliveRequests());
    assertEquals(30, config.gracefulShutdownTimeout().toSeconds());
    assertEquals(60, config.childStartTimeout().toSeconds());
    assertEquals(
        "header=20-40,MinRate=500 body=20,MinRate=500", config.requestReadTimeout().toString());
    assertEquals(ProcessPolicy.DYNAMIC, config.processManager());
    assertEquals(10, config.processIdleTimeout().toSeconds());
    assertEquals(Duration.ZERO, config.maxChildAge());
    assertEquals(0, config.maxChildMemory());
    assertEquals(0.1, config.recycleJitter());
    assertEquals(Share.percent(10), config.maxRecyclingChildren());
    assertEquals(Share.percent(25), config.reloadMaxSurge());
    assertEquals(Share.count(0), config.reloadMaxUnavailable());
    assertEquals(Duration.ZERO, config.requestSlowLogTimeout());
    assertEquals(Duration.ZERO, config.requestTerminateTimeout());
    assertEquals(60, config.heartbeatTimeout().toSeconds());
    assertEquals(10, config.childRestartLimit());
    assertEquals(60, config.childRestartInterval().toSeconds());
    assertEquals(30, config.childRestartCoolDown().toSeconds());
    assertEquals(Optional.empty(), config.controlSocket());
    assertEquals(Optional.empty(), config.user());
    assertEquals(Optional.empty(), config.group());
    assertEquals(List.of(), config.childClassPath());
    assertTrue(config.pidFile().isEmpty());
    assertTrue(config.scoreBoardFile().isEmpty());
  }

  @Test
  void replacesTheListenersOfAllLayersBefore() {
    Vocabulary vocabulary = Vocabulary.none().withDefaults("Listen 127.0.0.1:1", "Timeout 9");
    String names = "Listen Timeout";
    assertEquals(
        "Listen 127.0.0.1:1¶Timeout 9", Configs.values(Configs.parse(vocabulary, ""), names));
    String file = "Listen 127.0.0.1:2¶Listen 127.0.0.1:3¶Timeout 8";
    assertEquals(
        "Listen 127.0.0.1:2¶Listen 127.0.0.1:3¶Timeout 8",
        Configs.values(Configs.parse(vocabulary, file), names));
    assertEquals(
        "Listen 127.0.0.1:4¶Listen 127.0.0.1:5¶Timeout 7",
        Configs.values(
            Configs.parse(
                vocabulary, file, "Listen 127.0.0.1:4", "Timeout 7", "Listen 127.0.0.1:5"),
            names));
  }

  @Test
  void addsOptionsAndVariablesOfTheOverrides() {
    MpmConfig config =
        Configs.parse(
            "Listen 1¶ChildJvmOption -Xmx64m -Xss1m¶ChildEnvironment A \"b c\"¶ChildEnvironment D"
                + " \"\"",
            "ChildJvmOption \"-Dx=a b\"",
            "ChildEnvironment A e");
    assertEquals(List.of("-Xmx64m", "-Xss1m", "-Dx=a b"), config.childJvmOptions());
    assertEquals(Map.of("A", "e", "D", ""), config.childEnvironment());
  }

  @Test
  void givesTheValuesInTheirTypes() {
    MpmConfig config =
        Configs.listening(
            "MaxChildMemory 300M¶RecycleJitter 25%¶ReloadMaxUnavailable 50%¶PidFile a.pid¶User #33"
                + "¶Group web¶ChildClassPath a.jar:lib/*");
    assertEquals(300L << 20, config.maxChildMemory());
    assertEquals(0.25, config.recycleJitter());
    assertEquals(Share.percent(50), config.reloadMaxUnavailable());
    assertEquals(Optional.of(Path.of("a.sock")), config.controlSocket());
    assertEquals(Optional.of("#33"), config.user());
    assertEquals(Optional.of("web"), config.group());
    assertEquals(List.of(Path.of("a.jar"), Path.of("lib/*")), config.childClassPath());
  }

  @Test
  void handsTheServersDirectivesOver() {
    MpmConfig config =
        Configs.parse(
            "Listen 1¶servername a¶<location \"/x>y\">¶<IfModule event.c>¶SetHandler s¶</IfModule>"
                + "¶<Limit GET POST>¶Require all denied¶</Limit>¶</Location>"
                + "¶<IfModule worker.c>¶ServerName b¶</IfModule>");
    assertEquals(2, config.serverDirectives().size());
    Directive location = config.serverDirectives().get(1);
    assertEquals("<Location \"/x>y\">", location.toString());
    assertEquals(List.of("/x>y"), location.arguments());
    assertEquals("my.conf:3", location.location().toString());
    assertEquals("[SetHandler s, <Limit GET POST>]", location.children().toString());
    assertEquals("my.conf:5", location.children().getFirst().location().toString());
  }

  @Test
  void prefersTheServersMeaningOfANameThatItWouldIgnore() {
    Vocabulary vocabulary = Vocabulary.none().withDirective("ExtendedStatus", 1, 1);
    MpmConfig config = Configs.parse(vocabulary, "Listen 1¶ExtendedStatus On");
    assertEquals("[ExtendedStatus On]", config.serverDirectives().toString());
    assertEquals(List.of(), config.corrections());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "<a", "9a", "ä", "a-b"})
  void refusesAVocabularyOfNamesThatAreNone(String name) {
    assertThrows(IllegalArgumentException.class, () -> Vocabulary.none().withDirective(name, 0, 1));
  }

  @Test
  void refusesAVocabularyThatRedefinesADirective() {
    Vocabulary inside = Vocabulary.none().withDirective("Timeout", 1, 1);
    Vocabulary section = Vocabulary.none().withSection("Location", 0, 1, inside);
    MpmConfig config = Configs.parse(section, "Listen 1¶<Location>¶Timeout x¶</Location>");
    assertEquals("[Timeout x]", config.serverDirectives().getFirst().children().toString());
    assertThrows(IllegalArgumentException.class, () -> Configs.parse(inside, "Listen 1"));
  }

  @Test
  void comparesByEffect() {
    MpmConfig config = Configs.parse("Listen 1¶MaxRequestWorkers 410¶servername a");
    MpmConfig same = Configs.parse("¶ServerName a¶Listen 1¶MaxRequestWorkers 400");
    assertEquals(config, same);
    assertEquals(config.hashCode(), same.hashCode());
    assertFalse(config.corrections().equals(same.corrections()));
    assertNotEquals(config, Configs.parse("Listen 1¶MaxRequestWorkers 400¶ServerName b"));
    assertNotEquals(config, Configs.parse("Listen 2¶MaxRequestWorkers 400¶ServerName a"));
    assertEquals("MpmConfig[event, listen [0:0:0:0:0:0:0:0]:1]", config.toString());
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void listsTheDirectivesOfAModel(ProcessModel model) {
    String reference = MpmConfig.directiveReference(model);
    assertEquals(model.threaded(), reference.contains("ThreadsPerChild           25"));
    assertEquals(!model.threaded(), reference.contains("MinSpareServers           5"));
    assertTrue(reference.contains("Timeout                   60            How long"));
  }
}
