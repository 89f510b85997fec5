package org.mpm4j.status;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.mpm4j.MpmStatus;
import org.mpm4j.ProcessModel;

/// The page for programs: httpd's keys in httpd's order, as of its version 2.4.63.
final class AutoText {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("EEEE, dd-MMM-yyyy HH:mm:ss zzz", Locale.US);
  private static final MathContext SIX_DIGITS = new MathContext(6, RoundingMode.HALF_EVEN);
  private static final int PERCENT = 100;

  private final StringBuilder text = new StringBuilder();
  private final View view;

  private AutoText(View view) {
    this.view = view;
  }

  static String of(View view) {
    return new AutoText(view).render();
  }

  private String render() {
    MpmStatus status = view.status();
    long uptime = view.uptime().toSeconds();
    text.append(Texts.line(view.serverName())).append('\n');
    line("ServerVersion", Build.THIS.server());
    line("ServerMPM", status.model().httpdName());
    line("Server Built", Build.THIS.built());
    line("CurrentTime", time(status.at()));
    line("RestartTime", time(status.startedAt()));
    line("ParentServerConfigGeneration", status.generation() + 1);
    line("ParentServerMPMGeneration", status.generation());
    line("ServerUptimeSeconds", uptime);
    text.append("ServerUptime:").append(words(uptime)).append('\n');
    Machine.Load load = view.machine().load();
    line("Load1", String.format(Locale.ROOT, "%.2f", load.one()));
    line("Load5", String.format(Locale.ROOT, "%.2f", load.five()));
    line("Load15", String.format(Locale.ROOT, "%.2f", load.fifteen()));
    extended(status.totals(), uptime);
    workers(status);
    line("Scoreboard", view.scoreboard().letters());
    return text.toString();
  }

  private void extended(MpmStatus.Counters totals, long uptime) {
    line("Total Accesses", totals.accesses());
    line("Total kBytes", totals.bytes() >> 10);
    line("Total Duration", totals.busy().toMillis());
    Machine.Cpu cpu = view.machine().cpu();
    line("CPUUser", number(cpu.user()));
    line("CPUSystem", number(cpu.system()));
    line("CPUChildrenUser", number(cpu.childrenUser()));
    line("CPUChildrenSystem", number(cpu.childrenSystem()));
    if (cpu.total() > 0 && uptime > 0) {
      line("CPULoad", number(cpu.total() / uptime * PERCENT));
    }
    line("Uptime", uptime);
    if (uptime > 0) {
      line("ReqPerSec", number((double) totals.accesses() / uptime));
      line("BytesPerSec", number((double) totals.bytes() / uptime));
    }
    if (totals.accesses() > 0) {
      line("BytesPerReq", number((double) totals.bytes() / totals.accesses()));
      line("DurationPerReq", number((double) totals.busy().toMillis() / totals.accesses()));
    }
  }

  private void workers(MpmStatus status) {
    line("BusyWorkers", view.scoreboard().busy());
    line("GracefulWorkers", view.scoreboard().graceful());
    line("IdleWorkers", view.scoreboard().idle());
    if (status.model() == ProcessModel.EVENT) {
      MpmStatus.Connections connections = Scoreboard.connections(status);
      line("Processes", status.children().size());
      line("Stopping", Scoreboard.stopping(status));
      line("ConnsTotal", Scoreboard.connectionsTotal(status));
      line("ConnsAsyncWaitIO", connections.reading());
      line("ConnsAsyncWriting", connections.writing());
      line("ConnsAsyncKeepAlive", connections.keepAlive());
      line("ConnsAsyncClosing", connections.closing());
    }
  }

  private void line(String key, long value) {
    line(key, Long.toString(value));
  }

  private void line(String key, String value) {
    text.append(key).append(": ").append(value).append('\n');
  }

  private String time(Instant instant) {
    return TIME.format(instant.atZone(view.zone()));
  }

  /// As C's `%g`, but that httpd's has no zero before the point: `.00259347`, `12.5`, `1.2e-05`.
  static String number(double value) {
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded = new BigDecimal(value, SIX_DIGITS).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent < -4 || exponent >= SIX_DIGITS.getPrecision()) {
      String digits = rounded.movePointLeft(exponent).stripTrailingZeros().toPlainString();
      return "%se%s%02d".formatted(digits, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
    return rounded.toPlainString().replaceFirst("^(-?)0\\.", "$1.");
  }

  /// ` 1 day 2 hours 1 second`: what is zero is left out.
  static String words(long seconds) {
    Duration uptime = Duration.ofSeconds(seconds);
    String words =
        unit(uptime.toDaysPart(), "day")
            + unit(uptime.toHoursPart(), "hour")
            + unit(uptime.toMinutesPart(), "minute")
            + unit(uptime.toSecondsPart(), "second");
    return words.isEmpty() ? " 0 seconds" : words;
  }

  private static String unit(long count, String name) {
    return count == 0 ? "" : " " + count + " " + name + (count == 1 ? "" : "s");
  }
}
