package org.mpm4j;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// A kind of value that a directive takes: how it is read, checked and written.
///
/// A refusal is an [IllegalArgumentException] whose message says what the value is and what was
/// expected, worded to follow the directive's name and a colon.
///
/// @param <T> the type of the value in Java
sealed interface ValueKind<T>
    permits Quantity,
        ValueKind.Switch,
        ValueKind.Policy,
        ValueKind.FilePath,
        ValueKind.SocketFile,
        ValueKind.ClassPath,
        ValueKind.Account,
        ValueKind.ReadTimeout,
        ValueKind.AcceptFilter {
  /// The type of the value.
  Class<T> type();

  /// How many arguments the directive takes at most; it needs at least one.
  default int mostArguments() {
    return 1;
  }

  /// What would be right, as in `1 to 20000`.
  String expectation(ProcessModel model);

  /// Reads and checks the arguments.
  T read(List<String> arguments, ProcessModel model);

  /// Checks a value that Java code gave.
  void check(T value, ProcessModel model);

  /// The arguments that read back as `value`.
  List<String> write(T value);

  /// A refusal of the value shown.
  default IllegalArgumentException refusal(String shown, String what, ProcessModel model) {
    return new IllegalArgumentException(shown + " " + what + "; expected " + expectation(model));
  }

  /// `On` or `Off`.
  record Switch() implements ValueKind<Boolean> {
    @Override
    public Class<Boolean> type() {
      return Boolean.class;
    }

    @Override
    public String expectation(ProcessModel model) {
      return "On or Off";
    }

    @Override
    public Boolean read(List<String> arguments, ProcessModel model) {
      String text = arguments.getFirst();
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "on" -> true;
        case "off" -> false;
        default -> throw refusal(Syntax.shown(text), "is not a switch", model);
      };
    }

    @Override
    public void check(Boolean value, ProcessModel model) {}

    @Override
    public List<String> write(Boolean value) {
      return List.of(value ? "On" : "Off");
    }
  }

  /// A [ProcessPolicy].
  record Policy() implements ValueKind<ProcessPolicy> {
    @Override
    public Class<ProcessPolicy> type() {
      return ProcessPolicy.class;
    }

    @Override
    public String expectation(ProcessModel model) {
      return "dynamic, static or ondemand";
    }

    @Override
    public ProcessPolicy read(List<String> arguments, ProcessModel model) {
      String text = arguments.getFirst();
      for (ProcessPolicy policy : ProcessPolicy.values()) {
        if (policy.directiveName().equalsIgnoreCase(text)) {
          return policy;
        }
      }
      throw refusal(Syntax.shown(text), "is not a policy", model);
    }

    @Override
    public void check(ProcessPolicy value, ProcessModel model) {}

    @Override
    public List<String> write(ProcessPolicy value) {
      return List.of(value.directiveName());
    }
  }

  /// The name of a file.
  record FilePath() implements ValueKind<Path> {
    @Override
    public Class<Path> type() {
      return Path.class;
    }

    @Override
    public String expectation(ProcessModel model) {
      return "the name of a file";
    }

    @Override
    public Path read(List<String> arguments, ProcessModel model) {
      String text = arguments.getFirst();
      try {
        Path path = Path.of(text);
        check(path, model);
        return path;
      } catch (InvalidPathException _) {
        throw refusal(Syntax.shown(text), "is not a path", model);
      }
    }

    @Override
    public void check(Path value, ProcessModel model) {
      String text = value.toString();
      if (text.isEmpty()) {
        throw refusal("\"\"", "is empty", model);
      }
      Syntax.requireWritable(text);
    }

    @Override
    public List<String> write(Path value) {
      return List.of(value.toString());
    }
  }

  /// The name of the file of a Unix-domain socket, or `none`.
  record SocketFile() implements ValueKind<Path> {
    /// Stands for no socket; a file of that name is `./none`.
    static final Path NONE = Path.of("none");

    private static final FilePath FILE = new FilePath();

    @Override
    public Class<Path> type() {
      return Path.class;
    }

    @Override
    public String expectation(ProcessModel model) {
      return "the name of a socket, at most "
          + ListenAddress.LONGEST_UNIX_PATH
          + " bytes long, or none";
    }

    @Override
    public Path read(List<String> arguments, ProcessModel model) {
      if (arguments.getFirst().equalsIgnoreCase(NONE.toString())) {
        return NONE;
      }
      Path value = FILE.read(arguments, model);
      check(value, model);
      return value;
    }

    @Override
    public void check(Path value, ProcessModel model) {
      FILE.check(value, model);
      if (!ListenAddress.fits(value)) {
        throw refusal(Syntax.shown(value.toString()), "is too long", model);
      }
    }

    @Override
    public List<String> write(Path value) {
      return FILE.write(value);
    }
  }

  /// Directories and archives of classes, parted by colons as in the JVM's option `-cp`.
  record ClassPath() implements ValueKind<ClassPath.Entries> {
    private static final FilePath FILE = new FilePath();

    /// The value, since a list has no class of its own.
    record Entries(List<Path> paths) {
      Entries {
        paths = List.copyOf(paths);
      }

      @Override
      public String toString() {
        return String.join(":", paths.stream().map(Path::toString).toList());
      }
    }

    @Override
    public Class<Entries> type() {
      return Entries.class;
    }

    @Override
    public String expectation(ProcessModel model) {
      return "directories and archives parted by :, as in app.jar:lib/*";
    }

    @Override
    public Entries read(List<String> arguments, ProcessModel model) {
      String text = arguments.getFirst();
      List<Path> paths = new ArrayList<>();
      for (String path : text.split(":", -1)) {
        if (path.isEmpty()) {
          throw refusal(Syntax.shown(text), "has an empty entry", model);
        }
        paths.add(FILE.read(List.of(path), model));
      }
      return new Entries(paths);
    }

    @Override
    public void check(Entries value, ProcessModel model) {
      if (value.paths().isEmpty()) {
        throw refusal("\"\"", "is empty", model);
      }
      for (Path path : value.paths()) {
        FILE.check(path, model);
        if (path.toString().contains(":")) {
          throw refusal(Syntax.shown(path.toString()), "contains a colon", model);
        }
      }
      Syntax.requireWritable(value.toString());
    }

    @Override
    public List<String> write(Entries value) {
      return List.of(value.toString());
    }
  }

  /// A user or a group of the operating system: its name, or `#` and its number.
  record Account() implements ValueKind<String> {
    /// Names of remote directories have more characters than POSIX allows, `EXAMPLE\someone`.
    private static final Pattern NAME = Pattern.compile("[^-#:/,\\s][^:/,\\s]{0,255}");

    private static final Pattern NUMBER = Pattern.compile("#[0-9]{1,10}");

    /// The highest number; the one above it means "do not change" to the kernel.
    private static final long HIGHEST = 0xffff_fffeL;

    @Override
    public Class<String> type() {
      return String.class;
    }

    @Override
    public String expectation(ProcessModel model) {
      return "a name, or # and a number from 0 to " + HIGHEST;
    }

    @Override
    public String read(List<String> arguments, ProcessModel model) {
      String text = arguments.getFirst();
      check(text, model);
      return text;
    }

    @Override
    public void check(String value, ProcessModel model) {
      Syntax.requireWritable(value);
      boolean number =
          NUMBER.matcher(value).matches() && Long.parseLong(value.substring(1)) <= HIGHEST;
      if (!number && !NAME.matcher(value).matches()) {
        throw refusal(Syntax.shown(value), "is neither a name nor a number", model);
      }
    }

    @Override
    public List<String> write(String value) {
      return List.of(value);
    }
  }

  /// The limits of [RequestReadTimeout], one argument for each stage.
  record ReadTimeout() implements ValueKind<RequestReadTimeout> {
    @Override
    public Class<RequestReadTimeout> type() {
      return RequestReadTimeout.class;
    }

    @Override
    public int mostArguments() {
      return 2;
    }

    @Override
    public String expectation(ProcessModel model) {
      return RequestReadTimeout.DEFAULT.toString();
    }

    @Override
    public RequestReadTimeout read(List<String> arguments, ProcessModel model) {
      String text = String.join(" ", arguments);
      try {
        return RequestReadTimeout.parse(text);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            Syntax.shown(text)
                + ": "
                + e.getMessage()
                + "; expected a form such as "
                + expectation(model),
            e);
      }
    }

    @Override
    public void check(RequestReadTimeout value, ProcessModel model) {}

    @Override
    public List<String> write(RequestReadTimeout value) {
      return List.of(value.toString().split(" ", -1));
    }
  }

  /// Whether the kernel holds a connection back until data has come: `http data` or `http none`.
  record AcceptFilter() implements ValueKind<Boolean> {
    @Override
    public Class<Boolean> type() {
      return Boolean.class;
    }

    @Override
    public int mostArguments() {
      return 2;
    }

    @Override
    public String expectation(ProcessModel model) {
      return "http data or http none";
    }

    @Override
    public Boolean read(List<String> arguments, ProcessModel model) {
      String text = String.join(" ", arguments);
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "http data" -> true;
        case "http none" -> false;
        default -> throw refusal(Syntax.shown(text), "is not an accept filter", model);
      };
    }

    @Override
    public void check(Boolean value, ProcessModel model) {}

    @Override
    public List<String> write(Boolean value) {
      return List.of("http", value ? "data" : "none");
    }
  }
}
