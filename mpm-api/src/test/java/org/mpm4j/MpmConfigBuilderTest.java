package org.mpm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mpm4j.RequestReadTimeout.Stage;

class MpmConfigBuilderTest {
  @Test
  void buildsWhatTheSameDirectivesMean() {
    MpmConfig built =
        MpmConfig.event()
            .listen("127.0.0.1:0")
            .listen(UnixDomainSocketAddress.of("/run/a.sock"))
            .serverLimit(8)
            .threadLimit(40)
            .threadsPerChild(20)
            .maxRequestWorkers(100)
            .processManager(ProcessPolicy.STATIC)
            .startServers(5)
            .minSpareThreads(30)
            .maxSpareThreads(90)
            .processIdleTimeout(Duration.ofMillis(1))
            .maxConnectionsPerChild(1000)
            .maxChildAge(Duration.ofHours(2))
            .maxChildMemory(3L << 30)
            .recycleJitter(0.07)
            .maxRecyclingChildren(Share.count(2))
            .asyncRequestWorkerFactor(1.5)
            .maxKeepAliveConnections(5000)
            .listenBackLog(64)
            .deferAccept(false)
            .sendBufferSize(4096)
            .receiveBufferSize(8192)
            .timeout(Duration.ofMillis(1500))
            .keepAlive(false)
            .keepAliveTimeout(Duration.ofMinutes(1))
            .maxKeepAliveRequests(7)
            .requestReadTimeout(new RequestReadTimeout(Stage.seconds(10, 30, 100), Stage.OFF))
            .requestSlowLogTimeout(Duration.ofMillis(2500))
            .requestTerminateTimeout(Duration.ofMinutes(3))
            .gracefulShutdownTimeout(Duration.ZERO)
            .reloadMaxSurge(Share.count(0))
            .reloadMaxUnavailable(Share.percent(50))
            .childStartTimeout(Duration.ofSeconds(9))
            .heartbeatTimeout(Duration.ZERO)
            .childRestartLimit(3)
            .childRestartInterval(Duration.ofSeconds(20))
            .childRestartCoolDown(Duration.ofSeconds(5))
            .pidFile(Path.of("/run/a.pid"))
            .controlSocket(Path.of("/run/b.sock"))
            .scoreBoardFile(Path.of("/run/a.board"))
            .user("www-data")
            .group("#33")
            .childClassPath(List.of(Path.of("app.jar"), Path.of("lib/*")))
            .childJvmOption("-Xmx64m")
            .childEnvironment("LANG", "C")
            .build();
    MpmConfig parsed =
        MpmConfig.parse(
            "same",
            """
            Listen 127.0.0.1:0
            Listen unix:/run/a.sock
            ServerLimit 8
            ThreadLimit 40
            ThreadsPerChild 20
            MaxRequestWorkers 100
            ProcessManager static
            StartServers 5
            MinSpareThreads 30
            MaxSpareThreads 90
            ProcessIdleTimeout 1ms
            MaxConnectionsPerChild 1000
            MaxChildAge 2h
            MaxChildMemory 3G
            RecycleJitter 7%
            MaxRecyclingChildren 2
            AsyncRequestWorkerFactor 1.5
            MaxKeepAliveConnections 5000
            ListenBackLog 64
            AcceptFilter http none
            SendBufferSize 4096
            ReceiveBufferSize 8192
            Timeout 1500ms
            KeepAlive Off
            KeepAliveTimeout 1min
            MaxKeepAliveRequests 7
            RequestReadTimeout header=10-30,MinRate=100 body=0
            RequestSlowLogTimeout 2500ms
            RequestTerminateTimeout 3min
            GracefulShutdownTimeout 0
            ReloadMaxSurge 0
            ReloadMaxUnavailable 50%
            ChildStartTimeout 9
            HeartbeatTimeout 0
            ChildRestartLimit 3
            ChildRestartInterval 20
            ChildRestartCoolDown 5
            PidFile /run/a.pid
            ControlSocket /run/b.sock
            ScoreBoardFile /run/a.board
            User www-data
            Group #33
            ChildClassPath app.jar:lib/*
            ChildJvmOption -Xmx64m
            ChildEnvironment LANG C
            """);
    assertEquals(parsed, built);
    assertEquals(parsed.toDirectives(), built.toDirectives());
    assertEquals(List.of(), built.corrections());
  }

