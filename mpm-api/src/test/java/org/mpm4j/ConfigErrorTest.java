package org.mpm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigErrorTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      maxCharsPerColumn = 500,
      textBlock =
          """
          ThreadsPerChild 25abc | "25abc" is not a whole number; expected 1 to 100000
          ThreadsPerChild -3 | "-3" is negative; expected 1 to 100000
          ThreadsPerChild 2.5 | "2.5" is not a whole number; expected 1 to 100000
          ThreadsPerChild +5 | "+5" is not a whole number; expected 1 to 100000
          ThreadsPerChild ٣ | "٣" is not a whole number; expected 1 to 100000
          ThreadsPerChild "" | "" is not a whole number; expected 1 to 100000
          ThreadsPerChild 4294967296 | "4294967296" is too large; expected 1 to 100000
          ThreadsPerChild 99999999999999999999 | "99999999999999999999" is too large; expected 1 to 100000
          ThreadsPerChild | no argument; expected 1 to 100000
          ThreadsPerChild 25 30 | 2 arguments; expected 1 to 100000
          ThreadsPerChild 25 # many | 3 arguments; expected 1 to 100000; a comment needs a line of its own
          ServerLimit x | "x" is not a whole number; expected 1 to 20000
          MaxConnectionsPerChild -1 | "-1" is negative; expected 0 to 2147483647
          ListenBackLog 0 | "0" is too small; expected 1 to 2147483647
          SendBufferSize 511 | 511 is too small; expected 0 or 512 to 2147483647
          AsyncRequestWorkerFactor 0 | "0" is out of range; expected a number from 0.001 to 1000000
          AsyncRequestWorkerFactor 1,5 | "1,5" is not a decimal number; expected a number from 0.001 to 1000000
          AsyncRequestWorkerFactor 1e3 | "1e3" is not a decimal number; expected a number from 0.001 to 1000000
          KeepAlive yes | "yes" is not a switch; expected On or Off
          Timeout 0 | "0" is too short; expected a time from 1ms to 31536000 seconds, as in 5, 500ms, 2min or 1h
          KeepAliveTimeout 5m | "5m" is not a time; expected a time from 0 to 31536000 seconds, as in 5, 500ms, 2min or 1h
          KeepAliveTimeout -5 | "-5" is not a time; expected a time from 0 to 31536000 seconds, as in 5, 500ms, 2min or 1h
          KeepAliveTimeout 999999999999h | "999999999999h" is too long; expected a time from 0 to 31536000 seconds, as in 5, 500ms, 2min or 1h
          RequestReadTimeout header=40-20,MinRate=1 | "header=40-20,MinRate=1": the maximum must be larger than the initial 40, not 20; expected a form such as header=20-40,MinRate=500 body=20,MinRate=500
          RequestReadTimeout header=20-40 | "header=20-40": a range needs MinRate, as in 20-40,MinRate=500; expected a form such as header=20-40,MinRate=500 body=20,MinRate=500
          RequestReadTimeout head=20 | "head=20": not of the form stage=seconds-seconds,MinRate=bytes; expected a form such as header=20-40,MinRate=500 body=20,MinRate=500
          AcceptFilter http often | "http often" is not an accept filter; expected http data or http none
          AcceptFilter http | "http" is not an accept filter; expected http data or http none
          PidFile "" | "" is empty; expected the name of a file
          PidFile "a | ""a" has no closing quote; expected "
          PidFile 'a'b | "'a'b" goes on after its closing quote; expected a blank there
          Mpm fast | "fast" is not a process model; expected prefork, worker or event
          Mpm | no argument; expected prefork, worker or event
          LoadModule mpm_event_module | 1 argument; expected a module and its file
          Listen 70000 | "70000" has no port from 0 to 65535; expected a port such as 8080, an address such as 127.0.0.1:8080 or [::1]:8080, or unix:/path
          Listen ::1:80 | "::1:80" has an IPv6 address without brackets; expected a port such as 8080, an address such as 127.0.0.1:8080 or [::1]:8080, or unix:/path
          Listen [::1] | "[::1]" has no port from 0 to 65535; expected a port such as 8080, an address such as 127.0.0.1:8080 or [::1]:8080, or unix:/path
          Listen [1.2.3.4]:80 | "[1.2.3.4]:80" has no IPv6 address in its brackets; expected a port such as 8080, an address such as 127.0.0.1:8080 or [::1]:8080, or unix:/path
          Listen 127.0.0.256:80 | "127.0.0.256:80" has no IPv4 address; expected a port such as 8080, an address such as 127.0.0.1:8080 or [::1]:8080, or unix:/path
          Listen 127.1:80 | "127.1:80" has no IPv4 address; expected a port such as 8080, an address such as 127.0.0.1:8080 or [::1]:8080, or unix:/path
          Listen nowhere.invalid:80 | "nowhere.invalid:80" has an unknown host; expected a port such as 8080, an address such as 127.0.0.1:8080 or [::1]:8080, or unix:/path
          Listen unix: | "unix:" has a path of 0 bytes, not 1 to 107; expected a port such as 8080, an address such as 127.0.0.1:8080 or [::1]:8080, or unix:/path
          Listen localhost | "localhost" has no port; expected a port such as 8080, an address such as 127.0.0.1:8080 or [::1]:8080, or unix:/path
          ChildEnvironment A | 1 argument; expected a name and a value
          ChildEnvironment A=B c | "A=B" is not the name of a variable; expected letters, digits and _
          ChildJvmOption "" | "" is empty; expected an option of the JVM
          StartSrvers 3 | is unknown; did you mean StartServers?
          listenn 80 | is unknown; did you mean Listen?
          SetHandlr x | is unknown; expected a directive of mpm4j or of the server
          SetHandler x | is not allowed here; expected it in <Location>
          DocumentRoot /var | is unknown; expected a directive of mpm4j or of the server
          Include conf.d/*.conf | is not supported; put all directives into one file
          ServerName | no argument; expected 1
          ServerAlias | no argument; expected 1 or more
          Location /a | is a section; expected <Location>
          """)
  void locatesAndExplainsABadDirective(String line, String message) {
    String name = line.split(" ", 2)[0];
    assertEquals(
        "my.conf:2: " + name + ": " + message, Configs.errors("Listen 127.0.0.1:1¶" + line));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      maxCharsPerColumn = 500,
      textBlock =
          """
          Listen 1¶<IfModule mpm_event_module>¶Timeout 5 | my.conf:2: <IfModule>: not closed; expected </IfModule> after it
          Listen 1¶<Location /a>¶</IfModule>¶</Location> | my.conf:3: "</IfModule>" does not close <Location> of my.conf:2; expected </Location>
          <IfModule a.c>¶<B x>¶</IfModule>¶Listen 1 | my.conf:3: "</IfModule>" does not close <B> of my.conf:2; expected </B>
          Listen 1¶</IfModule> | my.conf:2: "</IfModule>" closes a section that was not opened
          Listen 1¶</> | my.conf:2: "</>" closes nothing; expected </Name>
          Listen 1¶<> | my.conf:2: "<>" has no name; expected <Name arguments>
          Listen 1¶<IfModule a.c¶</IfModule> | my.conf:2: <IfModule>: "<IfModule a.c" does not end in >
          Listen 1¶<IfModule>¶</IfModule> | my.conf:2: <IfModule>: no argument; expected the name of a module
          Listen 1¶<IfModule a b>¶</IfModule> | my.conf:2: <IfModule>: 2 arguments; expected the name of a module
          Listen 1¶IfModule a | my.conf:2: IfModule: is a section; expected <IfModule name>
          Listen 1¶<Timeout 5>¶</Timeout> | my.conf:2: <Timeout>: is a directive and no section; expected it without brackets
          Listen 1¶<ServerName a>¶</ServerName> | my.conf:2: <ServerName>: is a directive and no section; expected it without brackets
          Listen 1¶<Location>¶</Location> | my.conf:2: <Location>: no argument; expected 1
          Listen 1¶<Location /a>¶Timeout 5¶</Location> | my.conf:3: Timeout: is not allowed inside a section; expected it outside
          Listen 1¶<Location /a>¶ServerNam 5¶</Location> | my.conf:3: ServerNam: is unknown; expected a directive of mpm4j or of the server
          Listen 1¶<Location /a>¶Requir x¶</Location> | my.conf:3: Requir: is unknown; did you mean Require?
          Listen 1¶<Directory /a>¶Anything goes¶</Directory> | my.conf:2: <Directory>: is unknown; expected a directive of mpm4j or of the server
          Listen 1¶"a b" c | my.conf:2: ""a" is not the name of a directive
          Listen 1¶Listen [::]:1 | my.conf:2: Listen: "[0:0:0:0:0:0:0:0]:1" is listened to already; expected each address once
          Listen unix:/a¶Listen unix:/a | my.conf:2: Listen: "unix:/a" is listened to already; expected each address once
          Timeout 5 | my.conf: no listening sockets available; expected a directive such as Listen 8080
          Listen 1¶Mpm worker¶Mpm event | my.conf:3: Mpm: event is a second process model besides worker of my.conf:2; expected one
          Listen 1¶LoadModule mpm_worker_module x¶Mpm prefork | my.conf:3: Mpm: prefork is a second process model besides worker of my.conf:2; expected one
          Listen 1¶<IfModule mpm_event_module>¶Mpm worker¶</IfModule> | my.conf:3: Mpm: worker is a second process model besides event; expected one
          Listen 1¶# one¶# two \\¶ three¶¶Timeout \\¶ x \\¶ y | my.conf:6: Timeout: 2 arguments; expected a time from 1ms to 31536000 seconds, as in 5, 500ms, 2min or 1h
          """)
  void locatesAndExplainsABadStructure(String text, String message) {
    assertEquals(message, Configs.errors(text));
  }

  @Test
  void reportsAllErrorsInTheirOrder() {
    ConfigException error =
        assertThrows(
            ConfigException.class,
            () ->
                Configs.parse(
                    "ThreadsPerChild x¶<Location /a>¶Foo¶</Location>¶Listen 99999",
                    "Timeout y",
                    "Nonsense"));
    assertEquals(
        List.of(
            "my.conf:1: ThreadsPerChild: \"x\" is not a whole number; expected 1 to 100000",
            "my.conf:3: Foo: is unknown; expected a directive of mpm4j or of the server",
            "my.conf:5: Listen: \"99999\" has no port from 0 to 65535; expected "
                + ListenAddress.EXPECTATION,
            "-c \"Timeout y\": Timeout: \"y\" is not a time; expected a time from 1ms to 31536000"
                + " seconds, as in 5, 500ms, 2min or 1h",
            "-c \"Nonsense\": Nonsense: is unknown; expected a directive of mpm4j or of the"
                + " server"),
        error.problems().stream().map(ConfigException.Problem::toString).toList());
    assertEquals(5, error.getMessage().lines().count());
  }

  @Test
  void shortensAndEscapesWhatItShows() {
    assertEquals(
        "my.conf:1: KeepAlive: \"" + "x".repeat(80) + "…\" is not a switch; expected On or Off",
        Configs.errors("KeepAlive " + "x".repeat(1000)));
    assertEquals(
        "my.conf:2: \"PidFile a\\u0000b\" contains the control character U+0000; expected text",
        Configs.errors("Listen 1¶PidFile a\u0000b"));
  }

  @Test
  void refusesAnArgumentThatIsTooLong() {
    assertTrue(
        Configs.errors("PidFile " + "x".repeat(70_000))
            .endsWith("…\" is longer than 65536 characters"));
  }

  @Test
  void refusesSectionsThatAreNestedTooDeeply() {
    assertEquals(
        "my.conf:65: <IfModule>: more than 64 sections in sections",
        Configs.errors("<IfModule !x>¶".repeat(70) + "</IfModule>¶".repeat(70) + "Listen 1"));
  }

  @Test
  void checksNothingButTheNestingOfWhatIsSkipped() {
    MpmConfig config =
        Configs.parse(
            "Listen 1¶<IfModule nothing.c>¶Foo \"¶ThreadsPerChild x¶<Bar \">¶</Bar>¶</IfModule>");
    assertEquals(List.of(), config.corrections());
  }

  @Test
  void namesAFileThatCannotBeRead(@TempDir Path directory) throws IOException {
    Path missing = directory.resolve("missing.conf");
    Path latin = Files.write(directory.resolve("latin.conf"), new byte[] {'a', '\n', (byte) 0xe4});
    Path device = Path.of("/dev/zero");
    assertEquals(
        missing + ": the file does not exist; expected a readable text file in UTF-8",
        loadError(missing));
    assertEquals(
        latin + ":2: the file is not in UTF-8 here; expected a readable text file in UTF-8",
        loadError(latin));
    assertEquals(
        device + ": the file is larger than 16777216 bytes; expected a readable text file in UTF-8",
        loadError(device));
    assertTrue(loadError(directory).startsWith(directory + ": the file cannot be read"));
  }

  @Test
  void loadsAFile(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("my.conf");
    Files.write(
        file, "\uFEFFListen 127.0.0.1:0\r\nTimeout \\\r\n7".getBytes(StandardCharsets.UTF_8));
    assertEquals(7, MpmConfig.load(file).timeout().toSeconds());
  }

  @Test
  void letsTheServerReportAnErrorOfItsOwn() {
    Directive name = Configs.parse("Listen 1¶¶servername -").serverDirectives().getFirst();
    assertEquals(
        "my.conf:3: ServerName: \"-\" is not a host",
        name.error("\"-\" is not a host").getMessage());
  }

  private static String loadError(Path file) {
    return assertThrows(ConfigException.class, () -> MpmConfig.load(file)).getMessage();
  }
}
