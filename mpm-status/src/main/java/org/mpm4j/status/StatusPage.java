package org.mpm4j.status;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Map;
import java.util.function.Function;
import org.mpm4j.MpmStatus;

/// The status page of one server in its forms, as httpd's mod_status has them.
///
/// ```java
/// StatusReply reply = page.reply(mpm.status(), "auto");
/// ```
///
/// What a client, a child or an operator put into a status is escaped in every form, and nothing of
/// a request is echoed. An instance remembers the totals of the last minute for its rates, so a
/// server needs one and no more. All methods may be called from any thread; they render in memory,
/// and read a few files of `/proc`.
public final class StatusPage {
  private static final int DEFAULT_REFRESH = 10;
  private static final String REFRESH = "refresh";
  private static final String REFRESH_IS = REFRESH + "=";
  private static final Map<String, String> NO_SCRIPTS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");

  private final String serverName;
  private final ZoneId zone;
  private final Function<MpmStatus, Machine> machine;
  private final StatusHistory history = new StatusHistory();

  /// A page that tells times in the zone of this JVM.
  ///
  /// @param serverName what the page calls the server, for example the name of the host; not what a
  ///   client calls it
  public StatusPage(String serverName) {
    this(serverName, ZoneId.systemDefault(), Machine::read);
  }

  /// A page that calls the server by the name of this machine.
  ///
  /// @return a new page
  public static StatusPage ofThisHost() {
    try {
      return new StatusPage(Files.readString(Path.of("/proc/sys/kernel/hostname")).strip());
    } catch (IOException _) {
      return new StatusPage("localhost");
    }
  }

  StatusPage(String serverName, ZoneId zone, Function<MpmStatus, Machine> machine) {
    this.serverName = serverName;
    this.zone = zone;
    this.machine = machine;
  }

  /// Renders one of the forms: `auto` for programs that know httpd's, `json`, or HTML without any
  /// of the two. With `refresh=N` the browser is told to ask again every N seconds, or every 10 if
  /// N is missing, below 1 or no number.
  ///
  /// @param status to show
  /// @param query what followed the `?` in the URL, as it was sent, or empty; words that the page
  ///   does not know are passed over
  /// @return the page
  public StatusReply reply(MpmStatus status, String query) {
    View view = view(status);
    Map<String, String> refresh = Map.of();
    String form = "html";
    for (String word : query.split("&", -1)) {
      if (word.equals("auto") || word.equals("json")) {
        form = word;
      } else if (word.equals(REFRESH) || word.startsWith(REFRESH_IS)) {
        refresh = Map.of("Refresh", Integer.toString(seconds(word)));
      }
    }
    return switch (form) {
      case "auto" -> StatusReply.of("text/plain; charset=utf-8", AutoText.of(view), refresh);
      case "json" -> StatusReply.of("application/json; charset=utf-8", JsonText.of(view), refresh);
      default -> {
        StatusReply html =
            StatusReply.of("text/html; charset=utf-8", HtmlText.of(view), NO_SCRIPTS);
        yield html.with(refresh);
      }
    };
  }

  /// Renders metrics, in OpenMetrics text or, for a client that prefers it, in the older Prometheus
  /// text format.
  ///
  /// @param status to show
  /// @param accept the `Accept` field of the request, or empty
  /// @return the metrics
  public StatusReply metrics(MpmStatus status, String accept) {
    return Metrics.reply(status, Scoreboard.of(status), accept);
  }

  /// Remembers the totals without rendering. Rates are of the last ten seconds only if this is
  /// called every second or so, as [StatusServer] does; otherwise of the time since the page was
  /// rendered before.
  ///
  /// @param status to remember
  public void observe(MpmStatus status) {
    var _ = history.add(status);
  }

  private View view(MpmStatus status) {
    StatusHistory.Interval recently = history.add(status);
    return new View(
        serverName,
        status,
        Scoreboard.of(status),
        machine.apply(status),
        recently,
        history.course(),
        zone);
  }

  private static int seconds(String word) {
    try {
      int seconds = Integer.parseInt(word.substring(Math.min(REFRESH_IS.length(), word.length())));
      return seconds < 1 ? DEFAULT_REFRESH : seconds;
    } catch (NumberFormatException _) {
      return DEFAULT_REFRESH;
    }
  }
}