  @Test
  void reportsAllErrorsTogether() {
    MpmConfigBuilder builder =
        MpmConfig.worker()
            .threadsPerChild(-3)
            .listenBackLog(0)
            .asyncRequestWorkerFactor(Double.NaN)
            .timeout(Duration.ofNanos(1_000_001))
            .pidFile(Path.of("a\nb"))
            .processIdleTimeout(Duration.ZERO)
            .maxChildMemory(-1)
            .recycleJitter(0.125)
            .maxRecyclingChildren(Share.percent(0))
            .reloadMaxSurge(Share.percent(0))
            .heartbeatTimeout(Duration.ofMillis(2999))
            .controlSocket(Path.of("/" + "x".repeat(107)))
            .user("-u")
            .childClassPath(List.of())
            .listen(InetSocketAddress.createUnresolved("nowhere", 1))
            .listen("99999")
            .childJvmOption("")
            .childEnvironment("1A", "")
            .childEnvironment("B", "\0");
    assertEquals(
        """
        builder: Listen: "nowhere/<unresolved>:1" is not resolved; expected %1$s
        builder: Listen: "99999" has no port from 0 to 65535; expected %1$s
        builder: ChildJvmOption: "" is empty; expected an option of the JVM
        builder: ChildEnvironment: "1A" is not the name of a variable; expected letters, digits and _
        builder: ChildEnvironment: "\\u0000" contains a control character
        builder: ThreadsPerChild: -3 is negative; expected 1 to 20000
        builder: ListenBackLog: 0 is too small; expected 1 to 2147483647
        builder: AsyncRequestWorkerFactor: NaN is out of range; expected a number from 0.001 to 1000000
        builder: Timeout: PT0.001000001S is finer than a millisecond; expected a time from 1ms to 31536000 seconds, as in 5, 500ms, 2min or 1h
        builder: PidFile: "a\\u000ab" contains a control character
        builder: ProcessIdleTimeout: PT0S is too short; expected a time from 1ms to 31536000 seconds, as in 5, 500ms, 2min or 1h
        builder: MaxChildMemory: -1 is negative; expected 0 or 1M to 1048576G, as in 300M or 2G
        builder: RecycleJitter: 0.125 is not a whole percentage; expected a whole percentage from 0%% to 50%%
        builder: MaxRecyclingChildren: "0%%" is too small; expected a number of children or a percentage above 0, as in 2 or 10%%
        builder: HeartbeatTimeout: PT2.999S is too short; expected 0 or a time from 3 to 31536000 seconds, as in 5, 500ms, 2min or 1h
        builder: ControlSocket: "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" is too long; expected the name of a socket, at most 107 bytes long, or none
        builder: User: "-u" is neither a name nor a number; expected a name, or # and a number from 0 to 4294967294
        builder: ChildClassPath: "" is empty; expected directories and archives parted by :, as in app.jar:lib/*
        builder: ReloadMaxSurge: is 0 and so is ReloadMaxUnavailable, no reload could go on; expected one of them above 0\
        """
            .formatted(ListenAddress.EXPECTATION),
        assertThrows(ConfigException.class, builder::build).getMessage());
  }

  @Test
  void refusesDirectivesThatTextCouldNotHold() {
    Location here = new Location("here", 0);
    Directive deep = new Directive("S", List.of(), true, List.of(), here);
    for (int i = 0; i < 64; i++) {
      deep = new Directive("S", List.of(), true, List.of(deep), here);
    }
    MpmConfigBuilder builder =
        MpmConfig.event()
            .listen("127.0.0.1:0")
            .serverDirective(new Directive("Listen", List.of("1"), false, List.of(), here))
            .serverDirective(new Directive("A B", List.of(), false, List.of(), here))
            .serverDirective(new Directive("A", List.of("b\nListen 1"), false, List.of(), here))
            .serverDirective(deep);
    assertEquals(
        """
        builder: "Listen": is a directive of mpm4j and none of the server
        builder: "A B": is not the name of a directive
        builder: "A": "b\\u000aListen 1" contains a control character
        builder: "S": has too many sections in sections\
        """,
        assertThrows(ConfigException.class, builder::build).getMessage());
  }

  @Test
  void needsAnAddressToListenTo() {
    assertEquals(
        "builder: no listening sockets available; expected a directive such as Listen 8080",
        assertThrows(ConfigException.class, MpmConfig.event()::build).getMessage());
  }

  @Test
  void correctsAsHttpdDoes() {
    MpmConfig config =
        MpmConfig.prefork().listen("127.0.0.1:0").threadsPerChild(9).maxRequestWorkers(300).build();
    assertEquals(
        "builder: ThreadsPerChild 9 does not apply to prefork: ignored"
            + "¶builder: MaxRequestWorkers 300 exceeds ServerLimit 256: using 256",
        Configs.corrections(config));
    assertEquals(1, config.threadsPerChild());
  }

  @Test
  void mayBeUsedFurther() {
    MpmConfigBuilder builder = MpmConfig.worker().listen("127.0.0.1:0").threadsPerChild(-1);
    assertThrows(ConfigException.class, builder::build);
    MpmConfig first = builder.threadsPerChild(10).build();
    MpmConfig second = builder.threadsPerChild(20).childEnvironment("A", "b").build();
    assertEquals(10, first.threadsPerChild());
    assertEquals(Map.of(), first.childEnvironment());
    assertEquals(20, second.threadsPerChild());
  }
}
