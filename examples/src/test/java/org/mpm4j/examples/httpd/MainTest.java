package org.mpm4j.examples.httpd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The command line, as far as it starts nothing.
final class MainTest {
  @TempDir Path folder;

  private record Result(int status, String out, String err) {}

  private static Result run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        Main.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            args);
    return new Result(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private String conf(String text) throws Exception {
    Files.createDirectories(folder.resolve("www"));
    return Files.writeString(folder.resolve("test.conf"), "DocumentRoot www\n" + text).toString();
  }

  @Test
  void checksTheConfiguration() throws Exception {
    assertEquals(new Result(0, "Syntax OK\n", ""), run("-t", "-f", conf("")));
    Result corrected =
        run("-t", "-f", conf("Mpm event\nThreadsPerChild 100\n"), "-c", "StartServers 3");
    assertEquals(0, corrected.status);
    assertTrue(corrected.err.contains("test.conf:3: ThreadsPerChild 100 "), corrected.err);
    assertTrue(corrected.out.endsWith("Syntax OK\n"), corrected.out);
  }

  @Test
  void errorsSayWhereTheyAre() throws Exception {
    String file = conf("Nonsense 1\nStartServers x\n");
    Result result = run("-t", "-f", file);
    assertEquals(1, result.status);
    assertEquals(2, result.err.lines().count(), result.err);
    assertTrue(result.err.startsWith(file + ":2: Nonsense: "), result.err);
    assertEquals(1, run("-f", file).status);
    assertEquals(1, run("-f", folder.resolve("missing.conf").toString()).status);
    Result own = run("-f", conf("LimitRequestBody x\n"));
    assertEquals(1, own.status);
    assertTrue(own.err.contains("test.conf:2: LimitRequestBody: "), own.err);
  }

  @Test
  void thereIsNothingToStopWhereNothingRuns() throws Exception {
    Path pidFile = folder.resolve("httpd.pid");
    String file = conf("PidFile \"" + pidFile + "\"\n");
    Result notRunning =
        new Result(0, "", "mpm-httpd (" + folder.resolve("httpd.sock") + ") not running\n");
    assertEquals(notRunning, run("-k", "stop", "-f", file));
    assertEquals(notRunning, run("-k", "graceful-stop", "-f", file));
  }

  @Test
  void actionsNeedAPidFileAndAConfigurationWithoutErrors() throws Exception {
    Result noPidFile = run("-k", "stop", "-f", conf(""));
    assertEquals(1, noPidFile.status);
    assertEquals(
        "mpm-httpd: -k needs a PidFile or ControlSocket in the configuration\n", noPidFile.err);
    assertEquals(1, run("-k", "bogus").status);
    Result errors = run("-k", "graceful", "-f", conf("PidFile a.pid\nNonsense 1\n"));
    assertEquals(1, errors.status);
    assertTrue(errors.err.contains("test.conf:3: Nonsense"), errors.err);
  }

  @Test
  void unknownOptionsGetTheUsage() {
    Result result = run("--bogus");
    assertEquals(1, result.status);
    assertTrue(result.err.contains("--bogus") && result.err.contains("Usage: mpm-httpd"));
    assertEquals("", result.out);
  }

  @Test
  void informs() throws Exception {
    assertTrue(run("-h").out.startsWith("Usage: mpm-httpd"));
    assertTrue(run("-l").out.contains("  prefork.c (mpm_prefork_module)\n"));
    String version = run("-V", "-f", conf("Mpm prefork\n")).out;
    assertTrue(version.contains("\nServer MPM:     prefork\n  threaded:     no\n"), version);
  }

  @ParameterizedTest
  @CsvSource({
    "::, [::]",
    "::1, [::1]",
    "2001:db8::1, [2001:db8::1]",
    "fe80::, [fe80::]",
    "1:0:0:2:0:0:0:3, [1:0:0:2::3]",
    "1:2:3:4:5:6:7:8, [1:2:3:4:5:6:7:8]",
    "10:0:0:1::, [10:0:0:1::]",
    "127.0.0.1, 127.0.0.1",
  })
  void showsAddresses(String literal, String shown) {
    InetAddress address = InetAddress.ofLiteral(literal);
    assertEquals(
        "http://" + shown + ":80/", ServerAddress.show(new InetSocketAddress(address, 80)));
    if (address instanceof Inet6Address) {
      String inner = shown.substring(1, shown.length() - 1);
      assertEquals(address, InetAddress.ofLiteral(inner));
    }
  }

  @Test
  void showsSockets() {
    assertEquals("unix:/run/s", ServerAddress.show(UnixDomainSocketAddress.of("/run/s")));
  }
}
