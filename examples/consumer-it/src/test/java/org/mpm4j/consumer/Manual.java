package org.mpm4j.consumer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The blocks of code in `docs/embedding.md`. A comment before a block says what it is:
///
/// - `<!-- file: PATH -->`: all of a file of `examples/consumer`, from its first import on;
/// - `<!-- file: PATH, region NAME -->`: what stands between `region NAME` and `end NAME` there;
/// - `<!-- run: NAME -->`: a command that the tests run in that project;
/// - `<!-- prose -->`: nothing that could be compiled or run by itself.
record Manual(List<Block> blocks) {
  /// Where the tests run is a folder of its own, two below the root.
  static final Path ROOT = Path.of("..", "..");

  /// The user's project.
  static final Path CONSUMER = ROOT.resolve("examples/consumer");

  private static final Pattern MARK = Pattern.compile("<!-- (.+) -->");
  private static final Pattern FENCE = Pattern.compile("```(\\w*)");

  /// @param line where it begins, from 1
  /// @param language such as `java`, empty if it names none
  /// @param mark what the comment before it says, empty if there is none
  /// @param text its lines
  record Block(int line, String language, String mark, List<String> text) {
    /// What follows `kind` in its mark.
    Optional<String> marked(String kind) {
      return mark.startsWith(kind + ": ")
          ? Optional.of(mark.substring(kind.length() + 2))
          : Optional.empty();
    }

    @Override
    public String toString() {
      return "the block " + language + " in line " + line;
    }
  }

  static Manual read() throws IOException {
    return parse(Files.readAllLines(ROOT.resolve("docs/embedding.md")));
  }

  static Manual parse(List<String> lines) {
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      Matcher fence = FENCE.matcher(lines.get(i));
      if (fence.matches()) {
        int end = i + 1;
        while (!lines.get(end).equals("```")) {
          end++;
        }
        Matcher mark = MARK.matcher(i == 0 ? "" : lines.get(i - 1));
        blocks.add(
            new Block(
                i + 1,
                fence.group(1),
                mark.matches() ? mark.group(1) : "",
                List.copyOf(lines.subList(i + 1, end))));
        i = end;
      }
    }
    return new Manual(List.copyOf(blocks));
  }

  /// The lines of the command that is marked so, without comments and continued lines joined.
  String command(String name) {
    List<Block> found =
        blocks.stream().filter(b -> b.marked("run").equals(Optional.of(name))).toList();
    if (found.size() != 1) {
      throw new AssertionError("commands marked run: " + name + ": " + found);
    }
    return String.join("\n", found.getFirst().text());
  }

  /// What a block with `mark` must say.
  ///
  /// @param mark `PATH` or `PATH, region NAME`
  static List<String> source(String mark) throws IOException {
    int comma = mark.indexOf(", region ");
    Path file = CONSUMER.resolve(comma < 0 ? mark : mark.substring(0, comma));
    List<String> lines = Files.readAllLines(file);
    if (comma < 0) {
      int first = 0;
      while (!lines.get(first).startsWith("import ") && !lines.get(first).startsWith("module ")) {
        first++;
      }
      return lines.subList(first, lines.size());
    }
    String name = mark.substring(comma + ", region ".length());
    List<String> region =
        lines.subList(line(lines, "region " + name, file) + 1, line(lines, "end " + name, file));
    int indent =
        region.stream()
            .filter(line -> !line.isBlank())
            .mapToInt(line -> line.length() - line.stripLeading().length())
            .min()
            .orElseThrow();
    return region.stream().map(line -> line.isBlank() ? "" : line.substring(indent)).toList();
  }

  private static int line(List<String> lines, String comment, Path file) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).strip().equals("// " + comment)
          || lines.get(i).strip().equals("<!-- " + comment + " -->")) {
        return i;
      }
    }
    throw new AssertionError("no comment \"" + comment + "\" in " + file);
  }
}
