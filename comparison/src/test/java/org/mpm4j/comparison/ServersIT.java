package org.mpm4j.comparison;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each server that is a JVM, started as `bin/compare` does.
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT) // they mostly wait for JVMs to start
final class ServersIT {
  @TempDir static Path folder;

  private static final Processes processes = new Processes(() -> {});
  private static final HttpClient client = HttpClient.newHttpClient();

  @BeforeAll
  static void writeFiles() throws Exception {
    Path _ = Folders.writeFiles(folder);
  }

  @AfterAll
  static void endAll() {
    client.close();
    processes.close();
  }

  /// Prefork is left out: it is worker with more processes, and they take long to start.
  static List<String> jvms() {
    return Contenders.all().stream()
        .filter(it -> it.kind() != Contender.Kind.NATIVE && !it.word().equals("prefork"))
        .map(Contender::word)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("jvms")
  void answersEveryScenarioThatItTakesPartInAndEnds(String word) throws Exception {
    Contender contender = Choice.contenders(List.of(word)).getFirst();
    Path files = folder.resolve("files");
    ServerProcess server = ServerProcess.start(processes, contender, folder, files);
    try {
      assertTrue(server.answer().isHello(), server.answer().toString());
      assertTrue(server.tree().pssBytes() != 0);
      if (!contender.cannot().containsKey(Scenario.POST_64K)) {
        byte[] body = new byte[64 * 1024];
        java.util.Arrays.fill(body, (byte) 'x');
        assertArrayEquals(
            body, send(request(server, "/echo").POST(BodyPublishers.ofByteArray(body))));
      }
      if (!contender.cannot().containsKey(Scenario.FILE_1M)) {
        assertArrayEquals(
            Files.readAllBytes(files.resolve("1m.bin")), send(request(server, "/1m.bin")));
      }
      if (!contender.cannot().containsKey(Scenario.BLOCKING_5MS)) {
        int _ = send(request(server, "/sleep?ms=5")).length;
      }
    } finally {
      server.close();
    }
    assertFalse(server.isAlive());
    assertEquals(List.of(), server.tree().processes());
  }

  private static HttpRequest.Builder request(ServerProcess server, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
        .version(HttpClient.Version.HTTP_1_1);
  }

  private static byte[] send(HttpRequest.Builder request) throws Exception {
    HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
    assertEquals(200, response.statusCode());
    return response.body();
  }
}
