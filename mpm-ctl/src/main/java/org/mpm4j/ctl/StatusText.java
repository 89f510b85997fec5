package org.mpm4j.ctl;

/// A status for people: one screen, no colours.
final class StatusText {
  private static final String ROW = "%4s  %8s  %10s  %-8s  %9s  %11s  %12s  %8s  %s";

  private StatusText() {}

  static String of(Status status) {
    long pinned = status.number("pinned");
    StringBuilder text =
        new StringBuilder(
            """
            %s MPM, generation %s, %s for %s, pid %s
            children:    %d of at most %s, %s
            workers:     %s busy of %s
            breaker:     %s
            last reload: %s

            """
                .formatted(
                    status.text("model"),
                    status.text("generation"),
                    status.text("phase"),
                    time(status.number("uptime")),
                    status.text("pid"),
                    status.children().size(),
                    status.text("child-limit"),
                    pinned > 0 ? "fixed at " + pinned : "following the load",
                    status.text("busy"),
                    status.text("workers"),
                    breaker(status.outcome("breaker")),
                    reload(status.outcome("last-reload"))));
    text.append(
        ROW.formatted(
            "SLOT",
            "PID",
            "GENERATION",
            "STATE",
            "AGE",
            "CONNECTIONS",
            "BUSY/THREADS",
            "MEMORY",
            "WHY"));
    for (Status.Child child : status.children()) {
      String row =
          ROW.formatted(
              child.slot(),
              child.pid(),
              child.generation(),
              child.state(),
              time(child.age()),
              child.connections(),
              child.busy() + "/" + child.workers(),
              memory(child.memory()),
              firstLine(child.why()));
      text.append('\n').append(row.stripTrailing());
    }
    return text.append('\n').toString();
  }

  /// The letters of all workers, a line for each child.
  ///
  /// @param colours whether letters other than idle ones are to stand out in a terminal
  static String grid(Status status, boolean colours) {
    StringBuilder text = new StringBuilder("\n");
    for (Status.Child child : status.children()) {
      text.append("%4d  ".formatted(child.slot()));
      for (int i = 0; i < child.letters().length(); i++) {
        char letter = child.letters().charAt(i);
        String colour = colours ? colour(letter) : "";
        text.append(colour).append(letter).append(colour.isEmpty() ? "" : "\u001b[0m");
      }
      text.append('\n');
    }
    return text.append(
            "\n_ idle  R reading  W working  K keep-alive  C closing  G finishing  S starting"
                + "  . none\n")
        .toString();
  }

  private static String colour(char letter) {
    return switch (letter) {
      case 'W' -> "\u001b[1;34m";
      case 'R' -> "\u001b[34m";
      case 'K' -> "\u001b[36m";
      case 'C' -> "\u001b[35m";
      case 'G' -> "\u001b[31m";
      case 'S' -> "\u001b[33m";
      default -> "";
    };
  }

  private static String breaker(Status.Outcome breaker) {
    String text = breaker.word() + ", " + breaker.first() + " unexpected deaths of late";
    if (breaker.second() > 0) {
      text += ", next start in " + breaker.second() + " ms";
    }
    return breaker.why().isEmpty() ? text : text + ": " + firstLine(breaker.why());
  }

  private static String reload(Status.Outcome reload) {
    return switch (reload.word()) {
      case "" -> "none";
      case "succeeded" -> "succeeded after " + reload.second() + " ms";
      default -> reload.word() + ": " + firstLine(reload.why());
    };
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  /// `45s`, `12m05s`, `3h07m`, `4d11h`.
  static String time(long seconds) {
    if (seconds < 60) {
      return seconds + "s";
    } else if (seconds < 3600) {
      return "%dm%02ds".formatted(seconds / 60, seconds % 60);
    } else if (seconds < 86_400) {
      return "%dh%02dm".formatted(seconds / 3600, seconds % 3600 / 60);
    }
    return "%dd%02dh".formatted(seconds / 86_400, seconds % 86_400 / 3600);
  }

  private static String memory(long bytes) {
    return bytes == 0 ? "-" : (bytes >> 20) + " MiB";
  }
}
