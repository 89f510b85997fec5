package org.mpm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CorrectionTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      maxCharsPerColumn = 600,
      textBlock =
          """
          # the checks of the configuration, in httpd's order
          Mpm prefork¶ServerLimit 200001 | my.conf:2: ServerLimit 200001 exceeds 200000: using 200000
          Mpm prefork¶ServerLimit 0 | my.conf:2: ServerLimit 0 is below 1: using 1¶my.conf:2: MaxRequestWorkers 256 (default) exceeds ServerLimit 1: using 1¶my.conf:2: StartServers 5 (default) exceeds MaxRequestWorkers 1: using 1
          Mpm prefork¶MaxRequestWorkers 257 | my.conf:2: MaxRequestWorkers 257 exceeds ServerLimit 256: using 256
          Mpm prefork¶MaxRequestWorkers 0 | my.conf:2: MaxRequestWorkers 0 is below 1: using 1¶my.conf:2: StartServers 5 (default) exceeds MaxRequestWorkers 1: using 1
          Mpm prefork¶StartServers 0 | my.conf:2: StartServers 0 is below 1: using 1
          Mpm prefork¶MinSpareServers 0 | my.conf:2: MinSpareServers 0 is below 1: using 1
          Mpm worker¶ServerLimit 20001 | my.conf:2: ServerLimit 20001 exceeds 20000: using 20000
          Mpm event¶ServerLimit 20001 | my.conf:2: ServerLimit 20001 exceeds 20000: using 20000
          Mpm worker¶ThreadLimit 20001 | my.conf:2: ThreadLimit 20001 exceeds 20000: using 20000
          Mpm event¶ThreadLimit 100001 | my.conf:2: ThreadLimit 100001 exceeds 100000: using 100000
          ThreadLimit 0¶MaxRequestWorkers 16 | my.conf:1: ThreadLimit 0 is below 1: using 1¶my.conf:1: ThreadsPerChild 25 (default) exceeds ThreadLimit 1: using 1
          ThreadsPerChild 100¶MaxRequestWorkers 640 | my.conf:1: ThreadsPerChild 100 exceeds ThreadLimit 64: using 64
          ThreadsPerChild 0¶MaxRequestWorkers 16 | my.conf:1: ThreadsPerChild 0 is below 1: using 1
          ThreadsPerChild 20¶MaxRequestWorkers 10¶StartServers 1 | my.conf:2: MaxRequestWorkers 10 is below ThreadsPerChild 20: using 20
          MaxRequestWorkers 0¶StartServers 1 | my.conf:1: MaxRequestWorkers 0 is below ThreadsPerChild 25: using 25
          MaxRequestWorkers 110 | my.conf:1: MaxRequestWorkers 110 is not a multiple of ThreadsPerChild 25: using 100
          ThreadsPerChild 30 | my.conf:1: MaxRequestWorkers 400 (default) is not a multiple of ThreadsPerChild 30: using 390
          MaxRequestWorkers 1000 | my.conf:1: MaxRequestWorkers 1000 takes 40 processes, above ServerLimit 16: using 400
          ServerLimit 4 | my.conf:1: MaxRequestWorkers 400 (default) takes 16 processes, above ServerLimit 4: using 100
          MaxRequestWorkers 1010 | my.conf:1: MaxRequestWorkers 1010 is not a multiple of ThreadsPerChild 25: using 1000¶my.conf:1: MaxRequestWorkers 1000 takes 40 processes, above ServerLimit 16: using 400
          Mpm worker¶StartServers 0 | my.conf:2: StartServers 0 is below 1: using 1
          MinSpareThreads 0 | my.conf:1: MinSpareThreads 0 is below 1: using 1
          # what httpd adjusts silently when it starts to run
          Mpm prefork¶StartServers 300 | my.conf:2: StartServers 300 exceeds MaxRequestWorkers 256: using 256
          Mpm prefork¶MinSpareServers 10 | my.conf:2: MaxSpareServers 10 (default) does not exceed MinSpareServers 10: using 11
          Mpm prefork¶MaxSpareServers 3 | my.conf:2: MaxSpareServers 3 does not exceed MinSpareServers 5: using 6
          StartServers 17 | my.conf:1: StartServers 17 exceeds the 16 processes that MaxRequestWorkers allows: using 16
          MaxRequestWorkers 50 | my.conf:1: StartServers 3 (default) exceeds the 2 processes that MaxRequestWorkers allows: using 2
          MaxSpareThreads 100 | my.conf:1: MaxSpareThreads 100 does not exceed MinSpareThreads 75 + ThreadsPerChild 25: using 101
          MaxSpareThreads 101 |
          MinSpareThreads 225 | my.conf:1: MaxSpareThreads 250 (default) does not exceed MinSpareThreads 225 + ThreadsPerChild 25: using 251
          MinSpareThreads 2147483647 | my.conf:1: MaxSpareThreads 250 (default) does not exceed MinSpareThreads 2147483647 + ThreadsPerChild 25: using 2147483647
          # the policies that leave StartServers no choice
          ProcessManager ondemand |
          ProcessManager static |
          ProcessManager ondemand¶StartServers 0 |
          ProcessManager static¶StartServers 16 |
          ProcessManager ondemand¶StartServers 5 | my.conf:2: StartServers 5 does not apply to the policy ondemand: using 0
          StartServers 5¶ProcessManager static | my.conf:1: StartServers 5 does not apply to the policy static: using 16
          Mpm prefork¶ProcessManager static¶StartServers 0 | my.conf:3: StartServers 0 does not apply to the policy static: using 256
          # the control socket beside the pid file
          PidFile /xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.pid |
          PidFile /xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.pid | my.conf:1: ControlSocket /xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.sock (default) is longer than the 107 bytes of a socket's name: using none
          # former names, other models, other modules
          MaxClients 300 | my.conf:1: MaxClients 300 is the former name: using MaxRequestWorkers
          MaxRequestsPerChild 300 | my.conf:1: MaxRequestsPerChild 300 is the former name: using MaxConnectionsPerChild
          Mpm prefork¶ThreadsPerChild 25 | my.conf:2: ThreadsPerChild 25 does not apply to prefork: ignored
          MinSpareServers 5 | my.conf:1: MinSpareServers 5 does not apply to event: ignored
          LoadModule ssl_module modules/mod_ssl.so | my.conf:1: LoadModule ssl_module modules/mod_ssl.so is a module of httpd: ignored
          LoadModule status_module modules/mod_status.so |
          MaxMemFree 2048 | my.conf:1: MaxMemFree 2048 is for httpd's own memory; use ChildJvmOption -Xmx: ignored
          ListenCoresBucketsRatio 8 | my.conf:1: ListenCoresBucketsRatio 8 is not needed, all children share the listening sockets: ignored
          AcceptFilter https data | my.conf:1: AcceptFilter https data is about another protocol than http: ignored
          RequestReadTimeout handshake=5 header=10 | my.conf:1: RequestReadTimeout handshake=5 is about TLS, which the server's own code would do: ignored
          RequestReadTimeout handshake=0 | my.conf:1: RequestReadTimeout handshake=0 is about TLS, which the server's own code would do: ignored
          Listen 127.0.0.1:443 https | my.conf:1: Listen 127.0.0.1:443 https names a protocol other than http: using 127.0.0.1:443
          """,
      quoteCharacter = '^')
  void areMadeAsInHttpdAndListed(String text, String expected) {
    MpmConfig config = Configs.listening(text);
    assertEquals(expected == null ? "" : expected, Configs.corrections(config));
    assertEquals(
        List.of(),
        MpmConfig.parse("again", config.toDirectives()).corrections(),
        "what is written out needs no correction");
  }

  @Test
  void giveTheValuesInEffect() {
    MpmConfig config =
        Configs.listening("ThreadLimit 10¶StartServers 99¶MinSpareThreads 0¶MaxSpareThreads 0");
    assertEquals(
        "ServerLimit 16¶ThreadLimit 10¶ThreadsPerChild 10¶MaxRequestWorkers 160¶StartServers 16"
            + "¶MinSpareThreads 1¶MaxSpareThreads 12",
        Configs.values(
            config,
            "ServerLimit ThreadLimit ThreadsPerChild MaxRequestWorkers StartServers MinSpareThreads"
                + " MaxSpareThreads"));
    assertEquals(16, config.childLimit());
  }

  @ParameterizedTest
  @CsvSource({
    "prefork, dynamic, 5", "prefork, static, 256", "prefork, ondemand, 0",
    "worker, dynamic, 3", "worker, static, 16", "worker, ondemand, 0",
    "event, dynamic, 3", "event, static, 16", "event, ondemand, 0"
  })
  void giveTheChildrenThatThePolicyStarts(String model, String policy, int expected) {
    MpmConfig config = Configs.listening("Mpm " + model + "¶ProcessManager " + policy);
    assertEquals(expected, config.startServers());
  }

  @Test
  void areNamedByTheirOverride() {
    MpmConfig config = Configs.parse("Listen 1", "ThreadsPerChild 100");
    assertEquals(
        "-c \"ThreadsPerChild 100\": ThreadsPerChild 100 exceeds ThreadLimit 64: using 64",
        config.corrections().getFirst().toString());
  }
}
