package org.mpm4j.examples.sockets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mpm4j.Mpm;
import org.mpm4j.MpmConfig;
import org.mpm4j.MpmConfigBuilder;
import org.mpm4j.ProcessModel;
import org.mpm4j.ProcessPolicy;
import org.mpm4j.ServerApplication;

/// Both libraries under every model, with two child JVMs and clients of the JDK.
@Timeout(240)
final class SocketServersIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String PASSWORD = "changeit";
  private static final String POSTED = "0123456789".repeat(90);

  private static MpmConfigBuilder config(ProcessModel model) {
    MpmConfigBuilder config =
        MpmConfig.builder(model)
            .listen("127.0.0.1:0")
            .processManager(ProcessPolicy.STATIC)
            .childJvmOption("-XX:TieredStopAtLevel=1")
            .childJvmOption("-XX:+UseSerialGC");
    return model.threaded()
        ? config.threadsPerChild(5).maxRequestWorkers(10)
        : config.maxRequestWorkers(2);
  }

  private static InetSocketAddress address(Mpm mpm) {
    return (InetSocketAddress) mpm.addresses().getFirst();
  }

  private static void ask(HttpClient client, String scheme, Mpm mpm) throws Exception {
    URI uri = URI.create(scheme + "://127.0.0.1:" + address(mpm).getPort() + "/");
    for (int i = 0; i < 20; i++) {
      HttpRequest get = HttpRequest.newBuilder(uri).timeout(PATIENCE).build();
      String answer = client.send(get, BodyHandlers.ofString()).body();
      assertTrue(answer.matches("Hello from child [01]"), answer);
    }
    HttpRequest post =
        HttpRequest.newBuilder(uri)
            .timeout(PATIENCE)
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofString(POSTED))
            .build();
    assertEquals(POSTED, client.send(post, BodyHandlers.ofString()).body());
  }

  /// A connection that knows what it was told.
  private static final class PlainClient implements AutoCloseable {
    private final Socket socket = new Socket();
    private final BufferedReader in;

    PlainClient(InetSocketAddress address) throws IOException {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.connect(address);
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    }

    String get() throws IOException {
      byte[] request = "GET / HTTP/1.1\r\nHost: here\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
      socket.getOutputStream().write(request);
      assertEquals("HTTP/1.1 200 OK", line().strip());
      int length = -1;
      String line = line();
      while (!line.isEmpty()) {
        if (line.toLowerCase(Locale.ROOT).startsWith("content-length: ")) {
          length = Integer.parseInt(line.substring(16).strip());
        }
        line = line();
      }
      char[] body = new char[length];
      for (int n = 0; n < length; ) {
        n += in.read(body, n, length - n);
      }
      return new String(body);
    }

    private String line() throws IOException {
      return Objects.requireNonNull(in.readLine(), "the answer ended in its head");
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "HttpCoreServer,PREFORK", "HttpCoreServer,WORKER", "HttpCoreServer,EVENT",
    "NanoServer,PREFORK", "NanoServer,WORKER", "NanoServer,EVENT"
  })
  void servesWithTwoChildren(String name, ProcessModel model) throws Exception {
    Class<? extends ServerApplication> application =
        Class.forName(getClass().getPackageName() + "." + name).asSubclass(ServerApplication.class);
    try (Mpm mpm = Mpm.start(config(model).build(), application)) {
      assertEquals(2, mpm.children().size());
      try (HttpClient client = HttpClient.newHttpClient()) {
        ask(client, "http", mpm);
      }
      List<PlainClient> clients = new ArrayList<>();
      Set<String> answers = new HashSet<>();
      try {
        while (answers.size() < 2) {
          assertTrue(clients.size() < 9, "one child answers all: " + answers);
          PlainClient client = new PlainClient(address(mpm));
          clients.add(client);
          String first = client.get();
          assertEquals(first, client.get(), "another child on the same connection");
          answers.add(first);
        }
      } finally {
        for (PlainClient client : clients) {
          client.close();
        }
      }
      assertEquals(Set.of("Hello from child 0", "Hello from child 1"), answers);
    }
  }

  @ParameterizedTest
  @EnumSource(ProcessModel.class)
  void servesTlsAndPlainOnOnePort(ProcessModel model, @TempDir Path directory) throws Exception {
    Path keys = directory.resolve("keys.p12");
    MpmConfigBuilder config =
        config(model)
            .childJvmOption("-Djavax.net.ssl.keyStore=" + keys)
            .childJvmOption("-Djavax.net.ssl.keyStorePassword=" + PASSWORD);
    SSLContext trust = createKey(keys);
    try (Mpm mpm = Mpm.start(config.build(), HttpCoreServer.class)) {
      try (HttpClient client = HttpClient.newBuilder().sslContext(trust).build()) {
        ask(client, "https", mpm);
      }
      try (PlainClient client = new PlainClient(address(mpm))) {
        assertTrue(client.get().startsWith("Hello"));
      }
    }
  }

  /// Creates a key for this machine.
  ///
  /// @return what trusts it
  private static SSLContext createKey(Path file) throws Exception {
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Process process =
        new ProcessBuilder(
                keytool,
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD)
            .inheritIO()
            .start();
    assertEquals(0, process.waitFor(), "keytool");
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX");
    trusted.init(keys);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trusted.getTrustManagers(), null);
    return context;
  }
}
