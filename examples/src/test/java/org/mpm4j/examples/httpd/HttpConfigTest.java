package org.mpm4j.examples.httpd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mpm4j.ConfigException;
import org.mpm4j.status.Require;

/// The server's own directives: values, merging, and errors that say where they are.
final class HttpConfigTest {
  @TempDir Path folder;

  @Test
  void defaultsAreThoseOfHttpd() {
    HttpConfig config = TestSite.config("");
    assertEquals(Optional.empty(), config.documentRoot());
    assertEquals(List.of("index.html"), config.directoryIndex());
    assertEquals(1_073_741_824, config.limitRequestBody());
    assertEquals(8190, config.limitRequestLine());
    assertEquals(100, config.limitRequestFields());
    assertEquals(8190, config.limitRequestFieldSize());
    assertEquals(HandlerName.NONE, config.locations().ruleFor("/any").handler());
  }

  @Test
  void documentRootIsRelativeToServerRoot() throws Exception {
    Path www = Files.createDirectories(folder.resolve("www"));
    assertEquals(
        Optional.of(www),
        TestSite.config("ServerRoot \"" + folder + "\"\nDocumentRoot www").documentRoot());
    assertEquals(
        Optional.of(www),
        TestSite.config("DocumentRoot www\nServerRoot \"" + folder + "\"").documentRoot());
    assertEquals(
        Optional.of(www),
        TestSite.config("DocumentRoot /nowhere\nDocumentRoot \"" + www + "\"").documentRoot());
  }

  @Test
  void zeroMeansNoLimit() {
    assertEquals(Long.MAX_VALUE, TestSite.config("LimitRequestBody 0").limitRequestBody());
    assertTrue(TestSite.config("LimitRequestFields 0").limitRequestFields() > 10_000);
  }

  @Test
  void laterSectionsOverrideEarlierOnes() {
    Locations locations =
        TestSite.config(
                """
                LimitRequestBody 7
                <Location "/">
                  Require all denied
                </Location>
                <Location "/a">
                  SetHandler hello
                  Require all granted
                </Location>
                <Location "/a/b">
                  SetHandler none
                  LimitRequestBody 0
                </Location>
                <Location "/c/">
                  SetHandler echo
                </Location>
                """)
            .locations();
    assertEquals(
        new Locations.Rule(HandlerName.NONE, Require.of(List.of("all", "denied")), 7),
        locations.ruleFor("/x"));
    assertEquals(
        new Locations.Rule(HandlerName.HELLO, Require.of(List.of("all", "granted")), 7),
        locations.ruleFor("/a/x"));
    assertEquals(
        new Locations.Rule(HandlerName.NONE, Require.of(List.of("all", "granted")), Long.MAX_VALUE),
        locations.ruleFor("/a/b"));
    assertEquals(HandlerName.NONE, locations.ruleFor("/ab").handler());
    assertEquals(HandlerName.NONE, locations.ruleFor("/c").handler());
    assertEquals(HandlerName.ECHO, locations.ruleFor("/c/").handler());
    assertEquals(HandlerName.ECHO, locations.ruleFor("/c/d").handler());
  }

  @Test
  void oneOfSeveralRequirementsIsEnough() throws Exception {
    Require require =
        TestSite.config("<Location />\nRequire ip 192.0.2.1\nRequire local\n</Location>")
            .locations()
            .ruleFor("/")
            .require();
    assertTrue(require != null);
    for (String client : new String[] {"192.0.2.1", "127.0.0.1"}) {
      assertTrue(granted(require, client), client);
    }
    assertEquals(false, granted(require, "192.0.2.2"));
  }

  private static boolean granted(Require require, String client) throws Exception {
    return require.grantedTo(address(client), address("198.51.100.1"));
  }

  private static InetSocketAddress address(String digits) {
    return new InetSocketAddress(InetAddress.ofLiteral(digits), 1234);
  }

  @Test
  void aStatusPageIsForThisMachineUnlessToldOtherwise() {
    HttpConfig config =
        TestSite.config(
            """
            <Location /s>
              SetHandler server-status
            </Location>
            <Location /t>
              SetHandler server-status
              Require all granted
            </Location>
            StatusListen 127.0.0.1:9090
            """);
    assertEquals(Require.local(), config.locations().ruleFor("/s").require());
    assertEquals(Require.of(List.of("all", "granted")), config.locations().ruleFor("/t").require());
    assertEquals(
        new HttpConfig.StatusListen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 9090), Require.local()),
        config.statusListen().orElseThrow());
  }

  @Test
  void statusListenSaysWhoMayAsk() {
    assertEquals(
        Require.of(List.of("ip", "10")),
        TestSite.config("StatusListen 9090 ip 10").statusListen().orElseThrow().require());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DocumentRoot /no/such/folder",
        "DirectoryIndex cgi/index.pl",
        "LimitRequestBody -1",
        "LimitRequestBody 1k",
        "LimitRequestBody 99999999999999999999",
        "LimitRequestLine 0",
        "LimitRequestFieldSize x",
        "LimitRequestFields 32768",
        "StatusListen unix:/tmp/s",
        "StatusListen 99999",
        "StatusListen 9090 valid-user",
        "<Location hello>\n</Location>",
        "<Location /a*>\n</Location>",
      })
  void errorsSayWhereTheyAre(String text) {
    String name = text.replaceAll("[<]|[ >].*|\n.*", "");
    ConfigException error = assertThrows(ConfigException.class, () -> TestSite.config("\n" + text));
    assertTrue(
        error.problems().getFirst().toString().startsWith("test.conf:2: " + name + ": "),
        error::getMessage);
  }

  @Test
  void allErrorsAreReported() {
    ConfigException error =
        assertThrows(
            ConfigException.class,
            () ->
                TestSite.config(
                    """
                    LimitRequestBody x
                    <Location /a>
                      SetHandler nonsense
                    </Location>
                    <Location /b>
                      Require nonsense
                    </Location>
                    DocumentRoot /no/such/folder
                    """));
    assertEquals(
        List.of(1, 3, 6, 8),
        error.problems().stream().map(problem -> problem.location().line()).toList());
  }
}
