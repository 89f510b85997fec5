package org.mpm4j.status;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.mpm4j.MpmStatus;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.WorkerStatus;

/// The page for people: HTML that is well-formed XML too, without scripts or anything to fetch.
///
/// Text goes in through [#text(String)] and [Texts#escaped(String)] alone.
final class HtmlText {
  private static final int MOST_REQUESTS = 100;
  private static final int MOST_OPEN = 400;
  private static final int PERCENT = 100;
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss zzz", Locale.ROOT);
  private static final String STYLE = style();

  private final StringBuilder html = new StringBuilder(1 << 14);
  private final View view;
  private final MpmStatus status;

  private HtmlText(View view) {
    this.view = view;
    status = view.status();
  }

  static String of(View view) {
    return new HtmlText(view).render();
  }

  private static String style() {
    try (InputStream stream = HtmlText.class.getResourceAsStream("status.css")) {
      return new String(Objects.requireNonNull(stream).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String render() {
    raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
    raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
    raw("<meta name=\"color-scheme\" content=\"light dark\"/>\n");
    raw("<title>Server Status for ").text(view.serverName()).raw("</title>\n");
    raw("<style>\n").raw(STYLE).raw("</style>\n</head>\n<body>\n");
    head();
    raw("<main>\n");
    warnings();
    figures();
    scoreboard();
    requests();
    children();
    recent();
    raw("</main>\n");
    raw("<footer>").text(Build.THIS.server());
    raw(" · for programs: <a href=\"?auto\">auto</a>, <a href=\"?json\">json</a>");
    raw(" · <a href=\"?refresh=5\">refresh every 5 seconds</a></footer>\n</body>\n</html>\n");
    return html.toString();
  }

  private void head() {
    raw("<header>\n<h1>").text(view.serverName()).raw("</h1>\n<p>");
    raw("<span class=\"chip ").raw(Texts.word(status.phase())).raw("\">");
    text(Texts.word(status.phase())).raw("</span> ");
    text(status.model().httpdName()).raw(" MPM · generation ").number(status.generation());
    raw(" · up ").raw(Texts.time(view.uptime()));
    raw(" · <time>").raw(clock(status.at())).raw("</time></p>\n</header>\n");
  }

  private void warnings() {
    MpmStatus.Breaker breaker = status.breaker();
    if (breaker.state() != MpmStatus.BreakerState.CLOSED) {
      raw("<p class=\"warning\"><strong>Breaker ").raw(Texts.word(breaker.state()));
      raw("</strong>: ").number(breaker.deaths()).raw(" unexpected deaths of late");
      if (breaker.nextStart().isPositive()) {
        raw(", next start in ").raw(Texts.time(breaker.nextStart()));
      }
      raw(breaker.why().isEmpty() ? "" : ": ").text(firstLine(breaker.why())).raw("</p>\n");
    }
    ReloadVerdict verdict = status.lastReload().orElse(null);
    if (verdict != null && !verdict.succeeded()) {
      raw("<p class=\"warning\"><strong>Last reload ").raw(Verdicts.word(verdict));
      raw("</strong>, generation ").number(verdict.generation()).raw(" goes on: ");
      text(firstLine(Verdicts.why(verdict))).raw("</p>\n");
    }
  }

  private void figures() {
    MpmStatus.Counters totals = status.totals();
    StatusHistory.Interval recently = view.recently();
    Scoreboard scoreboard = view.scoreboard();
    MpmStatus.Connections connections = Scoreboard.connections(status);
    String over = "last " + Texts.time(recently.over());
    double uptime = StatusHistory.Interval.seconds(view.uptime());
    raw("<section class=\"figures\" aria-label=\"Figures\">\n");
    raw("<div class=\"figure wide\"><h2>Requests</h2><p class=\"value\">");
    raw(Texts.decimal(recently.accesses())).raw("<small>/s</small></p>");
    course();
    note(
        over
            + " · since start "
            + Texts.decimal(uptime > 0 ? totals.accesses() / uptime : 0)
            + "/s, "
            + Texts.whole(totals.accesses())
            + " in all");
    raw("</div>\n");
    int serving = scoreboard.busy() + scoreboard.idle();
    raw("<div class=\"figure\"><h2>Busy workers</h2><p class=\"value\">").number(scoreboard.busy());
    raw("<small> of ").number(serving).raw("</small></p>");
    raw("<div class=\"meter\"><span style=\"width:");
    number(serving == 0 ? 0 : (long) scoreboard.busy() * PERCENT / serving)
        .raw("%\"></span></div>");
    note(
        Texts.decimal(recently.busyWorkers())
            + " on average, "
            + over
            + " · "
            + scoreboard.graceful()
            + " finishing");
    raw("</div>\n");
    figure(
        "Connections",
        Texts.whole(Scoreboard.connectionsTotal(status)),
        "",
        Texts.whole(connections.keepAlive())
            + " kept alive · "
            + Texts.decimal(recently.accepted())
            + "/s accepted");
    figure(
        "Traffic",
        Texts.bytes(recently.bytes()),
        "/s",
        over + " · " + Texts.bytes((double) totals.bytes()) + " in all");
    figure(
        "Time per request",
        Texts.fine(millisEach(recently.counted())),
        " ms",
        over + " · since start " + Texts.fine(millisEach(totals)) + " ms");
    raw("<div class=\"figure wide\"><h2>Turned away</h2><p class=\"value\">");
    raw(Texts.whole(totals.rejected())).raw("</p>");
    note(
        "timed out: %s kept-alive connections, %s requests, %s answers"
            .formatted(
                Texts.whole(totals.keepAliveTimeouts()),
                Texts.whole(totals.readTimeouts()),
                Texts.whole(totals.writeTimeouts())));
    raw("</div>\n");
    figure(
        "Children",
        Texts.whole(status.children().size()),
        " of " + status.childLimit(),
        status.pinned() > 0 ? "fixed at " + status.pinned() : "following the load");
    Machine.Load load = view.machine().load();
    figure(
        "Load",
        load.one() < 0 ? "unknown" : decimals(load.one()),
        "",
        load.one() < 0
            ? ""
            : "5 min " + decimals(load.five()) + " · 15 min " + decimals(load.fifteen()));
    raw("</section>\n");
  }

  private static double millisEach(MpmStatus.Counters counters) {
    return counters.accesses() == 0 ? 0 : (double) counters.busy().toMillis() / counters.accesses();
  }

  private void figure(String name, String value, String unit, String note) {
    raw("<div class=\"figure\"><h2>").text(name).raw("</h2><p class=\"value\">").text(value);
    raw("<small>").text(unit).raw("</small></p>");
    note(note);
    raw("</div>\n");
  }

  private void note(String text) {
    raw("<p class=\"note\">").text(text).raw("</p>");
  }

  /// The rates of the last minute as bars; the newest is at the right.
  private void course() {
    List<StatusHistory.Interval> course = view.course();
    double most = course.stream().mapToDouble(StatusHistory.Interval::accesses).max().orElse(0);
    if (most == 0) {
      return;
    }
    raw("<svg viewBox=\"0 0 60 16\" preserveAspectRatio=\"none\" role=\"img\"");
    raw(" aria-label=\"Requests per second in the last minute, at most ");
    raw(Texts.decimal(most)).raw("\">");
    for (StatusHistory.Interval interval : course) {
      double width = StatusHistory.Interval.seconds(interval.over());
      double x = 60 - StatusHistory.Interval.seconds(interval.end()) - width;
      double height = 16 * interval.accesses() / most;
      raw(
          String.format(
              Locale.ROOT,
              "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>",
              x,
              16 - height,
              width * 0.8,
              height));
    }
    raw("</svg>");
  }

  private void scoreboard() {
    Scoreboard scoreboard = view.scoreboard();
    raw("<section>\n<h2>Scoreboard</h2>\n<div class=\"board\">\n");
    int open = scoreboard.slots();
    for (MpmStatus.Child child : status.children()) {
      String letters = child.letters();
      open -= letters.length();
      raw("<div class=\"row\"><span class=\"slot\">").number(child.id().slot()).raw("</span>");
      raw("<div class=\"cells\" role=\"img\" aria-label=\"child ").number(child.id().slot());
      raw(": ").text(letters).raw("\">");
      letters.chars().forEach(letter -> cell((char) letter));
      raw("</div></div>\n");
    }
    if (open > 0) {
      raw("<div class=\"row\"><span class=\"slot\">free</span><div class=\"cells\" role=\"img\"");
      raw(" aria-label=\"").number(open).raw(" workers of children that are not there\">");
      for (int i = 0; i < Math.min(open, MOST_OPEN); i++) {
        cell('.');
      }
      raw("</div>");
      if (open > MOST_OPEN) {
        raw("<span class=\"note\">and ").number(open - MOST_OPEN).raw(" more</span>");
      }
      raw("</div>\n");
    }
    raw("</div>\n<ul class=\"key\">\n");
    key(WorkerStatus.READY, "idle");
    key(WorkerStatus.BUSY_READ, "reading a request");
    key(WorkerStatus.BUSY_WRITE, "working, sending the answer");
    key(WorkerStatus.BUSY_KEEPALIVE, "kept by keep-alive");
    key(WorkerStatus.CLOSING, "closing");
    key(WorkerStatus.GRACEFUL, "finishing in a child that ends");
    key(WorkerStatus.STARTING, "starting");
    key(WorkerStatus.DEAD, "no worker");
    raw("</ul>\n</section>\n");
  }

  private void cell(char letter) {
    raw("<i class=\"").raw(style(letter)).raw("\">").raw(String.valueOf(letter)).raw("</i>");
  }

  /// The class of a letter: a word that begins with a letter of the alphabet.
  private static String style(char letter) {
    return switch (letter) {
      case '_' -> "s-idle";
      case '.' -> "s-open";
      default -> "s-" + Character.toLowerCase(letter);
    };
  }

  private void key(WorkerStatus worker, String meaning) {
    raw("<li>");
    cell(worker.letter());
    raw(" ").raw(meaning).raw(" <b>").number(view.scoreboard().count(worker)).raw("</b></li>\n");
  }

  private record Live(MpmStatus.Child child, MpmStatus.Worker worker) {}

  private void requests() {
    List<Live> live = new ArrayList<>();
    for (MpmStatus.Child child : status.children()) {
      for (MpmStatus.Worker worker : child.threads()) {
        if (worker.status().busy() && worker.status() != WorkerStatus.STARTING) {
          live.add(new Live(child, worker));
        }
      }
    }
    live.sort(Comparator.comparing((Live it) -> it.worker().since()).reversed());
    raw("<section>\n<h2>Requests being served <small>").number(live.size());
    raw(", longest first</small></h2>\n");
    if (live.isEmpty()) {
      raw("<p class=\"note\">None.</p>\n</section>\n");
      return;
    }
    raw("<table class=\"requests\">\n<thead><tr><th class=\"n\">Time</th><th>Is</th>");
    raw("<th class=\"n\">Slot</th><th class=\"n\">PID</th><th>Client</th><th>Request</th>");
    raw("</tr></thead>\n<tbody>\n");
    for (Live it : live.subList(0, Math.min(live.size(), MOST_REQUESTS))) {
      raw("<tr>");
      column("Time", "n", Texts.time(it.worker().since()));
      raw("<td data-name=\"Is\">");
      cell(it.worker().status().letter());
      raw("</td>");
      column("Slot", "n", Integer.toString(it.child().id().slot()));
      column("PID", "n", Integer.toString(it.child().id().pid()));
      column("Client", "client", it.worker().client());
      column("Request", "request", it.worker().request());
      raw("</tr>\n");
    }
    raw("</tbody>\n</table>\n");
    if (live.size() > MOST_REQUESTS) {
      raw("<p class=\"note\">and ").number(live.size() - MOST_REQUESTS).raw(" more</p>\n");
    }
    raw("</section>\n");
  }

  private void children() {
    raw("<section>\n<h2>Children</h2>\n<table class=\"children\">\n<thead><tr>");
    for (String name : new String[] {"Slot", "PID", "Gen"}) {
      raw("<th class=\"n\">").raw(name).raw("</th>");
    }
    raw("<th>State</th>");
    for (String name :
        new String[] {
          "Age",
          "Memory",
          "Busy",
          "Idle",
          "Conns",
          "active",
          "reading",
          "writing",
          "kept",
          "closing",
          "suspended",
          "Requests"
        }) {
      raw("<th class=\"n\">").raw(name).raw("</th>");
    }
    raw("</tr></thead>\n<tbody>\n");
    status.children().forEach(this::child);
    raw("</tbody>\n</table>\n");
    ended();
    raw("</section>\n");
  }

  private void child(MpmStatus.Child child) {
    MpmStatus.Connections states = child.states();
    Scoreboard letters = new Scoreboard(child.letters());
    raw("<tr>");
    column("Slot", "n", Integer.toString(child.id().slot()));
    column("PID", "n", Integer.toString(child.id().pid()));
    column("Gen", "n", Integer.toString(child.id().generation()));
    raw("<td data-name=\"State\"><span class=\"chip ").raw(Texts.word(child.state())).raw("\">");
    text(Texts.word(child.state())).raw("</span>");
    if (!child.why().isEmpty()) {
      raw(" <span class=\"why\">").text(firstLine(child.why())).raw("</span>");
    }
    raw("</td>");
    column("Age", "n", Texts.time(child.age()));
    column(
        "Memory",
        "n",
        child.residentBytes() == 0 ? "–" : Texts.bytes((double) child.residentBytes()));
    count("Busy", letters.busy() + letters.graceful());
    count("Idle", letters.idle());
    count("Conns", child.connections());
    count("active", states.active());
    count("reading", states.reading());
    count("writing", states.writing());
    count("kept", states.keepAlive());
    count("closing", states.closing());
    count("suspended", states.suspended());
    column("Requests", "n", Texts.whole(child.counters().accesses()));
    raw("</tr>\n");
  }

  private void count(String name, int value) {
    column(name, value == 0 ? "n zero" : "n", Integer.toString(value));
  }

  private void column(String name, String style, String value) {
    raw("<td class=\"").raw(style).raw("\" data-name=\"").raw(name).raw("\">").text(value);
    raw("</td>");
  }

  private void ended() {
    if (status.ended().isEmpty()) {
      return;
    }
    raw("<details class=\"note\">\n<summary>").number(status.ended().size());
    raw(status.ended().size() == 1 ? " slot" : " slots");
    raw(" without a child: how the last one ended</summary>\n<ul>\n");
    for (MpmStatus.Ended ended : status.ended()) {
      raw("<li>").text(ended.id() + ": " + ended.how()).raw("</li>\n");
    }
    raw("</ul>\n</details>\n");
  }

  private void recent() {
    raw("<section>\n<h2>Recent events</h2>\n");
    if (status.recent().isEmpty()) {
      raw("<p class=\"note\">None.</p>\n</section>\n");
      return;
    }
    raw("<ol class=\"events\">\n");
    for (MpmStatus.Happening happening : status.recent()) {
      Duration ago = Duration.between(happening.at(), status.at());
      raw("<li><time title=\"").raw(clock(happening.at())).raw("\">");
      raw(Texts.time(ago.isNegative() ? Duration.ZERO : ago)).raw(" ago</time> <span>");
      text(happening.text()).raw("</span></li>\n");
    }
    raw("</ol>\n</section>\n");
  }

  private String clock(Instant instant) {
    return CLOCK.format(instant.atZone(view.zone()));
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  private static String decimals(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private HtmlText raw(String markup) {
    html.append(markup);
    return this;
  }

  private HtmlText text(String text) {
    html.append(Texts.escaped(text));
    return this;
  }

  private HtmlText number(long value) {
    html.append(value);
    return this;
  }
}
