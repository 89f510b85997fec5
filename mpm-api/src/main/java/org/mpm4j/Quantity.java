package org.mpm4j;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A kind of value that is a number, with a unit or without.
///
/// @param <T> the type of the value in Java
sealed interface Quantity<T> extends ValueKind<T> {
  /// An integer from `least` to `most`. A lenient one refuses only what is negative or no number at
  /// all: the rules of [PoolLimits] correct the rest.
  record WholeNumber(int least, ToIntFunction<ProcessModel> most, boolean lenient)
      implements Quantity<Integer> {
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
  record BufferSize() implements Quantity<Integer> {
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

  /// A time: seconds, or a number with one of httpd's suffixes.
  ///
  /// @param least the shortest time allowed
  /// @param orZero whether zero is allowed besides
  record Time(Duration least, boolean orZero) implements Quantity<Duration> {
    private static final Duration LONGEST = Duration.ofDays(365);
    private static final Pattern FORM = Pattern.compile("([0-9]{1,12})(ms|s|mi|min|h|)");

    static Time atLeast(Duration least) {
      return new Time(least, false);
    }

    static Time any() {
      return atLeast(Duration.ZERO);
    }

    @Override
    public Class<Duration> type() {
      return Duration.class;
    }

    @Override
    public String expectation(ProcessModel model) {
      return (orZero ? "0 or " : "")
          + "a time from "
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
      if (value.compareTo(least) < 0 && !(orZero && value.isZero())) {
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
  record Fraction() implements Quantity<Double> {
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

  /// An amount of memory: bytes, or a number with `K`, `M` or `G`; 0 for no limit.
  record MemorySize() implements Quantity<Long> {
    private static final long SMALLEST = 1L << 20;
    private static final long LARGEST = 1L << 50;
    private static final Pattern FORM = Pattern.compile("([0-9]{1,16})([KMG]?)");

    @Override
    public Class<Long> type() {
      return Long.class;
    }

    @Override
    public String expectation(ProcessModel model) {
      return "0 or "
          + write(SMALLEST).getFirst()
          + " to "
          + write(LARGEST).getFirst()
          + ", as in 300M or 2G";
    }

    @Override
    public Long read(List<String> arguments, ProcessModel model) {
      String text = arguments.getFirst();
      Matcher size = FORM.matcher(text.toUpperCase(Locale.ROOT));
      if (!size.matches()) {
        throw refusal(Syntax.shown(text), "is not a size", model);
      }
      long number = Long.parseLong(size.group(1));
      int shift = shift(size.group(2));
      if (number > LARGEST >> shift) {
        throw refusal(Syntax.shown(text), "is too large", model);
      }
      long value = number << shift;
      check(value, Syntax.shown(text), model);
      return value;
    }

    private static int shift(String unit) {
      return switch (unit) {
        case "K" -> 10;
        case "M" -> 20;
        case "G" -> 30;
        default -> 0;
      };
    }

    @Override
    public void check(Long value, ProcessModel model) {
      check(value, value.toString(), model);
    }

    private void check(long value, String shown, ProcessModel model) {
      if (value < 0) {
        throw refusal(shown, "is negative", model);
      }
      if (value > 0 && value < SMALLEST) {
        throw refusal(shown, "is too small", model);
      }
      if (value > LARGEST) {
        throw refusal(shown, "is too large", model);
      }
    }

    @Override
    public List<String> write(Long value) {
      for (String unit : List.of("G", "M", "K")) {
        int shift = shift(unit);
        if (value > 0 && value >> shift << shift == value) {
          return List.of((value >> shift) + unit);
        }
      }
      return List.of(value.toString());
    }
  }

  /// A whole percentage from `0%` to `most%`, in Java a fraction of 1.
  record Percentage(int most) implements Quantity<Double> {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,3})%");

    @Override
    public Class<Double> type() {
      return Double.class;
    }

    @Override
    public String expectation(ProcessModel model) {
      return "a whole percentage from 0% to " + most + "%";
    }

    @Override
    public Double read(List<String> arguments, ProcessModel model) {
      String text = arguments.getFirst();
      Matcher percentage = FORM.matcher(text);
      if (!percentage.matches()) {
        throw refusal(Syntax.shown(text), "is not a whole percentage", model);
      }
      double value = Integer.parseInt(percentage.group(1)) / 100.0;
      check(value, Syntax.shown(text), model);
      return value;
    }

    @Override
    public void check(Double value, ProcessModel model) {
      check(value, value.toString(), model);
    }

    private void check(double value, String shown, ProcessModel model) {
      if (!(value >= 0 && value <= most / 100.0)) {
        throw refusal(shown, "is out of range", model);
      }
      if (percent(value) / 100.0 != value) {
        throw refusal(shown, "is not a whole percentage", model);
      }
    }

    @Override
    public List<String> write(Double value) {
      return List.of(percent(value) + "%");
    }

    private static long percent(double value) {
      return Math.round(value * 100);
    }
  }

  /// A [Share] of the children.
  ///
  /// @param orNone whether none of them is allowed
  record ShareOfChildren(boolean orNone) implements Quantity<Share> {
    @Override
    public Class<Share> type() {
      return Share.class;
    }

    @Override
    public String expectation(ProcessModel model) {
      return orNone
          ? "a number of children or a percentage, as in 0, 2 or 25%"
          : "a number of children or a percentage above 0, as in 2 or 10%";
    }

    @Override
    public Share read(List<String> arguments, ProcessModel model) {
      String text = arguments.getFirst();
      Share value = Share.read(text).orElse(null);
      if (value == null) {
        throw refusal(Syntax.shown(text), "is not a share", model);
      }
      check(value, model);
      return value;
    }

    @Override
    public void check(Share value, ProcessModel model) {
      if (!orNone && value.none()) {
        throw refusal(Syntax.shown(value.toString()), "is too small", model);
      }
    }

    @Override
    public List<String> write(Share value) {
      return List.of(value.toString());
    }
  }
}
