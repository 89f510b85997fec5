package org.mpm4j.examples.httpd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.ProcessModel;
import org.mpm4j.examples.httpd.Responses.Response;

/// The server on real sockets, in-process, under each model.
@Timeout(240)
final class HttpServerIT {
  private static final int MEGABYTE = 1 << 20;

  @TempDir Path folder;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(90))
          .build();
  private @Nullable Mpm mpm;

  private InetSocketAddress start(ProcessModel model, String... more) throws IOException {
    Path root = TestSite.create(folder);
    String text =
        """
        Mpm %s
        Listen 127.0.0.1:0
        DocumentRoot "%s"
        KeepAliveTimeout 30
        <Location /hello>
          SetHandler hello
        </Location>
        <Location /echo>
          SetHandler echo
        </Location>
        <Location /sleep>
          SetHandler sleep
        </Location>
        """
            .formatted(model.httpdName(), root);
    MpmConfig config = MpmConfig.parse("it.conf", text, List.of(more), HttpConfig.vocabulary());
    Mpm server = Mpm.startInProcess(config, new HttpApplication());
    mpm = server;
    return (InetSocketAddress) server.addresses().getFirst();
  }

  @AfterEach
  void stop() {
    client.close();
    if (mpm != null) {
      mpm.close();
    }
  }

  private static HttpRequest.Builder request(InetSocketAddress address, String target) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + target))
        .timeout(Duration.ofSeconds(90));
  }

  private String get(InetSocketAddress address, String target) throws Exception {
    return client.send(request(address, target).build(), BodyHandlers.ofString()).body();
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void servesPagesAndHandlers(ProcessModel model) throws Exception {
    InetSocketAddress address = start(model);
    assertEquals("<p>home", get(address, "/"));
    assertEquals("Hello, World!", get(address, "/hello"));
    assertEquals("Slept 5 ms.\n", get(address, "/sleep?ms=5"));
    HttpResponse<String> missing =
        client.send(request(address, "/missing").build(), BodyHandlers.ofString());
    assertEquals(404, missing.statusCode());
    for (int i = 0; i < 500; i++) {
      assertEquals("Hello, World!", get(address, "/hello"));
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void sendsLargeFilesWholeAndInPart(ProcessModel model) throws Exception {
    InetSocketAddress address = start(model);
    byte[] bytes = new byte[MEGABYTE + 17];
    new Random(7).nextBytes(bytes);
    Files.write(folder.resolve("root/large.bin"), bytes);
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(
          bytes,
          client.send(request(address, "/large.bin").build(), BodyHandlers.ofByteArray()).body());
    }
    HttpResponse<byte[]> part =
        client.send(
            request(address, "/large.bin").header("Range", "bytes=1000000-").build(),
            BodyHandlers.ofByteArray());
    assertEquals(206, part.statusCode());
    assertArrayEquals(java.util.Arrays.copyOfRange(bytes, 1_000_000, bytes.length), part.body());
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void echoesLargeBodies(ProcessModel model) throws Exception {
    InetSocketAddress address = start(model);
    byte[] body = new byte[3 * MEGABYTE];
    new Random(8).nextBytes(body);
    HttpRequest sized = request(address, "/echo").POST(BodyPublishers.ofByteArray(body)).build();
    assertArrayEquals(body, client.send(sized, BodyHandlers.ofByteArray()).body());
    HttpRequest chunked =
        request(address, "/echo")
            .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(body)))
            .build();
    assertArrayEquals(body, client.send(chunked, BodyHandlers.ofByteArray()).body());
    HttpRequest patient =
        request(address, "/echo")
            .expectContinue(true)
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    assertArrayEquals(body, client.send(patient, BodyHandlers.ofByteArray()).body());
    assertEquals("Hello, World!", get(address, "/hello"));
  }

  /// The echo waits for the reader and holds the sender back meanwhile.
  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void echoesToAClientThatReadsLate(ProcessModel model) throws Exception {
    InetSocketAddress address = start(model);
    byte[] body = new byte[8 * MEGABYTE];
    new Random(9).nextBytes(body);
    try (Socket socket = connect(address)) {
      OutputStream out = socket.getOutputStream();
      CompletableFuture<Void> sender =
          CompletableFuture.runAsync(() -> {
            try {
              out.write(
                  Responses.bytes(
                      "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: "
                          + body.length
                          + "\r\n\r\n"));
              out.write(body);
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          });
      Thread.sleep(1000);
      byte[] received = socket.getInputStream().readAllBytes();
      sender.join();
      assertArrayEquals(
          body,
          java.util.Arrays.copyOfRange(received, received.length - body.length, received.length));
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void answersPipelinedRequests(ProcessModel model) throws Exception {
    InetSocketAddress address = start(model);
    String requests =
        "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n".repeat(50)
            + "GET /ten.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    List<Response> responses = Responses.parse(exchange(address, requests, requests.length()));
    assertEquals(51, responses.size());
    assertEquals("0123456789", responses.getLast().body());
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void readsRequestsByteByByte(ProcessModel model) throws Exception {
    InetSocketAddress address = start(model);
    String requests =
        """
        POST /echo HTTP/1.1
        Host: a
        Transfer-Encoding: chunked

        3
        abc
        0

        GET /hello HTTP/1.1
        Host: a
        Connection: close

        """
            .replace("\n", "\r\n");
    List<Response> responses = Responses.parse(exchange(address, requests, 1));
    assertEquals(List.of("abc", "Hello, World!"), responses.stream().map(Response::body).toList());
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void keepsConnectionsOfOldClients(ProcessModel model) throws Exception {
    InetSocketAddress address = start(model);
    String requests =
        "GET /hello HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n".repeat(3)
            + "GET /hello HTTP/1.0\r\n\r\n";
    List<Response> responses = Responses.parse(exchange(address, requests, requests.length()));
    assertEquals(
        List.of("keep-alive", "keep-alive", "keep-alive", "close"),
        responses.stream().map(response -> response.field("Connection")).toList());
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void answersAClientThatHasNothingMoreToSay(ProcessModel model) throws Exception {
    InetSocketAddress address = start(model);
    try (Socket socket = connect(address)) {
      socket.getOutputStream().write(Responses.bytes("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
      socket.shutdownOutput();
      String text = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertEquals("Hello, World!", Responses.only(text, false).body());
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void saysCloseOnTheLastRequestOfAConnection(ProcessModel model) throws Exception {
    InetSocketAddress address = start(model, "MaxKeepAliveRequests 3");
    String requests = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n".repeat(5);
    List<Response> responses = Responses.parse(exchange(address, requests, requests.length()));
    assertEquals(
        List.of("", "", "close"),
        responses.stream().map(response -> response.field("Connection")).toList());
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void tellsAClientThatTakesTooLong(ProcessModel model) throws Exception {
    InetSocketAddress address = start(model, "RequestReadTimeout header=1 body=1", "Timeout 600");
    String text = exchange(address, "GET /hello HTTP/1.1\r\nHo", 100);
    assertTrue(text.startsWith("HTTP/1.1 408 "), text);
    text = exchange(address, "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nx", 100);
    assertTrue(text.startsWith("HTTP/1.1 408 "), text);
  }

  private static Socket connect(InetSocketAddress address) throws IOException {
    Socket socket = new Socket();
    socket.connect(address, 90_000);
    socket.setSoTimeout(90_000);
    socket.setTcpNoDelay(true);
    return socket;
  }

  /// Sends `requests` in pieces and returns all that comes back until the server closes.
  private static String exchange(InetSocketAddress address, String requests, int piece)
      throws Exception {
    try (Socket socket = connect(address)) {
      byte[] bytes = Responses.bytes(requests);
      for (int from = 0; from < bytes.length; from += piece) {
        if (from > 0) {
          Thread.sleep(2);
        }
        socket.getOutputStream().write(bytes, from, Math.min(piece, bytes.length - from));
      }
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}
