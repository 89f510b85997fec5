package org.mpm4j.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who is let in by `Require`.
final class RequirementTest {
  private static Requirement requirement(String text) {
    return Requirement.of(
        List.of(text.split(" ", -1)),
        address ->
            switch (address.getHostAddress()) {
              case "192.0.2.1" -> "www.Example.org";
              case "192.0.2.2" -> "badexample.org";
              case "192.0.2.3" -> "example.org";
              default -> address.getHostAddress();
            });
  }

  private static SocketAddress address(String digits) {
    return new InetSocketAddress(InetAddress.ofLiteral(digits), 1234);
  }

  @ParameterizedTest
  @CsvSource({
    "all granted, 192.0.2.9, true",
    "ALL GRANTED, 192.0.2.9, true",
    "all denied, 127.0.0.1, false",
    "local, 127.0.0.1, true",
    "local, 127.9.9.9, true",
    "local, ::1, true",
    "local, 198.51.100.1, true", // the address that the server has
    "local, 192.0.2.9, false",
    "ip 192.0.2.9, 192.0.2.9, true",
    "ip 192.0.2.9, 192.0.2.8, false",
    "ip 10.0.0.1 192.0.2.9, 192.0.2.9, true",
    "ip 192.0.2.0/24, 192.0.2.255, true",
    "ip 192.0.2.0/24, 192.0.3.0, false",
    "ip 192.0.2.0/255.255.255.0, 192.0.2.7, true",
    "ip 192.0.2.0/255.255.255.0, 192.0.3.7, false",
    "ip 192.0, 192.0.77.1, true",
    "ip 192.0., 192.0.77.1, true",
    "ip 192.0, 192.1.77.1, false",
    "ip 10, 10.1.2.3, true",
    "ip 10, 100.1.2.3, false",
    "ip 0.0.0.0/0, 203.0.113.5, true",
    "ip 192.0.2.128/25, 192.0.2.127, false",
    "ip 192.0.2.128/25, 192.0.2.129, true",
    "ip 2001:db8::/32, 2001:db8:1::1, true",
    "ip 2001:db8::/32, 2001:db9::1, false",
    "ip 2001:db8::/32, 192.0.2.1, false",
    "ip ::ffff:192.0.2.1, 192.0.2.1, true",
    "host example.org, 192.0.2.1, true",
    "host example.org, 192.0.2.2, false",
    "host example.org, 192.0.2.3, true",
    "host .example.org, 192.0.2.1, true",
    "host EXAMPLE.ORG, 192.0.2.1, true",
    "host example.com org, 192.0.2.1, true",
    "host example.org, 192.0.2.4, false",
  })
  void decides(String text, String client, boolean granted) throws Exception {
    assertEquals(granted, requirement(text).grantedTo(address(client), address("198.51.100.1")));
  }

  @Test
  void aUnixSocketIsLocalAndHasNoAddress() throws Exception {
    SocketAddress unix = UnixDomainSocketAddress.of("");
    assertEquals(true, requirement("local").grantedTo(unix, unix));
    assertEquals(false, requirement("ip 0.0.0.0/0").grantedTo(unix, unix));
    assertEquals(false, requirement("host org").grantedTo(unix, unix));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "all",
        "all maybe",
        "all granted denied",
        "local area",
        "ip",
        "host",
        "valid-user",
        "not ip 10",
        "ip 300.1",
        "ip 10.0.0.0/33",
        "ip 10.0.0.0/-1",
        "ip 10.0.0.0/255.0.255.0",
        "ip 10.0.0.0/",
        "ip example.org",
        "ip ::/129"
      })
  void refuses(String text) {
    assertThrows(IllegalArgumentException.class, () -> requirement(text));
  }
}
