package org.mpm4j;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/// Reads text in httpd's syntax into statements: joins continued lines, leaves comments out and
/// nests sections. What is wrong with that becomes a problem, and reading goes on.
final class StatementReader {
  /// Sections in sections, at most; whoever walks over the statements may recurse.
  static final int DEEPEST = 64;

  private final Location whole;
  private final boolean numbered;
  private final Draft draft;
  private final List<Statement> statements = new ArrayList<>();
  private final Deque<Statement> open = new ArrayDeque<>();

  private StatementReader(Location whole, boolean numbered, Draft draft) {
    this.whole = whole;
    this.numbered = numbered;
    this.draft = draft;
  }

  /// Reads the text of a file; problems are located by line.
  static List<Statement> file(String sourceName, String text, Draft draft) {
    return new StatementReader(new Location(sourceName, 0), true, draft).read(text);
  }

  /// Reads a directive that stands by itself, such as an override; problems are located by
  /// `source`.
  static List<Statement> single(Location source, String text, Draft draft) {
    return new StatementReader(source, false, draft).read(text);
  }

  private List<Statement> read(String text) {
    StringBuilder logical = new StringBuilder();
    int first = 1;
    int number = 0;
    int start = text.startsWith("\uFEFF") ? 1 : 0;
    while (start < text.length()) {
      int newline = text.indexOf('\n', start);
      int end = newline < 0 ? text.length() : newline;
      int stripped = end > start && text.charAt(end - 1) == '\r' ? end - 1 : end;
      number++;
      if (stripped > start && text.charAt(stripped - 1) == '\\') {
        logical.append(text, start, stripped - 1);
      } else {
        logical.append(text, start, stripped);
        line(logical.toString(), at(first));
        logical.setLength(0);
        first = number + 1;
      }
      start = end + 1;
    }
    line(logical.toString(), at(first));
    for (Statement unclosed : open) {
      draft.problem(
          unclosed.location(),
          unclosed.title() + ": not closed; expected </" + unclosed.name() + "> after it");
    }
    return statements;
  }

  private Location at(int line) {
    return numbered ? new Location(whole.source(), line) : whole;
  }

  private void line(String raw, Location location) {
    String line = Syntax.trim(raw);
    if (line.isEmpty() || line.startsWith("#")) {
      return;
    }
    int control = line.chars().filter(Syntax::isControl).findFirst().orElse(-1);
    if (control >= 0) {
      draft.problem(
          location,
          Syntax.shown(line)
              + String.format(
                  Locale.ROOT, " contains the control character U+%04X; expected text", control));
      return;
    }
    if (line.startsWith("</")) {
      close(line, location);
    } else if (line.startsWith("<")) {
      open(line, location);
    } else {
      Statement statement = statement(line, false, location);
      if (Syntax.isName(statement.name())) {
        add(statement);
      } else {
        draft.problem(location, Syntax.shown(statement.name()) + " is not the name of a directive");
      }
    }
  }

  private void open(String line, Location location) {
    boolean complete = line.endsWith(">");
    String inner = line.substring(1, complete ? line.length() - 1 : line.length());
    Statement section = statement(inner, true, location);
    if (!Syntax.isName(section.name())) {
      draft.problem(location, Syntax.shown(line) + " has no name; expected <Name arguments>");
      return;
    }
    if (!complete) {
      draft.problem(location, section.title() + ": " + Syntax.shown(line) + " does not end in >");
    }
    if (open.size() < DEEPEST) {
      add(section);
    } else if (open.size() == DEEPEST) {
      draft.problem(location, section.title() + ": more than " + DEEPEST + " sections in sections");
    }
    open.push(section);
  }

  private void close(String line, Location location) {
    String name = line.endsWith(">") ? Syntax.trim(line.substring(2, line.length() - 1)) : "";
    if (name.isEmpty()) {
      draft.problem(location, Syntax.shown(line) + " closes nothing; expected </Name>");
      return;
    }
    Statement innermost = open.peek();
    if (innermost == null) {
      draft.problem(location, Syntax.shown(line) + " closes a section that was not opened");
      return;
    }
    if (!innermost.named(name)) {
      draft.problem(
          location,
          Syntax.shown(line)
              + " does not close "
              + innermost.title()
              + " of "
              + innermost.location()
              + "; expected </"
              + innermost.name()
              + ">");
      if (open.stream().noneMatch(section -> section.named(name))) {
        return;
      }
    }
    while (!open.pop().named(name)) {
      // the sections left open inside the one that is closed: the problem above covers them
    }
  }

  private void add(Statement statement) {
    Statement parent = open.peek();
    (parent == null ? statements : parent.children()).add(statement);
  }

  private static Statement statement(String text, boolean section, Location location) {
    int end = 0;
    while (end < text.length() && !Syntax.isBlank(text.charAt(end))) {
      end++;
    }
    return new Statement(
        text.substring(0, end), Syntax.trim(text.substring(end)), section, location);
  }
}
