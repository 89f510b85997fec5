package org.mpm4j;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How long a client may take to send a request, as httpd's `RequestReadTimeout`.
///
/// @param header the limits for the request line and the header
/// @param body the limits for the body
public record RequestReadTimeout(Stage header, Stage body) {
  /// httpd's default, `header=20-40,MinRate=500 body=20,MinRate=500`.
  public static final RequestReadTimeout DEFAULT =
      new RequestReadTimeout(Stage.seconds(20, 40, 500), Stage.seconds(20, 0, 500));

  private static final Pattern STAGE =
      Pattern.compile("(header|body)=([0-9]{1,9})(?:-([0-9]{1,9}))?(?:,minrate=([0-9]{1,9}))?");

  /// The limits for one part of a request.
  ///
  /// A client has `initial` to send that part. With a `minRate` it gains one second for so many
  /// bytes that it sends, until `maximum` has passed.
  ///
  /// @param initial the time allowed at first, in whole seconds; zero switches the stage off
  /// @param maximum the time that a sending client can gain at most, in whole seconds; zero for no
  ///   maximum
  /// @param minRate the bytes that gain a second; 0 if nothing does
  public record Stage(Duration initial, Duration maximum, int minRate) {
    private static final Duration LONGEST = Duration.ofDays(365);

    /// A stage without limits.
    public static final Stage OFF = seconds(0, 0, 0);

    /// Checks that the limits fit together.
    ///
    /// @throws IllegalArgumentException if they do not
    public Stage {
      requireWholeSeconds(initial);
      requireWholeSeconds(maximum);
      if (minRate < 0) {
        throw new IllegalArgumentException("MinRate " + minRate + " is negative");
      }
      if (!maximum.isZero() && minRate == 0) {
        throw new IllegalArgumentException("a range needs MinRate, as in 20-40,MinRate=500");
      }
      if (!maximum.isZero() && maximum.compareTo(initial) <= 0) {
        throw new IllegalArgumentException(
            "the maximum must be larger than the initial "
                + initial.toSeconds()
                + ", not "
                + maximum.toSeconds());
      }
    }

    /// A stage with times in seconds.
    ///
    /// @param initial the time allowed at first; 0 switches the stage off
    /// @param maximum the time that a sending client can gain at most; 0 for no maximum
    /// @param minRate the bytes that gain a second; 0 if nothing does
    /// @return the stage
    public static Stage seconds(int initial, int maximum, int minRate) {
      return new Stage(Duration.ofSeconds(initial), Duration.ofSeconds(maximum), minRate);
    }

    /// Whether the stage has a limit.
    ///
    /// @return false if the initial time is zero
    public boolean enabled() {
      return !initial.isZero();
    }

    private static void requireWholeSeconds(Duration time) {
      if (time.isNegative() || time.toNanosPart() != 0 || time.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException(
            time + " is not a whole number of seconds from 0 to " + LONGEST.toSeconds());
      }
    }

    @Override
    public String toString() {
      return initial.toSeconds()
          + (maximum.isZero() ? "" : "-" + maximum.toSeconds())
          + (minRate == 0 ? "" : ",MinRate=" + minRate);
    }
  }

  /// Checks the components.
  public RequestReadTimeout {
    Objects.requireNonNull(header, "header");
    Objects.requireNonNull(body, "body");
  }

  /// Reads httpd's syntax. A stage that is not mentioned keeps its default.
  ///
  /// @param text for example `header=20-40,MinRate=500 body=0`
  /// @return the limits
  /// @throws IllegalArgumentException if the text is not of that form
  public static RequestReadTimeout parse(String text) {
    RequestReadTimeout result = DEFAULT;
    for (String word : text.strip().split("\\s+", -1)) {
      result = result.with(word);
    }
    return result;
  }

  private RequestReadTimeout with(String word) {
    Matcher stage = STAGE.matcher(word.toLowerCase(Locale.ROOT));
    if (!stage.matches()) {
      throw new IllegalArgumentException("not of the form stage=seconds-seconds,MinRate=bytes");
    }
    Stage limits = Stage.seconds(number(stage, 2), number(stage, 3), number(stage, 4));
    return stage.group(1).equals("header")
        ? new RequestReadTimeout(limits, body)
        : new RequestReadTimeout(header, limits);
  }

  private static int number(Matcher stage, int group) {
    String digits = stage.group(group);
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  /// The limits in httpd's syntax.
  @Override
  public String toString() {
    return "header=" + header + " body=" + body;
  }
}
