package org.mpm4j.httpserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mpm4j.httpserver.ExchangeContractTest.bytes;
import static org.mpm4j.httpserver.LifecycleContractTest.says;

import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import com.sun.net.httpserver.HttpServer;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Filters and authenticators: the same for the JDK's own server and ours.
@Timeout(120)
final class FilterContractTest {
  @ParameterizedTest
  @EnumSource
  void runsFiltersAroundTheHandler(Implementation its) throws Exception {
    HttpServer server = its.create();
    HttpContext context = server.createContext("/", ExchangeContractTest::echo);
    context
        .getFilters()
        .add(
            Filter.beforeHandler(
                "adds", exchange -> exchange.getResponseHeaders().set("x-filter", "before")));
    context.getFilters().add(new Upper());
    server.start();
    try (RawClient client = new RawClient(server)) {
      assertEquals(
          "200 {content-length=5, x-filter=before} LOUD!",
          client.post("/", "loud!").response().visible());
    } finally {
      server.stop(0);
    }
  }

  /// Puts a stream around the response.
  private static final class Upper extends Filter {
    @Override
    public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
      OutputStream plain = exchange.getResponseBody();
      exchange.setStreams(
          null,
          new FilterOutputStream(plain) {
            @Override
            public void write(byte[] b, int offset, int length) throws IOException {
              String text = new String(b, offset, length, StandardCharsets.ISO_8859_1);
              out.write(bytes(text.toUpperCase(Locale.ROOT)));
            }
          });
      chain.doFilter(exchange);
    }

    @Override
    public String description() {
      return "upper case";
    }
  }

  @ParameterizedTest
  @EnumSource
  void asksTheAuthenticator(Implementation its) throws Exception {
    HttpServer server = its.create();
    HttpContext context =
        server.createContext(
            "/",
            exchange -> {
              HttpPrincipal principal = exchange.getPrincipal();
              assertNotNull(principal);
              says(principal.getUsername() + "@" + principal.getRealm()).handle(exchange);
            });
    Authenticator basic =
        new BasicAuthenticator("here") {
          @Override
          public boolean checkCredentials(String user, String password) {
            return password.equals("secret");
          }
        };
    assertNull(context.setAuthenticator(basic));
    assertEquals(basic, context.getAuthenticator());
    server.start();
    try (RawClient client = new RawClient(server)) {
      RawClient.Response refused = client.post("/", "ignored").response();
      assertEquals(401, refused.status());
      assertTrue(refused.field("www-authenticate").startsWith("Basic realm=\"here\""));
      String token = Base64.getEncoder().encodeToString(bytes("me:secret"));
      client.request("GET", "/", "Authorization: Basic " + token + "\r\n");
      assertEquals("me@here", client.response().body());
    } finally {
      server.stop(0);
    }
  }
}
