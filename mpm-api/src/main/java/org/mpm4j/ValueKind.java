package org.mpm4j;

import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A kind of value that a directive takes: how it is read, checked and written.
///
/// A refusal is an [IllegalArgumentException] whose message says what the value is and what was
/// expected, worded to follow the directive's name and a colon.
///
/// @param <T> the type of the value in Java
sealed interface ValueKind<T> {
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

  /// An integer from `least` to `most`. A lenient one refuses only what is negative or no number at
  /// all: the rules of [PoolLimits] correct the rest.
  record WholeNumber(int least, ToIntFunction<ProcessModel> most, boolean lenient)
      implements ValueKind<Integer> {
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");
    private static final Pattern NEGATIVE = Pattern.compile("-[0-9]+");

    static WholeNumber atLeast(int least) {
      return new WholeNumber(least, _ -> Integer.MAX_VALUE, false);
    }

    static WholeNumber corrected(int least, ToIntFunction<ProcessModel> most) {
      return new WholeNumber(least, most, true);
    }

    @Override
    public Class<Integer> type() {
      return Integer.class;
    }

    @Override
    public String expectation(ProcessModel model) {
      return least + " to " + most.applyAsInt(model);
    }

    @Override
    public Integer read(List<String> arguments, ProcessModel model) {
      String text = arguments.getFirst();
      String shown = Syntax.shown(text);
      if (NEGATIVE.matcher(text).matches()) {
        throw refusal(shown, "is negative", model);
      }
      if (!DIGITS.matcher(text).matches()) {
        throw refusal(shown, "is not a whole number", model);
      }
      String digits = text.replaceFirst("^0+(?=.)", "");
      if (digits.length() > 10 || Long.parseLong(digits) > Integer.MAX_VALUE) {
        throw refusal(shown, "is too large", model);
      }
      int value = Integer.parseInt(digits);
      check(value, shown, model);
      return value;
    }

    @Override
    public void check(Integer value, ProcessModel model) {
      check(value, value.toString(), model);
    }

    private void check(int value, String shown, ProcessModel model) {
      if (value < 0) {
        throw refusal(shown, "is negative", model);
      }
      if (!lenient && value < least) {
        throw refusal(shown, "is too small", model);
      }
      if (!lenient && value > most.applyAsInt(model)) {
        throw refusal(shown, "is too large", model);
      }
    }

    @Override
    public List<String> write(Integer value) {
      return List.of(value.toString());
    }
  }

  /// The size of a socket buffer: 0 leaves it to the operating system, as in httpd the smallest
  /// other one is 512 bytes.
  record BufferSize() implements ValueKind<Integer> {
    private static final int SMALLEST = 512;
    private static final WholeNumber NUMBER = WholeNumber.atLeast(0);

    @Override
    public Class<Integer> type() {
      return Integer.class;
    }

    @Override
    public String expectation(ProcessModel model) {
      return "0 or " + SMALLEST + " to " + Integer.MAX_VALUE;
    }

    @Override
    public Integer read(List<String> arguments, ProcessModel model) {
      int value = NUMBER.read(arguments, model);
      check(value, model);
      return value;
    }

    @Override
    public void check(Integer value, ProcessModel model) {
      NUMBER.check(value, model);
      if (value > 0 && value < SMALLEST) {
        throw refusal(value.toString(), "is too small", model);
      }
    }

    @Override
    public List<String> write(Integer value) {
      return NUMBER.write(value);
    }
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

  /// A time: seconds, or a number with one of httpd's suffixes.
  ///
  /// @param least the shortest time allowed
  record Time(Duration least) implements ValueKind<Duration> {
    private static final Duration LONGEST = Duration.ofDays(365);
    private static final Pattern FORM = Pattern.compile("([0-9]{1,12})(ms|s|mi|min|h|)");

    @Override
    public Class<Duration> type() {
      return Duration.class;
    }

    @Override
    public String expectation(ProcessModel model) {
      return "a time from "
          + write(least).getFirst()
          + " to "
          + LONGEST.toSeconds()
          + " seconds, as in 5, 500ms, 2min or 1h";
    }

    @Override
    public Duration read(List<String> arguments, ProcessModel model) {
      String text = arguments.getFirst();
      Matcher time = FORM.matcher(text.toLowerCase(Locale.ROOT));
      if (!time.matches()) {
        throw refusal(Syntax.shown(text), "is not a time", model);
      }
      long number = Long.parseLong(time.group(1));
      Duration value =
          switch (time.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "mi", "min" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofSeconds(number);
          };
      check(value, Syntax.shown(text), model);
      return value;
    }

    @Override
    public void check(Duration value, ProcessModel model) {
      check(value, value.toString(), model);
    }

    private void check(Duration value, String shown, ProcessModel model) {
      if (value.isNegative()) {
        throw refusal(shown, "is negative", model);
      }
      if (value.compareTo(least) < 0) {
        throw refusal(shown, "is too short", model);
      }
      if (value.compareTo(LONGEST) > 0) {
        throw refusal(shown, "is too long", model);
      }
      if (value.toNanosPart() % 1_000_000 != 0) {
        throw refusal(shown, "is finer than a millisecond", model);
      }
    }

    @Override
    public List<String> write(Duration value) {
      return List.of(
          value.toNanosPart() == 0 ? String.valueOf(value.toSeconds()) : value.toMillis() + "ms");
    }
  }

  /// A decimal number above zero.
  record Fraction() implements ValueKind<Double> {
    private static final double LEAST = 0.001;
    private static final double MOST = 1_000_000;
    private static final Pattern FORM = Pattern.compile("[0-9]{1,7}(\\.[0-9]{1,20})?");

    @Override
    public Class<Double> type() {
      return Double.class;
    }

    @Override
    public String expectation(ProcessModel model) {
      return "a number from " + write(LEAST).getFirst() + " to " + write(MOST).getFirst();
    }

    @Override
    public Double read(List<String> arguments, ProcessModel model) {
      String text = arguments.getFirst();
      if (!FORM.matcher(text).matches()) {
        throw refusal(Syntax.shown(text), "is not a decimal number", model);
      }
      double value = Double.parseDouble(text);
      check(value, Syntax.shown(text), model);
      return value;
    }

    @Override
    public void check(Double value, ProcessModel model) {
      check(value, value.toString(), model);
    }

    private void check(double value, String shown, ProcessModel model) {
      if (!(value >= LEAST && value <= MOST)) {
        throw refusal(shown, "is out of range", model);
      }
    }

    @Override
    public List<String> write(Double value) {
      return List.of(new BigDecimal(value.toString()).stripTrailingZeros().toPlainString());
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
